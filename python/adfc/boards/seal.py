"""The checksum of a program's code and constants, put into the linked ELF."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from adfc.errors import ToolError

_START, _END, _SEAL = "board_checked_start", "board_checked_end", "rtpm_code_crc"
_SYMBOL_TABLE = 2  # sh_type, e_machine and so on: System V ABI, chapter 4


@dataclass(frozen=True)
class _Layout:
    """Where 32- and 64-bit ELF files differ: structs of header, section, segment, symbol."""

    header: struct.Struct  # phoff, shoff, phentsize, phnum, shentsize, shnum
    header_at: int
    sizes_at: int
    section: struct.Struct  # name, type, flags, address, offset, size, link
    segment: struct.Struct
    symbol: struct.Struct


_ELF32 = _Layout(
    struct.Struct("<2I"), 28, 42, struct.Struct("<7I"), struct.Struct("<8I"), struct.Struct("<3I4x")
)
_ELF64 = _Layout(
    *(struct.Struct("<2Q"), 32, 54),
    *(struct.Struct("<2I4QI"), struct.Struct("<2I6Q"), struct.Struct("<I4x2Q")),
)


def seal(elf: bytes) -> bytes:
    """`elf` with the CRC-32 of what lies between its start and end marks in its seal.

    Raises ToolError where it is not laid out as boards/common/sections.ld has it.
    """
    layout = _ELF64 if elf[4:5] == b"\2" else _ELF32
    places = _symbols(elf, layout)
    missing = [name for name in (_START, _END, _SEAL) if name not in places]
    if missing:
        raise ToolError(f"the linked program has no symbol {missing[0]}")
    start, end = places[_START], places[_END]
    memory = _memory(elf, layout, start, end)
    at = _offset(elf, layout, places[_SEAL])
    return elf[:at] + struct.pack("<I", zlib.crc32(memory)) + elf[at + 4 :]


def _table(elf: bytes, layout: _Layout, index: int) -> list[bytes]:
    """Entries of the table of segments (0) or of sections (1)."""
    offset = layout.header.unpack_from(elf, layout.header_at)[index]
    size, count = struct.unpack_from("<2H", elf, layout.sizes_at + 4 * index)
    return [elf[offset + i * size : offset + (i + 1) * size] for i in range(count)]


def _symbols(elf: bytes, layout: _Layout) -> dict[str, int]:
    sections = [layout.section.unpack_from(entry) for entry in _table(elf, layout, 1)]
    found: dict[str, int] = {}
    for _, kind, _, _, offset, size, link in sections:
        if kind != _SYMBOL_TABLE:
            continue
        names = sections[link][4]
        for at in range(offset, offset + size, layout.symbol.size):
            name, value, *_ = layout.symbol.unpack_from(elf, at)
            end = elf.index(b"\0", names + name)
            found[elf[names + name : end].decode()] = value
    return found


def _segments(elf: bytes, layout: _Layout) -> list[tuple[int, int, int]]:
    """Address, offset in the file and bytes there of each segment, by address."""
    found: list[tuple[int, int, int]] = []
    for entry in _table(elf, layout, 0):
        fields = layout.segment.unpack_from(entry)
        if layout is _ELF64:
            _, _, offset, address, _, size, _, _ = fields
        else:
            _, offset, address, _, size, _, _, _ = fields
        found.append((address, offset, size))
    return sorted(found)


def _offset(elf: bytes, layout: _Layout, place: int) -> int:
    for address, offset, size in _segments(elf, layout):
        if address <= place < address + size:
            return offset + place - address
    raise ToolError(f"the linked program holds nothing at {place:#x}")


def _memory(elf: bytes, layout: _Layout, start: int, end: int) -> bytes:
    """What a loader puts there; what no segment covers is 0, as in memory that a loader clears."""
    memory = bytearray(end - start)
    for address, offset, size in _segments(elf, layout):
        low, high = max(address, start), min(address + size, end)
        if low < high:
            memory[low - start : high - start] = elf[
                offset + low - address : offset + high - address
            ]
    return bytes(memory)
