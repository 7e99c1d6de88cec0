"""The core program instruction set (spec/core_program.toml): its typed form and C header.

Standard library only: CMake runs it before anything is installed.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GENERATED = "Generated from spec/core_program.toml by adfc.spec.core_program. Do not edit."


@dataclass(frozen=True)
class Field:
    """A named field or word: `kind` says how it is shown and what it may be."""

    name: str
    kind: str


@dataclass(frozen=True)
class WordList:
    """A list of words at an instruction's end; field `count` of word 0 has its length."""

    name: str
    count: str
    kind: str


@dataclass(frozen=True)
class CoreInstruction:
    """One core program instruction."""

    name: str
    opcode: int
    a: Field | None
    b: Field | None
    words: tuple[Field, ...]
    lists: tuple[WordList, ...]
    assembly: str
    example: str
    description: str

    @property
    def mnemonic(self) -> str:
        """The instruction's name in assembly."""
        return self.name.lower()

    @property
    def assembly_tokens(self) -> tuple[str, ...]:
        """The assembly as tokens: `$name` for a field or list, else punctuation or a keyword."""
        return tuple(token.strip("`") for token in self.assembly.split())

    @property
    def fixed_words(self) -> int:
        """Length in words without the lists, word 0 included."""
        return 1 + len(self.words)


@dataclass(frozen=True)
class CoreIsa:
    """The whole instruction set; `limits` are the other numbers of [format]."""

    version: int
    magic: int
    limits: dict[str, int]
    instructions: tuple[CoreInstruction, ...]


def _field(raw: dict[str, Any], key: str) -> Field | None:
    return Field(raw[key]["name"], raw[key]["kind"]) if key in raw else None


def load(spec: Path) -> CoreIsa:
    """Reads `spec`/core_program.toml."""
    with (spec / "core_program.toml").open("rb") as file:
        raw = tomllib.load(file)
    form = dict(raw["format"])
    return CoreIsa(
        version=form.pop("version"),
        magic=form.pop("magic"),
        limits=form,
        instructions=tuple(
            CoreInstruction(
                name=entry["name"],
                opcode=entry["opcode"],
                a=_field(entry, "a"),
                b=_field(entry, "b"),
                words=tuple(Field(w["name"], w["kind"]) for w in entry.get("words", [])),
                lists=tuple(
                    WordList(x["name"], x["count"], x["kind"]) for x in entry.get("lists", [])
                ),
                assembly=entry["assembly"],
                example=entry["example"],
                description=entry["description"],
            )
            for entry in raw["instruction"]
        ),
    )


def c_header(isa: CoreIsa) -> str:
    """adfc/spec/core_program.h: constants only, fit for C, C++ and freestanding code."""
    lines = [
        f"/* {GENERATED} */",
        "#ifndef ADFC_SPEC_CORE_PROGRAM_H",
        "#define ADFC_SPEC_CORE_PROGRAM_H",
        "",
        f"#define CORE_PROGRAM_MAGIC 0x{isa.magic:x}u",
        f"#define CORE_PROGRAM_VERSION {isa.version}u",
    ]
    for name, value in isa.limits.items():
        text = (
            f"({value})" if value < 0 else f"{value}" if name.startswith("lock_v") else f"{value}u"
        )
        lines.append(f"#define CORE_PROGRAM_{name.upper()} {text}")
    lines += [
        "",
        "/* Header word. */",
        "#define CORE_PROGRAM_HEADER(total_words) \\",
        "  (CORE_PROGRAM_MAGIC | CORE_PROGRAM_VERSION << 8 | (total_words) << 16)",
        "#define CORE_PROGRAM_HEADER_MAGIC(word) ((word) & 0xffu)",
        "#define CORE_PROGRAM_HEADER_VERSION(word) ((word) >> 8 & 0xffu)",
        "#define CORE_PROGRAM_HEADER_WORDS(word) ((word) >> 16)",
        "",
        "/* Word 0 of an instruction; a signed b is its 16-bit two's complement. */",
        "#define CORE_WORD0(opcode, a, b) ((opcode) | (a) << 8 | ((b) & 0xffffu) << 16)",
        "#define CORE_OPCODE(word0) ((word0) & 0xffu)",
        "#define CORE_A(word0) ((word0) >> 8 & 0xffu)",
        "#define CORE_B(word0) ((word0) >> 16)",
        "",
        "/* The memory modules that a core reaches, its own and its neighbours', each with its",
        "   locks: numbered by where in its addresses they lie; what is between them is none. */",
        "enum core_module {",
        "  CORE_OWN = 0,",
        *(
            f"  CORE_{name} = CORE_PROGRAM_{name} / CORE_PROGRAM_DATA_MEMORY_BYTES,"
            for name in ("SOUTH", "WEST", "NORTH")
        ),
        "  CORE_MODULES",
        "};",
        "/* The module of a byte address, and of a lock; CORE_MODULES or more: none. */",
        "#define CORE_ADDRESS_MODULE(address) ((address) / CORE_PROGRAM_DATA_MEMORY_BYTES)",
        "#define CORE_LOCK_MODULE(lock) \\",
        "  ((lock) < CORE_PROGRAM_LOCKS ? 0u : (lock) / CORE_PROGRAM_LOCKS + (CORE_SOUTH - 1u))",
        "",
        "/* A buffer operand of CALL with this bit names the window in its low bits. */",
        "#define CORE_BUFFER_WINDOW 0x80000000u",
        "",
        "enum core_opcode {",
    ]
    lines += [f"  CORE_OP_{op.name} = {op.opcode}," for op in isa.instructions]
    lines += [
        "};",
        "",
        "/* X(name, opcode, words without lists,",
        "     1 if lists of a + b words follow, 1 if field a is used, 1 if field b is used) */",
        "#define CORE_INSTRUCTIONS(X) \\",
    ]
    rows = [
        f"  X({op.name}, {op.opcode}, {op.fixed_words}, {int(bool(op.lists))},"
        f" {int(op.a is not None)}, {int(op.b is not None)})"
        for op in isa.instructions
    ]
    lines += [" \\\n".join(rows), "", "/* Index of each fixed word. */"]
    lines += [
        f"#define CORE_{op.name}_{word.name.upper()} {i}u"
        for op in isa.instructions
        for i, word in enumerate(op.words, 1)
    ]
    lines += [
        f"#define CORE_{op.name}_LISTS {op.fixed_words}u" for op in isa.instructions if op.lists
    ]
    lines += ["", "#endif", ""]
    return "\n".join(lines)


def docs_table(isa: CoreIsa) -> str:
    """The instructions, as a Markdown table."""
    lines = ["| opcode | instruction | a | b | words | |", "|---|---|---|---|---|---|"]
    for op in isa.instructions:
        fields = [f"`{field.name}`" if field else "-" for field in (op.a, op.b)]
        words = [f"`{w.name}`" for w in op.words] + [f"`{x.name}`..." for x in op.lists]
        text = f"{op.description} `{op.example}`".replace("|", "\\|")
        lines.append(
            f"| {op.opcode} | {op.name} | {fields[0]} | {fields[1]} | {', '.join(words) or '-'}"
            f" | {text} |"
        )
    return "\n".join(lines) + "\n"


def outputs(spec: Path) -> dict[str, str]:
    """All generated files: path under the include folder -> text."""
    return {"adfc/spec/core_program.h": c_header(load(spec))}
