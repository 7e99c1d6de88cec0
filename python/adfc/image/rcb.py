"""RCB programs: words <-> instructions with named operands (docs/rcb.md)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from adfc.errors import ImageError
from adfc.image.isa import rcb_by_mnemonic, rcb_isa
from adfc.spec import rcb as spec

HEADER_WORDS = 8
_WORD = 0xFFFF_FFFF


@dataclass(frozen=True)
class RcbInstruction:
    """One instruction: `mnemonic`, operand values by name, and the payload words, if it has any."""

    mnemonic: str
    operands: dict[str, int] = field(default_factory=dict[str, int])
    payload: tuple[int, ...] = ()


@dataclass(frozen=True)
class RcbProgram:
    """A whole program. `device` is the device's ordinal, `buffers` the number of DDR buffers."""

    device: int
    buffers: int
    instructions: tuple[RcbInstruction, ...]
    version: int = 1


def _limits(kind: str) -> tuple[int, int]:
    """Least and greatest value of an operand kind."""
    isa = rcb_isa()
    if kind == "cycles":
        return 1, isa.max_wait_cycles
    if kind == "count":
        return 1, _WORD
    if kind == "offset":
        return 0, 0xFFFF_FFFF_FFFF_FFFF
    if kind == "tile":
        return 0, 0xFFFF
    if kind in ("direction", "buffer"):
        return 0, len(isa.enumeration(kind).cases) - 1
    return 0, _WORD


def _check(instruction: spec.Instruction, operand: spec.Operand, value: int) -> None:
    low, high = _limits(operand.kind)
    if not low <= value <= high:
        raise ImageError(
            f"{instruction.mnemonic}: {operand.name} is {value}, must be {low} to {high}"
        )


def encode_instruction(instruction: RcbInstruction) -> list[int]:
    """The instruction's words. Raises ImageError for an unknown one and values out of range."""
    shape = rcb_by_mnemonic().get(instruction.mnemonic)
    if shape is None:
        raise ImageError(f"no instruction is called '{instruction.mnemonic}'")
    words = [0]
    for operand in shape.operands:
        if operand.kind == "words":
            words += instruction.payload
            continue
        value = instruction.operands[operand.name]
        _check(shape, operand, value)
        words += [value & _WORD, value >> 32] if operand.kind == "offset" else [value]
    if shape.has_payload != bool(instruction.payload):
        expected = "needs at least one word" if shape.has_payload else "has no list of words"
        raise ImageError(f"{shape.mnemonic} {expected}")
    if len(words) > rcb_isa().max_instruction_words:
        raise ImageError(f"{shape.mnemonic}: {len(words)} words do not fit one instruction")
    words[0] = shape.opcode | len(words) << 16
    return words


def decode_instruction(words: Sequence[int], start: int) -> tuple[RcbInstruction, int]:
    """The instruction at index `start` of `words`, and the index after it.

    Raises ImageError for what `encode_instruction` would not have written.
    """
    isa = rcb_isa()
    opcode, flags, length = words[start] & 0xFF, words[start] >> 8 & 0xFF, words[start] >> 16
    if opcode >= len(isa.instructions) or flags:
        raise ImageError(f"program word {start}: no instruction is encoded as {words[start]:#010x}")
    shape = isa.instructions[opcode]
    end = start + length
    fits = length > shape.words if shape.has_payload else length == shape.words
    if not fits or end > len(words):
        raise ImageError(f"program word {start}: {shape.name} cannot be {length} words long")
    operands: dict[str, int] = {}
    payload: tuple[int, ...] = ()
    for operand in shape.operands:
        at = start + operand.word
        if operand.kind == "words":
            payload = tuple(words[at:end])
            continue
        value = words[at] | words[at + 1] << 32 if operand.kind == "offset" else words[at]
        try:
            _check(shape, operand, value)
        except ImageError as error:
            raise ImageError(f"program word {start}: {error}") from error
        operands[operand.name] = value
    return RcbInstruction(shape.mnemonic, operands, payload), end


def encode(program: RcbProgram) -> bytes:
    """The program's bytes, its header's counts and checksum made from the instructions.

    Raises ImageError for what cannot be encoded, and where END is not the last instruction, only.
    """
    ends = [
        i for i, instruction in enumerate(program.instructions) if instruction.mnemonic == "end"
    ]
    if ends != [len(program.instructions) - 1]:
        raise ImageError("the last instruction of a program, and only that, is end")
    words: list[int] = []
    wait = 0
    for instruction in program.instructions:
        words += encode_instruction(instruction)
        wait += instruction.operands.get("max_cycles", 0)
    body = struct.pack(f"<{len(words)}I", *words)
    isa = rcb_isa()
    header = struct.pack(
        f"<{HEADER_WORDS}I",
        isa.magic,
        program.version,
        HEADER_WORDS + len(words),
        program.device,
        len(program.instructions),
        program.buffers,
        min(wait, _WORD),
        zlib.crc32(body),
    )
    return header + body


def decode(data: bytes | memoryview) -> RcbProgram:
    """The program that `encode` wrote. Raises ImageError, one line, for any other bytes."""
    if len(data) % 4 or len(data) < 4 * HEADER_WORDS:
        raise ImageError(f"a program cannot be {len(data)} bytes long")
    words = struct.unpack(f"<{len(data) // 4}I", data)
    magic, version, total, device, count, buffers, wait, crc = words[:HEADER_WORDS]
    isa = rcb_isa()
    if magic != isa.magic or version != isa.version:
        raise ImageError(f"not a program of version {isa.version}: it begins {magic:#x} {version}")
    if total != len(words):
        raise ImageError(f"the program has {len(words)} words, its header says {total}")
    if zlib.crc32(data[4 * HEADER_WORDS :]) != crc:
        raise ImageError("the program's bytes are damaged (checksum)")
    instructions: list[RcbInstruction] = []
    at = HEADER_WORDS
    while at < len(words):
        instruction, at = decode_instruction(words, at)
        instructions.append(instruction)
    program = RcbProgram(device, buffers, tuple(instructions), version)
    waits = sum(i.operands.get("max_cycles", 0) for i in instructions)
    if count != len(instructions) or wait != min(waits, _WORD):
        raise ImageError("the program's header contradicts its instructions")
    if not instructions or instructions[-1].mnemonic != "end":
        raise ImageError("the program does not end with end")
    return program
