"""The register map of an architecture (spec/registers/*.toml) in typed form.

Standard library only: CMake runs it before anything is installed.
"""

import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from adfc.errors import AdfcError

KINDS = ("core", "mem", "shim")
PORT_TYPES = ("CORE", "DMA", "CTRL", "FIFO", "SOUTH", "WEST", "NORTH", "EAST", "TRACE")
MAX_BD_WORDS = 8


@dataclass(frozen=True)
class Field:
    """Bits lsb .. lsb + width - 1 of a 32-bit register; word: which word of a buffer descriptor."""

    name: str
    lsb: int
    width: int
    word: int = 0

    @property
    def mask(self) -> int:
        """The largest value of the field."""
        return (1 << self.width) - 1


@dataclass(frozen=True)
class Register:
    """One class of registers of a tile kind.

    offset and stride in bytes; words is the number of consecutive 32-bit words of one instance;
    noc: only shim tiles with a NoC connection have it.
    """

    name: str
    offset: int
    count: int
    stride: int
    words: int
    readable: bool
    writable: bool
    noc: bool
    fields: tuple[Field, ...]
    description: str

    def field(self, name: str) -> Field:
        """The field of that name; KeyError where there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"register {self.name} has no field {name}")

    @property
    def end(self) -> int:
        """The first byte offset after the last instance."""
        return self.offset + (self.count - 1) * self.stride + 4 * self.words


@dataclass(frozen=True)
class Ports:
    """Physical port numbers of one side of a stream switch: port type -> (first, count)."""

    ranges: dict[str, tuple[int, int]]

    def count(self, port_type: str) -> int:
        """How many ports of that type there are."""
        return self.ranges.get(port_type, (0, 0))[1]

    @property
    def total(self) -> int:
        """How many ports there are in all."""
        return sum(count for _, count in self.ranges.values())


@dataclass(frozen=True)
class TileRegisters:
    """The registers of one tile kind, by rising offset, and its switch ports."""

    kind: str
    registers: tuple[Register, ...]
    masters: Ports
    slaves: Ports

    def register(self, name: str) -> Register:
        """The register class of that name; KeyError where there is none."""
        for register in self.registers:
            if register.name == name:
                return register
        raise KeyError(f"{self.kind} tiles have no register {name}")


@dataclass(frozen=True)
class ConnectionRule:
    """What a switch of a tile kind may connect between port types: "same" number or "never"."""

    kind: str
    slaves: tuple[str, ...]
    masters: tuple[str, ...]
    allowed: str


@dataclass(frozen=True)
class RegisterMap:
    """All registers of an architecture."""

    architecture: str
    column_shift: int
    row_shift: int
    encodings: dict[str, int | list[int]]
    rules: tuple[ConnectionRule, ...]
    tiles: dict[str, TileRegisters]


def _fields(raw: dict[str, list[int]], word: int, place: str) -> list[Field]:
    fields = [Field(name, lsb, width, word) for name, (lsb, width) in raw.items()]
    used = 0
    for field in fields:
        bits = field.mask << field.lsb
        if bits & used or bits >> 32:
            raise AdfcError(f"{place}: field {field.name} overlaps another or ends past bit 31")
        used |= bits
    return fields


def _register(raw: dict[str, Any], kind: str) -> Register:
    place = f"{kind} register {raw['name']}"
    words: list[dict[str, list[int]]] = raw.get("words", [raw.get("fields", {})])
    fields = [f for i, word in enumerate(words) for f in _fields(word, i, place)]
    if raw["access"] not in ("r", "w", "rw"):
        raise AdfcError(f"{place}: access is {raw['access']!r}, not r, w or rw")
    return Register(
        name=raw["name"],
        offset=raw["offset"],
        count=raw.get("count", 1),
        stride=raw.get("stride", 4),
        words=len(words),
        readable="r" in raw["access"],
        writable="w" in raw["access"],
        noc=raw.get("noc", False),
        fields=tuple(fields),
        description=raw["description"],
    )


def _ports(raw: dict[str, list[int]], place: str) -> Ports:
    ranges = {name: (first, count) for name, (first, count) in raw.items()}
    number = 0
    for name, (first, count) in ranges.items():
        if name not in PORT_TYPES or first != number:
            raise AdfcError(f"{place}: port type {name} is unknown or does not start at {number}")
        number += count
    return Ports(ranges)


def _tile(raw: dict[str, Any], kind: str) -> TileRegisters:
    registers = sorted((_register(r, kind) for r in raw["register"]), key=lambda r: r.offset)
    for first, second in pairwise(registers):
        # Channel registers interleave (CTRL and QUEUE alternate): only equal addresses clash.
        taken = {first.offset + i * first.stride for i in range(first.count)}
        if second.offset in taken:
            raise AdfcError(f"{kind} registers {first.name} and {second.name} overlap")
    return TileRegisters(
        kind,
        tuple(registers),
        _ports(raw["master_ports"], f"{kind} master ports"),
        _ports(raw["slave_ports"], f"{kind} slave ports"),
    )


def load(spec: Path, architecture: str = "aieml") -> RegisterMap:
    """Reads spec/registers/<architecture>.toml; AdfcError where it contradicts itself."""
    raw = tomllib.loads((spec / "registers" / f"{architecture}.toml").read_text(encoding="utf-8"))
    rules = tuple(
        ConnectionRule(r["kind"], tuple(r["slaves"]), tuple(r["masters"]), r["allowed"])
        for r in raw["connections"]["rules"]
    )
    return RegisterMap(
        architecture=raw["architecture"],
        column_shift=raw["column_shift"],
        row_shift=raw["row_shift"],
        encodings=raw["encodings"],
        rules=rules,
        tiles={kind: _tile(raw[kind], kind) for kind in KINDS},
    )
