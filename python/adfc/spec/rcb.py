"""The RCB instruction set (spec/rcb.toml): its typed form, and the C header made from it.

Standard library only: CMake runs it before anything is installed.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adfc.errors import AdfcError

KINDS = (
    "address",
    "tile",
    "hex",
    "number",
    "count",
    "cycles",
    "direction",
    "buffer",
    "offset",
    "words",
)
"""What an operand may be; spec/rcb.toml explains each."""

GENERATED = "Generated from spec/rcb.toml by adfc.spec.rcb. Do not edit."


@dataclass(frozen=True)
class Operand:
    """One operand of an instruction."""

    name: str
    kind: str
    word: int
    """Index of its (first) word in the instruction."""

    @property
    def words(self) -> int:
        """Number of 32-bit words it takes; 0 for a payload, which has any number."""
        return {"offset": 2, "words": 0}.get(self.kind, 1)


@dataclass(frozen=True)
class Instruction:
    """One instruction: its encoding and its text form."""

    name: str
    opcode: int
    operands: tuple[Operand, ...]
    assembly: str
    example: str
    summary: str
    description: str

    @property
    def mnemonic(self) -> str:
        """The instruction's name in assembly."""
        return self.name.lower()

    @property
    def has_payload(self) -> bool:
        """Whether a list of words ends the instruction."""
        return any(operand.kind == "words" for operand in self.operands)

    @property
    def words(self) -> int:
        """Length in words without the payload, word 0 included."""
        return 1 + sum(operand.words for operand in self.operands)

    @property
    def op_class(self) -> str:
        """Name of the op's C++ class: MASK_WRITE32 -> MaskWrite32Op."""
        return "".join(part.capitalize() for part in self.name.split("_")) + "Op"

    @property
    def assembly_tokens(self) -> tuple[str, ...]:
        """The assembly as tokens: `$name` for an operand, else punctuation or a keyword."""
        return tuple(token.strip("`") for token in self.assembly.split())


@dataclass(frozen=True)
class EnumCase:
    """A named value of an enumeration."""

    name: str
    value: int
    description: str


@dataclass(frozen=True)
class Enumeration:
    """An operand kind whose words have names."""

    name: str
    description: str
    cases: tuple[EnumCase, ...]


@dataclass(frozen=True)
class Isa:
    """The whole instruction set."""

    version: int
    magic: int
    max_instruction_words: int
    max_wait_cycles: int
    header: tuple[tuple[str, str], ...]
    """(name, description) of each header word."""
    enums: tuple[Enumeration, ...]
    instructions: tuple[Instruction, ...]

    def enumeration(self, name: str) -> Enumeration:
        """The enumeration of operand kind `name`; KeyError where there is none."""
        for enumeration in self.enums:
            if enumeration.name == name:
                return enumeration
        raise KeyError(name)


def _instruction(raw: dict[str, Any]) -> Instruction:
    operands: list[Operand] = []
    word = 1
    for entry in raw["operands"]:
        operand = Operand(entry["name"], entry["kind"], word)
        if operand.kind not in KINDS:
            raise AdfcError(f"rcb.toml: {raw['name']}: unknown operand kind {operand.kind}")
        word += operand.words
        operands.append(operand)
    result = Instruction(
        name=raw["name"],
        opcode=raw["opcode"],
        operands=tuple(operands),
        assembly=raw["assembly"],
        example=raw["example"],
        summary=raw["summary"],
        description=raw["description"],
    )
    if any(operand.kind == "words" for operand in operands[:-1]):
        raise AdfcError(f"rcb.toml: {result.name}: the payload must be the last operand")
    named = [token[1:] for token in result.assembly_tokens if token.startswith("$")]
    if named != [operand.name for operand in operands]:
        raise AdfcError(f"rcb.toml: {result.name}: the assembly must name all operands, in order")
    return result


def load(spec: Path) -> Isa:
    """Reads `spec`/rcb.toml. Raises AdfcError where it contradicts itself."""
    with (spec / "rcb.toml").open("rb") as file:
        raw = tomllib.load(file)
    instructions = tuple(_instruction(entry) for entry in raw["instruction"])
    if [instruction.opcode for instruction in instructions] != list(range(len(instructions))):
        raise AdfcError(
            "rcb.toml: opcodes must count up from 0, for the tables are indexed by them"
        )
    enums = tuple(
        Enumeration(
            name,
            body["description"],
            tuple(
                EnumCase(case, value["value"], value["description"])
                for case, value in body.items()
                if isinstance(value, dict)
            ),
        )
        for name, body in raw["enums"].items()
    )
    form = raw["format"]
    return Isa(
        version=form["version"],
        magic=form["magic"],
        max_instruction_words=form["max_instruction_words"],
        max_wait_cycles=form["max_wait_cycles"],
        header=tuple((entry["name"], entry["description"]) for entry in raw["header"]),
        enums=enums,
        instructions=instructions,
    )


