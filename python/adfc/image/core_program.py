"""Core programs: words <-> instructions with named fields (docs/rcb.md)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from adfc.errors import ImageError
from adfc.image.isa import core_by_mnemonic, core_by_opcode, core_isa

WINDOW_BIT = 0x8000_0000
"""A buffer operand with this bit is the window in its low bits; otherwise a byte address."""


@dataclass(frozen=True)
class CoreInstruction:
    """One instruction: its fields and lists by name, signed where the spec says so."""

    mnemonic: str
    fields: dict[str, int] = field(default_factory=dict[str, int])
    lists: dict[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])


@dataclass(frozen=True)
class CoreProgram:
    """One core program."""

    instructions: tuple[CoreInstruction, ...]


def _pack(value: int, bits: int, signed: bool, what: str) -> int:
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if not low <= value <= high:
        raise ImageError(f"{what} is {value}, must be {low} to {high}")
    return value & (1 << bits) - 1


def _unpack(word: int, bits: int, signed: bool) -> int:
    return word - (1 << bits) if signed and word >> bits - 1 else word


def _is_signed(kind: str) -> bool:
    return kind.startswith("signed")


def encode_instruction(instruction: CoreInstruction) -> list[int]:
    """The instruction's words. Raises ImageError for an unknown one and values out of range."""
    shape = core_by_mnemonic().get(instruction.mnemonic)
    if shape is None:
        raise ImageError(f"no core instruction is called '{instruction.mnemonic}'")
    counts = {x.count: len(instruction.lists[x.name]) for x in shape.lists}
    values = {**instruction.fields, **counts}
    word0, shift = shape.opcode, 8
    for entry, bits in ((shape.a, 8), (shape.b, 16)):
        if entry is not None:
            what = f"{shape.mnemonic}: {entry.name}"
            word0 |= _pack(values[entry.name], bits, _is_signed(entry.kind), what) << shift
        shift += bits
    words = [word0]
    for entry in shape.words:
        words.append(_pack(values[entry.name], 32, False, f"{shape.mnemonic}: {entry.name}"))
    for entry in shape.lists:
        signed, what = _is_signed(entry.kind), f"{shape.mnemonic}: one of {entry.name}"
        words += [_pack(value, 32, signed, what) for value in instruction.lists[entry.name]]
    return words


def decode_instruction(words: Sequence[int], start: int) -> tuple[CoreInstruction, int]:
    """The instruction at index `start` of `words`, and the index after it. Raises ImageError."""
    word0 = words[start]
    shape = core_by_opcode().get(word0 & 0xFF)
    if shape is None:
        raise ImageError(f"core program word {start}: no instruction is encoded as {word0:#010x}")
    raw = {"a": word0 >> 8 & 0xFF, "b": word0 >> 16}
    values: dict[str, int] = {}
    for key, entry, bits in (("a", shape.a, 8), ("b", shape.b, 16)):
        if entry is not None:
            values[entry.name] = _unpack(raw[key], bits, _is_signed(entry.kind))
        elif raw[key]:
            raise ImageError(f"core program word {start}: {shape.name} with an unused field set")
    counts = {x.name: values.pop(x.count) for x in shape.lists}
    end = start + shape.fixed_words + sum(counts.values())
    if end > len(words):
        raise ImageError(f"core program word {start}: {shape.name} reaches past the end")
    for index, entry in enumerate(shape.words, start + 1):
        values[entry.name] = words[index]
    lists: dict[str, tuple[int, ...]] = {}
    at = start + shape.fixed_words
    for entry in shape.lists:
        items = words[at : at + counts[entry.name]]
        lists[entry.name] = tuple(_unpack(w, 32, _is_signed(entry.kind)) for w in items)
        at += counts[entry.name]
    return CoreInstruction(shape.mnemonic, values, lists), end


def encode(program: CoreProgram) -> list[int]:
    """The program's words, header included. Raises ImageError where it cannot be encoded."""
    isa = core_isa()
    words = [0]
    for instruction in program.instructions:
        words += encode_instruction(instruction)
    if 4 * len(words) > isa.limits["memory_bytes"]:
        raise ImageError(
            f"a core program of {4 * len(words)} bytes: program memory has "
            f"{isa.limits['memory_bytes']}"
        )
    words[0] = isa.magic | isa.version << 8 | len(words) << 16
    return words


def decode(words: Sequence[int], start: int = 0) -> tuple[CoreProgram, int]:
    """The program whose header is at `start`, and the index after it. Raises ImageError."""
    isa = core_isa()
    header = words[start]
    if header & 0xFF != isa.magic or header >> 8 & 0xFF != isa.version:
        raise ImageError(f"core programs, word {start}: no program begins with {header:#010x}")
    end = start + (header >> 16)
    if end == start or end > len(words):
        raise ImageError(f"core programs, word {start}: the program reaches past the section's end")
    body = words[start:end]
    instructions: list[CoreInstruction] = []
    at = 1
    while at < len(body):
        instruction, at = decode_instruction(body, at)
        instructions.append(instruction)
    return CoreProgram(tuple(instructions)), end


@dataclass(frozen=True)
class CoreSection:
    """Section `core_programs`, `size` bytes: programs by byte offset (a multiple of 4)."""

    programs: dict[int, CoreProgram]
    size: int


def encode_section(section: CoreSection) -> bytes:
    """The section's bytes. Raises ImageError where programs overlap or do not fit."""
    words: list[int] = []
    for offset, program in sorted(section.programs.items()):
        if offset % 4 or offset < 4 * len(words):
            raise ImageError(
                f"the core program at {offset} overlaps another or is not aligned to 4"
            )
        words += [0] * (offset // 4 - len(words))
        words += encode(program)
    if section.size % 4 or 4 * len(words) > section.size:
        raise ImageError(f"{4 * len(words)} bytes of core programs do not fit {section.size}")
    words += [0] * (section.size // 4 - len(words))
    return struct.pack(f"<{len(words)}I", *words)


def decode_section(data: bytes | memoryview) -> CoreSection:
    """The section that `encode_section` wrote. Raises ImageError for any other bytes."""
    if len(data) % 4:
        raise ImageError("section core_programs: not whole words")
    words = struct.unpack(f"<{len(data) // 4}I", data)
    programs: dict[int, CoreProgram] = {}
    at = 0
    while at < len(words):
        if words[at] == 0:
            at += 1
            continue
        programs[4 * at], at = decode(words, at)
    return CoreSection(programs, len(data))
