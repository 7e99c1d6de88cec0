"""How the core tiles are grouped into sets, and which memtiles serve them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from adfc.planner.graph import ceil_div
from adfc.planner.tape import TAPE_BYTES
from adfc.spec.devices import Device

SHARED_CORES, SHARED_TAPE_BYTES = 4, 448 * 1024
"""Where a join is in the memtile of a tape, which takes one of six channels: cores of a set, most,
and what is left of the memtile for the tape."""

HUB_CHANNELS = 6
"""Of a memtile, in each direction (AM020): the hub one for each set, a join one for each core of a
set and one for inputs."""

SENT_BY_JOIN = 2
"""Channels that a join has left to send for a hub: it relays and drains, and two do not reach the
hub (AM020)."""

MOST_SETS, MOST_CORES, MOST_HUBS, MOST_DIVIDED_HUBS = 7, HUB_CHANNELS - 1, 3, 6
"""One set more than a hub has channels for: a join beside it receives what that one sends."""

UNEVEN_HUBS = 2
"""Hubs that may serve unequal numbers of sets; more are tried only where they serve as many."""

FEWEST = 0.69
"""Partitions with fewer cores than this part of the most are not tried."""


KINDS = ((False, False), (False, True), (True, False), (True, True))
"""Kinds of partitions, the best first: see `Partition.kind`."""


@dataclass(frozen=True)
class Partition:
    """`sets` sets of `cores` core tiles, and `hubs` memtiles that serve them.

    `streamed`: weights come from DDR for each inference. `divided`: each hub keeps only those rows
    of a result that its sets read. `stack`: core tiles of a column; they do different rows of the
    same channels, and share a tape. `shared`: joins are in memtiles of tapes.
    """

    sets: int
    cores: int
    hubs: int
    streamed: bool = False
    divided: bool = False
    stack: int = 1
    shared: bool = False

    @property
    def kind(self) -> tuple[bool, bool]:
        """Whether weights are streamed, and tensors divided: one of KINDS."""
        return self.streamed, self.divided

    @property
    def tapes(self) -> int:
        """Tapes of weights: one for each column of cores."""
        return self.sets * self.cores // self.stack

    @property
    def columns(self) -> int:
        """Columns of the array that it takes."""
        return self.tapes + self.hubs + (0 if self.shared else self.sets)

    @property
    def is_served(self) -> bool:
        """Whether there are channels for all sets. Where a hub has more sets than channels, two
        joins beside it, of its own, receive the others with channels that cores and inputs leave
        them, and each sends to SENT_BY_JOIN."""
        over, left = self.sets - HUB_CHANNELS, 2 * (HUB_CHANNELS - 1 - self.cores)
        if over > 0 and (self.shared or over > left or 2 * self.hubs > self.sets):
            return False
        return self.hubs <= self.sets <= (HUB_CHANNELS + 2 * SENT_BY_JOIN) * self.hubs

    def hub_of(self, number: int) -> int:
        """The hub that serves a set; neighbouring sets, as evenly as it can be."""
        return number * self.hubs // self.sets

    def sets_of_hub(self, hub: int) -> range:
        """The sets that a hub serves."""
        return range(
            ceil_div(hub * self.sets, self.hubs), ceil_div((hub + 1) * self.sets, self.hubs)
        )

    def splits_rows(self, groups: int) -> bool:
        """Whether rows are split into `groups` groups: sets are left over only where more groups
        would have fewer sets each, and none where core tiles of a column share a tape."""
        if self.stack > 1:
            return self.sets % groups == 0 and groups % self.stack == 0
        return groups == self.sets // (self.sets // groups)

    def keeps_apart(self, groups: int) -> bool:
        """Whether the sets of a hub have rows of their own where there are `groups` groups."""
        each = self.sets // groups
        firsts = [self.sets_of_hub(hub)[0] for hub in range(self.hubs)]
        return all(first % each == 0 for first in firsts) and each * groups == self.sets

    def firsts(self, groups: int) -> range:
        """The sets that may begin where rows are split into `groups` groups: one of each group; any
        of all where some are idle, of which the groups take the next ones, round and round."""
        if self.sets % groups == 0:
            return range(self.sets // groups)
        return range(1 if self.divided else self.sets)

    def members(self, groups: int, busy: int, first: int) -> list[int]:
        """The sets that do a step with `busy` sets in each of `groups` groups, of which `first`
        begins."""
        each = self.sets // groups
        if self.sets % groups:
            return [(first + g * each + i) % self.sets for g in range(groups) for i in range(busy)]
        return [g * each + (first + i) % each for g in range(groups) for i in range(busy)]

    @property
    def tape_room(self) -> int:
        """Bytes of a memtile for a streamed tape."""
        return SHARED_TAPE_BYTES if self.shared else TAPE_BYTES

    @property
    def shim_streams(self) -> int:
        """Streams from DDR, at least: one of inputs, and streamed weights."""
        return 1 + self.tapes * int(self.streamed)


def partitions(device: Device, tiles: int, avoid: Sequence[tuple[int, int]]) -> Iterator[Partition]:
    """Those that use enough cores, in the order of KINDS, more sets first.

    Stacks, and joins that share a memtile, only where they make more cores possible.
    """
    possible = [p for p in _every(device) if _has_place(p, device, tiles, avoid)]
    for kind in KINDS:
        alike = [p for p in possible if p.kind == kind]
        most = max((p.sets * p.cores for p in alike), default=0)
        lower = 0
        for stack, shared in product(range(1, device.core_rows[1] + 1), (False, True)):
            same = [p for p in alike if (p.stack, p.shared) == (stack, shared)]
            highest = max((p.sets * p.cores for p in same), default=0)
            if highest > lower:
                yield from (p for p in same if p.sets * p.cores > FEWEST * most)
            lower = max(lower, highest)


def _every(device: Device) -> Iterator[Partition]:
    for streamed, divided in KINDS:
        for sets in range(MOST_SETS, 0, -1):
            for cores in range(MOST_CORES, 0, -1):
                for hubs in range(1, min(sets, MOST_DIVIDED_HUBS if divided else MOST_HUBS) + 1):
                    if not _is_tried(Partition(sets, cores, hubs, divided=divided)):
                        continue
                    for stack in range(1, device.core_rows[1] + 1):
                        if sets % stack:
                            continue
                        apart = Partition(sets, cores, hubs, streamed, divided, stack)
                        yield apart
                        together = replace(apart, shared=True)
                        may_share = streamed and cores <= SHARED_CORES and sets <= apart.tapes
                        if may_share and together.is_served:
                            yield together


def _is_tried(partition: Partition) -> bool:
    """Whether hubs that are many or serve unequal numbers of sets may be worth it."""
    sets, hubs, divided = partition.sets, partition.hubs, partition.divided
    if not partition.is_served or (divided and hubs == 1):
        return False
    return sets % hubs == 0 or hubs == UNEVEN_HUBS or (divided and sets > HUB_CHANNELS)


def _has_place(
    partition: Partition, device: Device, tiles: int, avoid: Sequence[tuple[int, int]]
) -> bool:
    avoided = _avoided(partition, device, avoid)
    columns = device.columns - len(avoided)
    amid = partition.sets + partition.hubs if partition.sets > HUB_CHANNELS else 1
    streams = len(device.noc_columns) * device.shim.mm2s_channels
    return (
        partition.sets * partition.cores <= tiles
        and partition.columns <= columns
        and max(_runs(device.columns, avoided), default=0) >= amid
        and partition.shim_streams <= streams
    )


def has_pairs(partition: Partition, device: Device, avoid: Sequence[tuple[int, int]]) -> bool:
    """Whether each two cores of a set, from the first on, have a place beside each other: where
    columns are avoided, each run of the others may leave one over, and so may the cut in the middle
    for what stands there."""
    runs = _runs(device.columns, _avoided(partition, device, avoid))
    over = len(runs) + 1 if avoid else 0
    return partition.cores % 2 == 0 and sum(runs) - over >= partition.columns


def _avoided(partition: Partition, device: Device, avoid: Sequence[tuple[int, int]]) -> set[int]:
    """Columns where a core tile cannot be used."""
    rows = range(device.core_rows[0], device.core_rows[0] + partition.stack)
    return {column for column, row in avoid if row in rows}


def _runs(columns: int, avoided: set[int]) -> list[int]:
    """How many neighbouring columns are not avoided, from the first run of them on."""
    runs = [0]
    for column in range(columns):
        if column not in avoided:
            runs[-1] += 1
        elif runs[-1]:
            runs.append(0)
    return [run for run in runs if run]
