"""Addresses of an array: which tile, which register; names of tiles, channels and locks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from adfc.runtime import Role, Who
from adfc.spec import registers
from adfc.spec.devices import Device
from adfc.spec.paths import spec_folder
from adfc.spec.registers import Register, RegisterMap

Tile = tuple[int, int]
"""(column, row)."""


class Lock(NamedTuple):
    """Lock `number` of a tile."""

    tile: Tile
    number: int


@cache
def register_map(architecture: str) -> RegisterMap:
    """The registers of an architecture, read once."""
    return registers.load(spec_folder(), architecture)


@dataclass(frozen=True)
class Place:
    """One 32-bit register: `index` is which of its class, `word` which word of that one."""

    tile: Tile
    kind: str
    register: Register
    index: int
    word: int

    @property
    def name(self) -> str:
        """Such as "core DMA_BD[3] word 2"."""
        text = f"{self.kind} {self.register.name}"
        if self.register.count > 1:
            text += f"[{self.index}]"
        return f"{text} word {self.word}" if self.register.words > 1 else text


@dataclass(frozen=True)
class ArrayMap:
    """A device's addresses."""

    device: Device
    registers: RegisterMap

    @staticmethod
    def of(device: Device) -> ArrayMap:
        """The map of `device`."""
        return ArrayMap(device, register_map(device.architecture))

    def tile_of(self, address: int) -> Tile:
        """(column, row) of an array address."""
        column = address >> self.registers.column_shift
        rows = 1 << self.registers.column_shift - self.registers.row_shift
        return column, address >> self.registers.row_shift & rows - 1

    def place(self, address: int) -> Place | None:
        """The register at an array address; None where there is none."""
        tile = self.tile_of(address)
        if tile[1] >= self.device.rows:
            return None
        kind = self.device.kind(tile[1])
        offset = address & (1 << self.registers.row_shift) - 1
        for register in self.registers.tiles[kind].registers:
            if not register.offset <= offset < register.end:
                continue
            index, byte = divmod(offset - register.offset, register.stride)
            if byte < 4 * register.words:
                return Place(tile, kind, register, index, byte // 4)
        return None


def channel_of(place: Place) -> Who | None:
    """The DMA channel that a queue, control or status register belongs to."""
    for role in (Role.S2MM, Role.MM2S):
        if place.register.name.startswith(f"DMA_{role.name}_"):
            return Who(role, *place.tile, place.index)
    return None
