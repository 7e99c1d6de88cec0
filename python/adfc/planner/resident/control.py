"""What control takes of an inference: it sets up a step while the steps before are at work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from adfc.planner.graph import ceil_div
from adfc.planner.resident.partitions import HUB_CHANNELS, Partition
from adfc.spec.devices import Device

TASKS_OF_A_SET = 2
"""Tasks of a set in a step besides its cores': windows from a hub, a relay from the join."""

TAKE_TURNS = 2
"""Descriptors of a half of a hub's that are left to take turns: counted on programs of ours."""

WORDS_OF_A_DESCRIPTOR = 8
WORDS_OF_A_BLOCK = 13
"""Words of a block of descriptors that a hub is told: counted on programs of ours, rounded."""

OUTPUTS_STEP = 1
"""The first step with which control may start a channel that writes to DDR; the compiler counts the
input, too, as one (ResidentPhase.cpp)."""


class Controlled(Protocol):
    """What counts of a split: its sets, and the descriptors of their windows."""

    @property
    def grid(self) -> tuple[int, int]:
        """Groups of rows by groups of channels."""
        ...

    @property
    def rounds(self) -> int:
        """How often the cores do some of the channels."""
        ...

    @property
    def members(self) -> int:
        """Cores of a set that send results."""
        ...

    @property
    def descriptors(self) -> int:
        """Those of the windows of all sets."""
        ...

    @property
    def busy(self) -> tuple[int, ...]:
        """AIE cycles of a core, for each number of buffers."""
        ...


def sets_at_work(partition: Partition, split: Controlled) -> int:
    """Sets that have a part of a step."""
    return min(partition.sets, ceil_div(split.grid[1], split.members) * split.grid[0])


def senders(partition: Partition, split: Controlled) -> int:
    """Cores that send results of a step."""
    return min(sets_at_work(partition, split) * split.members, split.grid[0] * split.grid[1])


def start_cycles(partition: Partition, split: Controlled, device: Device) -> int:
    """AIE cycles in which control starts a step and waits for it: tasks that are pushed, for each
    set those of TASKS_OF_A_SET, one of a store for each hub and one for each core; a wait for each
    store; for each hub a lock of a tensor that is set back."""
    sets = sets_at_work(partition, split)
    stores = sets * partition.hubs
    writes = TASKS_OF_A_SET * sets + senders(partition, split) + stores + partition.hubs
    return writes * device.cycles("control_write_cycles") + stores * device.cycles(
        "control_read_cycles"
    )


def set_up_cycles(
    splits: Sequence[Controlled],
    finals: Sequence[bool],
    partition: Partition,
    device: Device,
    *,
    spare: bool = False,
) -> list[float]:
    """AIE cycles in which control sets up each step, once for each of its rounds. `finals`: whether
    the step's result leaves the array, for which each of its sets has a shim; these are started
    with the steps that have most time to `spare`, or as though none had, with one after the other.

    A hub's descriptors are halved between its even and odd channels. Where all steps together need
    no more than there are, each is written once for all inferences; else those beyond, again and
    again (lib/Transforms/Allocate/StepBds.cpp).
    """
    needs = [
        (split.descriptors * sets / partition.sets, sets * partition.hubs)
        for split in splits
        for sets in (sets_at_work(partition, split),)
    ]
    windows = sum(need[0] for need in needs) / partition.hubs
    stores = sum(need[1] for need in needs) / partition.hubs
    share = _written(windows, stores, partition, device.mem.bds // 2)
    block = _block(device)
    relays = _relays_written(splits, partition, device.mem.bds // 2)
    words = WORDS_OF_A_DESCRIPTOR * device.cycles("control_block_word_cycles")
    cycles = [
        start_cycles(partition, split, device)
        + share * sum(need) * block
        + relays * senders(partition, split) * words
        for split, need in zip(splits, needs, strict=True)
    ]
    drains = [
        own
        for own, (split, final) in enumerate(zip(splits, finals, strict=True))
        for _ in range(sets_at_work(partition, split) if final else 0)
    ]
    for drain, own in enumerate(drains):
        step = _most_spare(splits, cycles, own) if spare else OUTPUTS_STEP + drain
        step = min(step, len(splits) - 1)
        cycles[step] += (device.cycles("control_push_cold_cycles") + block) / splits[step].rounds
    return cycles


def _most_spare(splits: Sequence[Controlled], cycles: Sequence[float], own: int) -> int:
    """The step before `own` with which control has most time while the one before is at work, but
    for what it is behind with."""
    left, behind = {min(own, OUTPUTS_STEP): -math.inf}, 0.0
    for step in range(OUTPUTS_STEP, own):
        left[step] = splits[step - 1].busy[-1] - cycles[step] + behind
        behind = min(left[step], 0.0)
    return max(left, key=left.__getitem__)


def _written(windows: float, stores: float, partition: Partition, room: int) -> float:
    """The part of a hub's descriptors for `windows` and `stores` that is written for each
    inference, where each half has `room`."""
    sets_of_hub = ceil_div(partition.sets, partition.hubs)
    sent, received = (min(sets, HUB_CHANNELS) for sets in (sets_of_hub, partition.sets))
    beyond = 0.0
    for odd in (0, 1):
        need = (
            windows * ((sent + 1 - odd) // 2) / sets_of_hub
            + stores * ((received + 1 - odd) // 2) / partition.sets
        )
        if need > room:
            beyond += need - (room - TAKE_TURNS)
    return beyond / (windows + stores)


def _relays_written(splits: Sequence[Controlled], partition: Partition, room: int) -> float:
    """The same part of the joins' descriptors: a relay has one for each core of the set. Steps that
    are done alike have one split, and the same relays."""
    distinct = {id(split): split for split in splits}.values()
    need = sum(senders(partition, split) for split in distinct) / partition.sets
    # Half of the channels from the cores, and those from DDR, with two descriptors each.
    left = room - 2 * (partition.cores // 2 + 1) - TAKE_TURNS
    return max(0.0, need - left) / need


def _block(device: Device) -> int:
    """AIE cycles to write descriptors: a block of WORDS_OF_A_BLOCK."""
    further = WORDS_OF_A_BLOCK - 1
    return device.cycles("control_write_cycles") + further * device.cycles(
        "control_block_word_cycles"
    )
