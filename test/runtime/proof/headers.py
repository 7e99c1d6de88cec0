"""Contracts and annotations for functions of generated headers, put into copies of these.

The headers are made for C and C++; what a proof wants said in them stands here. No code is changed.
"""

import re
from pathlib import Path

# Contracts of functions: file, what they stand before, text.
CONTRACTS = (
    (
        "devices.h",
        "static inline enum aieml_tile_kind adfc_device_tile_kind(",
        r"""/*@ requires \valid_read(device);
    assigns \nothing;
    ensures 0 <= \result <= 2; */
""",
    ),
    (
        "devices.h",
        "static inline int adfc_device_has_noc(",
        r"""/*@ requires \valid_read(device) && device->columns <= 64;
    assigns \nothing;
    ensures \result != 0 ==> column < device->columns; */
""",
    ),
)
# What is relied on of a register class.
_ROW = "1 <= {0}.stride && 1 <= {0}.words <= 64 && 1 <= {0}.count <= 0x40000"
_TABLE = re.compile(r"^static const struct aieml_register_class (\w+)\[(\d+)\]", flags=re.MULTILINE)
_CONTENTS = re.compile(
    r"^static (const struct [^;{=*]+?)\[(\w+)\] = \{\n.*?^\};$", flags=re.MULTILINE | re.DOTALL
)


def annotate(headers: Path, tables: bool) -> None:
    """Puts the contracts into the headers. Without `tables`, leaves away what tables hold.

    With the contents of hundreds of register classes in each goal, provers find nothing.
    """
    folder = headers / "adfc/spec"
    registers = folder / "aieml_regs.h"
    registers.write_text(_annotate_registers(registers.read_text()))
    for name, place, text in CONTRACTS:
        file = folder / name
        file.write_text(_insert(file.read_text(), place, text))
    if not tables:
        for file in folder.iterdir():
            file.write_text(_CONTENTS.sub(r"extern \1[\2];", file.read_text()))


def _annotate_registers(text: str) -> str:
    """The look-up of a register: its contract, and that it holds for each row of the tables."""
    tables = [(name, int(rows)) for name, rows in _TABLE.findall(text)]
    places = ", ".join(f"&{name}[0 .. {rows - 1}]" for name, rows in tables)
    contract = rf"""/*@ requires 0 <= kind <= 2 && \valid(index) && \valid(word);
    requires \separated(index, word);
    requires \separated(index, {places});
    requires \separated(word, {places});
    assigns *index, *word;
    ensures \result != \null ==> \valid_read(\result);
    ensures \result != \null ==> *index < \result->count <= 0x40000;
    ensures \result != \null ==> *word < \result->words <= 64; */
"""
    size = "aieml_register_table_sizes[kind]"
    facts, rows_facts = ["kind == 0 || kind == 1 || kind == 2"], list[str]()
    for kind, (name, rows) in enumerate(tables):
        facts += [f"kind == {kind} ==> table == &{name}[0] && {size} == {rows}"]
        facts += [_ROW.format(f"{name}[{row}]") for row in range(rows)]
        numbers = " || ".join(f"i == {row}" for row in range(rows))
        rows_facts += [f"kind == {kind} ==> {numbers}"]
        rows_facts += [f"kind == {kind} ==> c == &{name}[i]"]
        rows_facts += [f"kind == {kind} ==> {_ROW.format(f'{name}[i]')}"]
    rows_facts += [rf"\valid_read(c) && {_ROW.format('(*c)')}"]
    loop = f"""  /*@ loop invariant 0 <= i <= {size};
      loop assigns i;
      loop variant {size} - i; */
"""
    function = "static inline const struct aieml_register_class *\naieml_find_register("
    before, found, after = text.partition(function)
    after = _insert(
        after,
        "  for (uint32_t i = 0;",
        "".join(f"  /*@ assert {fact}; */\n" for fact in facts) + loop,
    )
    after = _insert(
        after,
        "    if (offset < c->offset)",
        "".join(f"    /*@ assert {fact}; */\n" for fact in rows_facts),
    )
    here = "*index == n && n < c->count <= 0x40000 && *word == byte / 4 < c->words <= 64"
    after = _insert(after, "      return c;", f"      /*@ assert {here}; */\n")
    return _insert(before + found + after, function, contract)


def _insert(text: str, place: str, addition: str) -> str:
    """`text` with `addition` before the first `place`. Raises RuntimeError where there is none."""
    before, found, after = text.partition(place)
    if not found:
        raise RuntimeError(f"a generated header has no '{place}'")
    return before + addition + found + after
