"""How the core tiles are grouped into sets, and which memtiles serve them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adfc.spec.devices import Device

MOST_SETS, MOST_CORES, MOST_HUBS = 6, 5, 3
"""A memtile has six channels in each direction (AM020): the hub one for each set, a join one for
each core of a set and one for inputs."""

ENOUGH = 0.69
"""Partitions with fewer cores than this part of the most are not tried."""


@dataclass(frozen=True)
class Partition:
    """`sets` sets of `cores` core tiles, and `hubs` memtiles that each serve as many sets."""

    sets: int
    cores: int
    hubs: int

    @property
    def columns(self) -> int:
        """Columns of the array that it takes."""
        return self.sets * self.cores + self.sets + self.hubs


def partitions(device: Device, tiles: int, avoid: Sequence[tuple[int, int]]) -> Iterator[Partition]:
    """Those that use enough cores, more sets first."""
    lowest = device.core_rows[0]
    columns = device.columns - len({column for column, row in avoid if row == lowest})
    every = (
        Partition(sets, cores, hubs)
        for sets in range(MOST_SETS, 0, -1)
        for cores in range(MOST_CORES, 0, -1)
        for hubs in range(1, min(sets, MOST_HUBS) + 1)
        if sets % hubs == 0
    )
    possible = [p for p in every if p.sets * p.cores <= tiles and p.columns <= columns]
    most = max((p.sets * p.cores for p in possible), default=0)
    yield from (p for p in possible if p.sets * p.cores > ENOUGH * most)
