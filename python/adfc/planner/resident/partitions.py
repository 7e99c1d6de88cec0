"""How the core tiles are grouped into sets, and which memtiles serve them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adfc.spec.devices import Device

MOST_SETS, MOST_CORES, MOST_HUBS, MOST_DIVIDED_HUBS = 6, 5, 3, 6
"""A memtile has six channels in each direction (AM020): the hub one for each set, a join one for
each core of a set and one for inputs."""

INPUT_STREAMS = 4
"""Streams that bring one input, if there are as many sets."""

FEWEST = 0.69
"""Partitions with fewer cores than this part of the most are not tried."""


KINDS = ((False, False), (False, True), (True, False), (True, True))
"""Kinds of partitions, the best first: see `Partition.kind`."""


@dataclass(frozen=True)
class Partition:
    """`sets` sets of `cores` core tiles, and `hubs` memtiles that each serve as many sets.

    `streamed`: weights come from DDR for each inference. `divided`: each hub keeps only those rows
    of a result that its sets read.
    """

    sets: int
    cores: int
    hubs: int
    streamed: bool = False
    divided: bool = False

    @property
    def kind(self) -> tuple[bool, bool]:
        """Whether weights are streamed, and tensors divided: one of KINDS."""
        return self.streamed, self.divided

    @property
    def columns(self) -> int:
        """Columns of the array that it takes."""
        return self.sets * self.cores + self.sets + self.hubs

    @property
    def shim_streams(self) -> int:
        """Streams from DDR, most at a time: inputs, and streamed weights."""
        return min(self.sets, INPUT_STREAMS) + self.sets * self.cores * int(self.streamed)


def partitions(device: Device, tiles: int, avoid: Sequence[tuple[int, int]]) -> Iterator[Partition]:
    """Those that use enough cores, in the order of KINDS, more sets first."""
    lowest = device.core_rows[0]
    columns = device.columns - len({column for column, row in avoid if row == lowest})
    every = (
        Partition(sets, cores, hubs, streamed, divided)
        for streamed, divided in KINDS
        for sets in range(MOST_SETS, 0, -1)
        for cores in range(MOST_CORES, 0, -1)
        for hubs in range(1, min(sets, MOST_DIVIDED_HUBS if divided else MOST_HUBS) + 1)
        if sets % hubs == 0 and (hubs > 1 or not divided)
    )
    streams = len(device.noc_columns) * device.shim.mm2s_channels
    possible = [
        p
        for p in every
        if p.sets * p.cores <= tiles and p.columns <= columns and p.shim_streams <= streams
    ]
    for kind in KINDS:
        alike = [p for p in possible if p.kind == kind]
        most = max((p.sets * p.cores for p in alike), default=0)
        yield from (p for p in alike if p.sets * p.cores > FEWEST * most)
