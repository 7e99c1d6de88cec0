"""What a core reaches: whose lock and whose memory the numbers in its core program mean
(docs/rcb.md)."""

from __future__ import annotations

from functools import cache

from adfc.image.isa import core_isa
from adfc.insight.places import Lock, Tile

_SIDES = {"south": (0, -1), "west": (-1, 0), "north": (0, 1)}
"""Neighbours in the order of their locks, by the name of their memory's base: columns and rows
from the core's tile."""


@cache
def core_lock(tile: Tile, number: int) -> Lock:
    """The lock that core programs of `tile` call `number`."""
    side, own = divmod(number, core_isa().limits["locks"])
    return Lock(_neighbour(tile, list(_SIDES.values())[side - 1]) if side else tile, own)


def core_memory(tile: Tile, address: int) -> tuple[Tile, int] | None:
    """The tile in whose data memory a byte address in core programs of `tile` lies, and where in
    it; None for what is no memory, as a block of the cascade."""
    limits = core_isa().limits
    if address < limits["data_memory_bytes"]:
        return tile, address
    for name, step in _SIDES.items():
        offset = address - limits[name]
        if 0 <= offset < limits["data_memory_bytes"]:
            return _neighbour(tile, step), offset
    return None


def _neighbour(tile: Tile, step: tuple[int, int]) -> Tile:
    return tile[0] + step[0], tile[1] + step[1]
