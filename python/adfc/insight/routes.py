"""Streams through the switches: where the words of an MM2S channel go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adfc.insight.places import ArrayMap, Tile
from adfc.runtime import Role, Who
from adfc.spec.registers import Field, Ports

_ENTERS = {
    "SOUTH": (0, -1, "NORTH"),
    "WEST": (-1, 0, "EAST"),
    "NORTH": (0, 1, "SOUTH"),
    "EAST": (1, 0, "WEST"),
}
_MAX_HOPS = 512  # as the emulator's

RegisterKey = tuple[Tile, str, int]
"""Tile, register class, index."""


@dataclass(frozen=True)
class Hop:
    """One connection in a switch: from a slave port to a master port, such as "SOUTH 2"."""

    tile: Tile
    slave: str
    master: str


@dataclass(frozen=True)
class Route:
    """A stream: its source, the channels that take its words, and the switch connections."""

    source: Who
    sinks: tuple[Who, ...]
    hops: tuple[Hop, ...]


def _port_of(ports: Ports, physical: int) -> tuple[str, int] | None:
    for port_type, (first, count) in ports.ranges.items():
        if first <= physical < first + count:
            return port_type, physical - first
    return None


class RouteTracer:
    """Follows streams through switch registers, given by (tile, class, index)."""

    def __init__(self, array: ArrayMap, values: Mapping[RegisterKey, int]) -> None:
        self._array = array
        self._values = values

    def trace(self, source: Who) -> Route | None:
        """The stream of an MM2S channel, or None where the switches do not lead it anywhere yet."""
        self._sinks: list[Who] = []
        self._hops: list[Hop] = []
        ports = self._tile(source.tile).slaves
        if self._array.device.kind(source.row) == "shim":
            entry = ports.ranges["SOUTH"][0] + self._encoding("shim_mm2s_south")[source.number]
        else:
            entry = ports.ranges["DMA"][0] + source.number
        if not self._walk(source.tile, entry, 0) or not self._sinks:
            return None
        return Route(source, tuple(self._sinks), tuple(self._hops))

    def _tile(self, tile: Tile):
        return self._array.registers.tiles[self._array.device.kind(tile[1])]

    def _encoding(self, name: str) -> list[int]:
        value = self._array.registers.encodings[name]
        return value if isinstance(value, list) else [value]

    def _field(self, field: Field, value: int) -> int:
        return value >> field.lsb & field.mask

    def _walk(self, tile: Tile, physical: int, hops: int) -> bool:
        if hops > _MAX_HOPS or not 0 <= tile[0] < self._array.device.columns:
            return False
        kind = self._tile(tile)
        master = kind.register("SWITCH_MASTER")
        slave = _port_of(kind.slaves, physical)
        if slave is None:
            return False
        found = False
        for index in range(master.count):
            value = self._values.get((tile, "SWITCH_MASTER", index), 0)
            enabled = self._field(master.field("ENABLE"), value)
            if not enabled or self._field(master.field("CONFIGURATION"), value) != physical:
                continue
            port = _port_of(kind.masters, index)
            if port is None:
                return False
            name, number = port
            self._hops.append(Hop(tile, f"{slave[0]} {slave[1]}", f"{name} {number}"))
            found = True
            if not self._leave(tile, name, number, hops):
                return False
        return found

    def _leave(self, tile: Tile, name: str, number: int, hops: int) -> bool:
        if name == "DMA":
            self._sinks.append(Who(Role.S2MM, *tile, number))
            return True
        if name == "SOUTH" and tile[1] == 0:
            south = self._encoding("shim_s2mm_south")
            if number not in south:
                return False
            self._sinks.append(Who(Role.S2MM, *tile, south.index(number)))
            return True
        if name not in _ENTERS:
            return False
        dx, dy, side = _ENTERS[name]
        target = tile[0] + dx, tile[1] + dy
        if not 0 <= target[1] < self._array.device.rows:
            return False
        first, count = self._tile(target).slaves.ranges.get(side, (0, 0))
        return number < count and self._walk(target, first + number, hops + 1)
