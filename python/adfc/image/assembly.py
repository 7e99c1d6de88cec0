"""Assembly text of control and core programs: made by `disassemble`, read back by `assemble`.

    program device 1 buffers 4
      phase 0
      write32 (2, 3) 0x1de04, 0x0
      wait_task (2, 0) s2mm 0 max 100000
      end

    core_programs bytes 64
    core_program at 0
      loop 4
        acquire 2, -1
      next
      done

Before `program` there may be a `load_program`, in the same form. A semicolon begins a comment.
Indentation has no meaning. Operands stand as spec/*.toml say; the program's header is made from the
rest, so that text gives back exactly the bytes it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from adfc.errors import ImageError
from adfc.image import core_program, rcb
from adfc.image.core_program import CoreInstruction, CoreProgram, CoreSection
from adfc.image.isa import core_by_mnemonic, rcb_by_mnemonic
from adfc.image.rcb import RcbInstruction, RcbProgram
from adfc.image.syntax import Tokens, join, read_list, read_value, write_list, write_value

Comment = Callable[[RcbInstruction], str]
"""Says something about an instruction, or nothing ("")."""


@dataclass(frozen=True)
class Assembly:
    """The bytes of sections `program`, `core_programs` and `load_program` (empty: none)."""

    program: bytes
    core_programs: bytes
    load_program: bytes = b""


# ---- writing -------------------------------------------------------------------------------------


def rcb_line(instruction: RcbInstruction) -> str:
    """One RCB instruction as text."""
    shape = rcb_by_mnemonic()[instruction.mnemonic]
    kinds = {operand.name: operand.kind for operand in shape.operands}
    parts = [shape.mnemonic]
    for token in shape.assembly_tokens:
        if not token.startswith("$"):
            parts.append(token)
        elif kinds[token[1:]] == "words":
            parts.append(write_list("words", instruction.payload))
        else:
            parts.append(write_value(kinds[token[1:]], instruction.operands[token[1:]]))
    return join(parts)


def core_line(instruction: CoreInstruction) -> str:
    """One core program instruction as text."""
    shape = core_by_mnemonic()[instruction.mnemonic]
    lists = {entry.name: entry.kind for entry in shape.lists}
    kinds = {entry.name: entry.kind for entry in (shape.a, shape.b, *shape.words) if entry}
    parts = [shape.mnemonic]
    for token in shape.assembly_tokens:
        name = token[1:]
        if not token.startswith("$"):
            parts.append(token)
        elif name in lists:
            parts.append(write_list(lists[name], instruction.lists[name]))
        else:
            parts.append(write_value(kinds[name], instruction.fields[name]))
    return join(parts)


def _program_lines(title: str, data: bytes, comment: Comment | None) -> Iterator[str]:
    program = rcb.decode(data)
    yield f"{title} device {program.device} buffers {program.buffers}"
    for instruction in program.instructions:
        line = f"  {rcb_line(instruction)}"
        note = " ".join(comment(instruction).split()) if comment else ""
        yield f"{line:<56} ; {note}" if note else line


def _core_lines(section: CoreSection) -> Iterator[str]:
    yield f"core_programs bytes {section.size}"
    for offset, program in sorted(section.programs.items()):
        yield f"core_program at {offset}"
        depth = 1
        for instruction in program.instructions:
            depth -= instruction.mnemonic == "next" and depth > 1
            yield "  " * depth + core_line(instruction)
            depth += instruction.mnemonic == "loop"


def disassemble(
    program: bytes,
    core_programs: bytes,
    comment: Comment | None = None,
    load_program: bytes = b"",
) -> str:
    """The text of these sections, which `assemble` turns back into the same bytes.

    `comment` adds remarks. Raises ImageError, one line, where the bytes are no programs.
    """
    load = [*_program_lines("load_program", load_program, comment), ""] if load_program else []
    lines = [
        *load,
        *_program_lines("program", program, comment),
        "",
        *_core_lines(core_program.decode_section(core_programs)),
    ]
    return "\n".join(lines) + "\n"


# ---- reading -------------------------------------------------------------------------------------


def read_rcb_line(tokens: Tokens) -> RcbInstruction:
    """Reads one RCB instruction. Raises ImageError."""
    mnemonic = tokens.next()
    shape = rcb_by_mnemonic().get(mnemonic)
    if shape is None:
        raise ImageError(f"no instruction is called '{mnemonic}'")
    kinds = {operand.name: operand.kind for operand in shape.operands}
    operands: dict[str, int] = {}
    payload: tuple[int, ...] = ()
    for token in shape.assembly_tokens:
        if not token.startswith("$"):
            tokens.expect(token)
        elif kinds[token[1:]] == "words":
            payload = read_list("words", tokens)
        else:
            operands[token[1:]] = read_value(kinds[token[1:]], tokens)
    tokens.end()
    return RcbInstruction(mnemonic, operands, payload)


def read_core_line(tokens: Tokens) -> CoreInstruction:
    """Reads one core program instruction. Raises ImageError."""
    mnemonic = tokens.next()
    shape = core_by_mnemonic().get(mnemonic)
    if shape is None:
        raise ImageError(f"no core instruction is called '{mnemonic}'")
    list_kinds = {entry.name: entry.kind for entry in shape.lists}
    kinds = {entry.name: entry.kind for entry in (shape.a, shape.b, *shape.words) if entry}
    fields: dict[str, int] = {}
    lists: dict[str, tuple[int, ...]] = {}
    for token in shape.assembly_tokens:
        name = token[1:]
        if not token.startswith("$"):
            tokens.expect(token)
        elif name in list_kinds:
            lists[name] = read_list(list_kinds[name], tokens)
        else:
            fields[name] = read_value(kinds[name], tokens)
    tokens.end()
    return CoreInstruction(mnemonic, fields, lists)


@dataclass
class _Control:
    """A control program being read."""

    device: int
    buffers: int
    instructions: list[RcbInstruction] = field(default_factory=list[RcbInstruction])

    def encode(self) -> bytes:
        """Its bytes. Raises ImageError."""
        return rcb.encode(RcbProgram(self.device, self.buffers, tuple(self.instructions)))


class _Reader:
    """Collects lines into programs."""

    def __init__(self) -> None:
        self.control: dict[str, _Control] = {}
        self.size: int | None = None
        self.programs: dict[int, list[CoreInstruction]] = {}
        self.current: list[CoreInstruction] | None = None

    def line(self, tokens: Tokens) -> None:
        """Reads one line that is not empty. Raises ImageError."""
        match tokens.peek():
            case "load_program" | "program" as title:
                if "program" in self.control or title in self.control:
                    raise ImageError(
                        "there is a program already; a load_program comes once, before it"
                    )
                device, buffers = self._heading(tokens, f"{title} device # buffers #")
                self.control[title] = _Control(device, buffers)
            case "core_programs":
                if "program" not in self.control or self.size is not None:
                    raise ImageError("core_programs comes once, after the program")
                (self.size,) = self._heading(tokens, "core_programs bytes #")
            case "core_program":
                (offset,) = self._heading(tokens, "core_program at #")
                if self.size is None or offset in self.programs:
                    raise ImageError(
                        "a core_program comes after core_programs, each at its own place"
                    )
                self.current = self.programs[offset] = []
            case _ if self.size is None and self.control:
                [*self.control.values()][-1].instructions.append(read_rcb_line(tokens))
            case _ if self.current is not None:
                self.current.append(read_core_line(tokens))
            case _:
                raise ImageError("an instruction stands outside of a program")

    @staticmethod
    def _heading(tokens: Tokens, form: str) -> tuple[int, ...]:
        numbers: list[int] = []
        for word in form.split():
            if word == "#":
                numbers.append(tokens.number())
            else:
                tokens.expect(word)
        tokens.end()
        return tuple(numbers)

    def finish(self) -> Assembly:
        """The bytes. Raises ImageError where something is missing or does not fit."""
        if "program" not in self.control or self.size is None:
            raise ImageError("the text has no program, or no core_programs")
        load = self.control.get("load_program")
        programs = {at: CoreProgram(tuple(body)) for at, body in self.programs.items()}
        return Assembly(
            program=self.control["program"].encode(),
            core_programs=core_program.encode_section(CoreSection(programs, self.size)),
            load_program=load.encode() if load else b"",
        )


def assemble(text: str) -> Assembly:
    """The bytes that `text` stands for. Raises ImageError that names the line."""
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            tokens = Tokens.of(line)
            if not tokens.done:
                reader.line(tokens)
        except ImageError as error:
            raise ImageError(f"line {number}: {error.message}") from error
    return reader.finish()
