"""How the core tiles are grouped into sets, and which memtiles serve them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from adfc.planner.tape import TAPE_BYTES
from adfc.spec.devices import Device

SHARED_CORES, SHARED_TAPE_BYTES = 4, 448 * 1024
"""Where a join is in the memtile of a tape, which takes one of six channels: cores of a set, most,
and what is left of the memtile for the tape."""

MOST_SETS, MOST_CORES, MOST_HUBS, MOST_DIVIDED_HUBS = 6, 5, 3, 6
"""A memtile has six channels in each direction (AM020): the hub one for each set, a join one for
each core of a set and one for inputs."""

FEWEST = 0.69
"""Partitions with fewer cores than this part of the most are not tried."""


KINDS = ((False, False), (False, True), (True, False), (True, True))
"""Kinds of partitions, the best first: see `Partition.kind`."""


@dataclass(frozen=True)
class Partition:
    """`sets` sets of `cores` core tiles, and `hubs` memtiles that each serve as many sets.

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
                    if sets % hubs or (divided and hubs == 1):
                        continue
                    for stack in range(1, device.core_rows[1] + 1):
                        if sets % stack:
                            continue
                        apart = Partition(sets, cores, hubs, streamed, divided, stack)
                        yield apart
                        if streamed and cores <= SHARED_CORES and sets <= apart.tapes:
                            yield replace(apart, shared=True)


def _has_place(
    partition: Partition, device: Device, tiles: int, avoid: Sequence[tuple[int, int]]
) -> bool:
    rows = range(device.core_rows[0], device.core_rows[0] + partition.stack)
    columns = device.columns - len({column for column, row in avoid if row in rows})
    streams = len(device.noc_columns) * device.shim.mm2s_channels
    return (
        partition.sets * partition.cores <= tiles
        and partition.columns <= columns
        and partition.shim_streams <= streams
    )
