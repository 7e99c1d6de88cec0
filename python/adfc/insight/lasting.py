"""Cores that run on from inference to inference: which of their kernel calls are for which layer.

A load program starts them, so that no control word says it call by call. But their activations come
in messages, one for each buffer descriptor of tasks that the program pushes layer by layer: a call
belongs to the layer of the message that the core took last. Messages are counted by the lock that
hands them to the core, its own or a neighbour's. Where no channel brings a core messages, what its
neighbours' cores hand it stands for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from adfc.image.core_program import CoreInstruction, CoreProgram
from adfc.insight.places import Lock, Tile
from adfc.insight.reach import core_lock
from adfc.insight.replay import Replay
from adfc.insight.steps import Task
from adfc.runtime import Role


class CoreCall(NamedTuple):
    """A kernel call of one inference: the index of its instruction in the core program, the kernel,
    and the phase that it is for (-1: none can be told)."""

    instruction: int
    kernel: int
    phase: int


@dataclass(frozen=True)
class CoreWork:
    """What a core does in one inference, in order: its kernel calls, and for each buffer that it
    hands on by a lock the phase (`handed`, by lock)."""

    calls: tuple[CoreCall, ...]
    handed: Mapping[Lock, tuple[int, ...]]

    @property
    def phases(self) -> set[int]:
        """The phases that it makes calls for."""
        return {call.phase for call in self.calls}


def core_work(replay: Replay) -> Mapping[Tile, CoreWork]:
    """What every core that the load program leaves running does in one inference, by tile."""
    starts = replay.lasting_starts
    messages = _messages(replay) if starts else {}
    left = {start.tile: replay.programs[start.offset] for start in starts}
    found: dict[Tile, CoreWork] = {}
    while left:
        # First those that DMA channels bring messages, then those that these hand on to.
        told = [tile for tile in left if not messages.keys().isdisjoint(_waits(left[tile], tile))]
        now = {tile: _work(left.pop(tile), tile, messages) for tile in told or list(left)}
        found |= now
        for work in now.values():
            for lock, phases in work.handed.items():
                messages.setdefault(lock, phases)
    return {start.tile: found[start.tile] for start in starts}


def _waits(program: CoreProgram, tile: Tile) -> set[Lock]:
    """The locks that a core waits for."""
    acquires = (i.fields["lock"] for i in program.instructions if i.mnemonic == "acquire")
    return {core_lock(tile, number) for number in acquires}


def _work(program: CoreProgram, tile: Tile, messages: Mapping[Lock, Sequence[int]]) -> CoreWork:
    taken = dict.fromkeys(messages, 0)
    calls: list[CoreCall] = []
    handed: dict[Lock, list[int]] = {}
    phase = -1
    for index, instruction in _expanded(program):
        if instruction.mnemonic in ("acquire", "release"):
            lock = core_lock(tile, instruction.fields["lock"])
            if instruction.mnemonic == "acquire" and lock in messages:
                at, known = taken[lock], messages[lock]
                taken[lock] += abs(instruction.fields["value"])
                phase = known[at] if at < len(known) else -1
            elif instruction.mnemonic == "release":
                handed.setdefault(lock, []).extend([phase] * instruction.fields["value"])
        elif instruction.mnemonic == "call":
            calls.append(CoreCall(index, instruction.fields["kernel"], phase))
    return CoreWork(tuple(calls), {lock: tuple(phases) for lock, phases in handed.items()})


def _messages(replay: Replay) -> dict[Lock, Sequence[int]]:
    """For each lock that hands messages of the program to a core: their phases."""
    found: dict[Lock, Sequence[int]] = {}
    device = replay.array.device
    for receiver in replay.lasting_tasks:
        releases = [d.release for d in receiver.descriptors if d.release is not None]
        if (
            device.kind(receiver.who.row) != "core"
            or receiver.who.role is not Role.S2MM
            or not releases
        ):
            continue
        senders = [
            task
            for task in replay.tasks
            if task.route is not None and receiver.who in task.route.sinks
        ]
        if senders:
            buffer = max(descriptor.length for descriptor in receiver.descriptors)
            found[releases[0][0]] = _fillings(senders, buffer)
    return found


def _fillings(senders: Sequence[Task], words: int) -> list[int]:
    """The phases of what fills buffers of `words` words, one after the other: a message each, or
    where one is longer than a buffer, as many whole buffers as it has."""
    cut = any(d.length > words for task in senders for d in task.descriptors)
    return [
        task.phase
        for task in senders
        for _ in range(task.repeat + 1)
        for descriptor in task.descriptors
        for _ in range(descriptor.length // words if cut else 1)
    ]


def _expanded(program: CoreProgram) -> Iterator[tuple[int, CoreInstruction]]:
    """The instructions in the order of one pass, loops unrolled."""
    loops: list[list[int]] = []
    at = 0
    while at < len(program.instructions):
        instruction = program.instructions[at]
        if instruction.mnemonic == "loop":
            loops.append([at + 1, instruction.fields["count"]])
        elif instruction.mnemonic == "next":
            loops[-1][1] -= 1
            if loops[-1][1] > 0:
                at = loops[-1][0]
                continue
            loops.pop()
        elif instruction.mnemonic in ("restart", "done"):
            return
        else:
            yield at, instruction
        at += 1