# ---- C -------------------------------------------------------------------------------------------


def c_header(isa: Isa) -> str:
    """adfc/spec/rcb_isa.h: constants only, fit for C, C++ and freestanding code."""
    lines = [
        f"/* {GENERATED} */",
        "#ifndef ADFC_SPEC_RCB_ISA_H",
        "#define ADFC_SPEC_RCB_ISA_H",
        "",
        f"#define RCB_MAGIC 0x{isa.magic:08x}u",
        f"#define RCB_VERSION {isa.version}u",
        f"#define RCB_MAX_INSTRUCTION_WORDS {isa.max_instruction_words}u",
        "/* No single wait lasts longer, in array cycles. */",
        f"#define ADFC_MAX_WAIT {isa.max_wait_cycles}u",
        "",
        "/* Index of each header word. */",
    ]
    lines += [f"#define RCB_HEADER_{name.upper()} {i}u" for i, (name, _) in enumerate(isa.header)]
    lines += [
        f"#define RCB_HEADER_WORDS {len(isa.header)}u",
        "",
        "/* Word 0 of an instruction. */",
        "#define RCB_WORD0(opcode, length) ((opcode) | (length) << 16)",
        "#define RCB_OPCODE(word0) ((word0) & 0xffu)",
        "#define RCB_FLAGS(word0) ((word0) >> 8 & 0xffu)",
        "#define RCB_LENGTH(word0) ((word0) >> 16)",
        "",
        "/* Tile operand. */",
        "#define RCB_TILE(column, row) ((column) << 8 | (row))",
        "#define RCB_TILE_COLUMN(tile) ((tile) >> 8)",
        "#define RCB_TILE_ROW(tile) ((tile) & 0xffu)",
    ]
    for enumeration in isa.enums:
        lines += ["", f"/* {enumeration.description}. */", f"enum rcb_{enumeration.name} {{"]
        prefix = f"RCB_{enumeration.name.upper()}"
        for case in enumeration.cases:
            lines.append(f"  {prefix}_{case.name.upper()} = {case.value}, /* {case.description} */")
        lines += ["};", f"#define {prefix}_COUNT {len(enumeration.cases)}u"]
    lines += ["", "enum rcb_opcode {"]
    for op in isa.instructions:
        lines.append(f"  RCB_OP_{op.name} = {op.opcode}, /* {op.summary} */")
    lines += [
        "};",
        f"#define RCB_OPCODE_COUNT {len(isa.instructions)}u",
        "",
        "/* X(name, opcode, words without payload, 1 if a payload of at least one word follows) */",
        "#define RCB_INSTRUCTIONS(X) \\",
    ]
    rows = [
        f"  X({op.name}, {op.opcode}, {op.words}, {int(op.has_payload)})" for op in isa.instructions
    ]
    lines += [" \\\n".join(rows), "", "/* Index of each operand's (first) word. */"]
    lines += [
        f"#define RCB_{op.name}_{operand.name.upper()} {operand.word}u"
        for op in isa.instructions
        for operand in op.operands
    ]
    lines += ["", "#endif", ""]
    return "\n".join(lines)


# ---- docs ----------------------------------------------------------------------------------------


def docs_header(isa: Isa) -> str:
    """The header's words, as a Markdown table."""
    lines = ["| word | name | |", "|---|---|---|"]
    lines += [f"| {i} | `{name}` | {text} |" for i, (name, text) in enumerate(isa.header)]
    return "\n".join(lines) + "\n"


def docs_instructions(isa: Isa) -> str:
    """The instructions, as a Markdown table."""
    lines = ["| opcode | instruction | words | operands | |", "|---|---|---|---|---|"]
    for op in isa.instructions:
        operands = ", ".join(f"`{o.name}` ({o.kind})" for o in op.operands)
        words = f"{op.words} + n" if op.has_payload else f"{op.words}"
        example = f" `{op.mnemonic} {op.example}`" if op.example else f" `{op.mnemonic}`"
        lines.append(
            f"| {op.opcode} | {op.name} | {words} | {operands} | {op.description}{example} |"
        )
    return "\n".join(lines) + "\n"


def docs_enums(isa: Isa) -> str:
    """The operand kinds whose words have names, as Markdown tables."""
    tables: list[str] = []
    for enumeration in isa.enums:
        lines = [f"| {enumeration.name} | | {enumeration.description} |", "|---|---|---|"]
        lines += [f"| {c.value} | `{c.name}` | {c.description} |" for c in enumeration.cases]
        tables.append("\n".join(lines) + "\n")
    return "\n".join(tables)


def outputs(spec: Path) -> dict[str, str]:
    """All generated files: path under the include folder -> text."""
    return {"adfc/spec/rcb_isa.h": c_header(load(spec))}
