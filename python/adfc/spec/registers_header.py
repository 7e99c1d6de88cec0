"""Makes adfc/spec/aieml_regs.h, the register map for C and C++, from spec/registers/aieml.toml."""

from pathlib import Path

from adfc.spec.registers import (
    KINDS,
    MAX_BD_WORDS,
    PORT_TYPES,
    ConnectionRule,
    Register,
    RegisterMap,
    TileRegisters,
    load,
)

_INTRO = """\
// Generated from spec/registers/aieml.toml by adfc.spec.registers_header. Do not edit.
//
// Registers of the AIE-ML tiles (AM025; aie-rt xaiemlgbl_params.h), for C and C++.
//   AIEML_<KIND>_<NAME>                 offset in the tile, bytes; _COUNT, _STRIDE (bytes)
//   AIEML_<KIND>_<NAME>_<FIELD>_LSB     lowest bit of a field; _WIDTH: bits; _WORD: word of a BD
//   AIEML_FIELD_GET(word, FIELD), AIEML_FIELD_SET(word, FIELD, value),
//   AIEML_BD_GET(words, FIELD), AIEML_BD_SET(words, FIELD, value)
//     take the field's full name without its suffix, as in AIEML_CORE_DMA_BD_D0_STEPSIZE.
#ifndef ADFC_SPEC_AIEML_REGS_H
#define ADFC_SPEC_AIEML_REGS_H

#include <stdint.h>
"""

_HELPERS = """\
#define AIEML_ADDRESS(column, row, offset)                                                        \\
  (((uint32_t)(column) << AIEML_COLUMN_SHIFT) | ((uint32_t)(row) << AIEML_ROW_SHIFT) |            \\
   (uint32_t)(offset))
#define AIEML_ADDRESS_COLUMN(address) ((uint32_t)(address) >> AIEML_COLUMN_SHIFT)
#define AIEML_ADDRESS_ROW(address)                                                                \\
  (((uint32_t)(address) >> AIEML_ROW_SHIFT) & ((1u << (AIEML_COLUMN_SHIFT - AIEML_ROW_SHIFT)) - 1u))
#define AIEML_ADDRESS_OFFSET(address) ((uint32_t)(address) & ((1u << AIEML_ROW_SHIFT) - 1u))

// The largest value of a field.
#define AIEML_FIELD_MAX(field) ((uint32_t)(0xffffffffu >> (32 - field##_WIDTH)))
#define AIEML_FIELD_MASK(field) (AIEML_FIELD_MAX(field) << field##_LSB)
#define AIEML_FIELD_GET(word, field) (((uint32_t)(word) >> field##_LSB) & AIEML_FIELD_MAX(field))
#define AIEML_FIELD_SET(word, field, value)                                                       \\
  (((uint32_t)(word) & ~AIEML_FIELD_MASK(field)) |                                                \\
   (((uint32_t)(value) & AIEML_FIELD_MAX(field)) << field##_LSB))
#define AIEML_BD_GET(words, field) AIEML_FIELD_GET((words)[field##_WORD], field)
#define AIEML_BD_SET(words, field, value)                                                         \\
  ((words)[field##_WORD] = AIEML_FIELD_SET((words)[field##_WORD], field, value))
// The value of a signed field of that width.
#define AIEML_SIGNED(value, width)                                                                \\
  ((int32_t)((uint32_t)(value) << (32 - (width))) / (int32_t)(1u << (32 - (width))))
"""

_TABLE_TYPES = """\
// One class of registers: `count` instances of `words` 32-bit words, `stride` bytes apart.
struct aieml_register_class {
  uint32_t offset;
  uint32_t count;
  uint32_t stride;
  uint32_t words;
  uint8_t readable;
  uint8_t writable;
  uint8_t noc_only; // only in shim tiles with a NoC connection
  uint8_t id;       // enum aieml_register
  const char *name;
};
"""

_FIND = """\
// The class that has a register at `offset` (bytes) of a tile of that kind, or NULL.
// index: which instance; word: which word of it.
static inline const struct aieml_register_class *
aieml_find_register(enum aieml_tile_kind kind, uint32_t offset, uint32_t *index, uint32_t *word) {
  const struct aieml_register_class *table = aieml_register_tables[kind];
  for (uint32_t i = 0; i < aieml_register_table_sizes[kind]; ++i) {
    const struct aieml_register_class *c = &table[i];
    if (offset < c->offset)
      return (const struct aieml_register_class *)0; // sorted by offset
    uint32_t at = offset - c->offset;
    uint32_t n = at / c->stride;
    uint32_t byte = at % c->stride;
    if (n < c->count && byte < 4 * c->words && (byte & 3u) == 0) {
      *index = n;
      *word = byte / 4;
      return c;
    }
  }
  return (const struct aieml_register_class *)0;
}

// Splits a physical port number into its type (enum aieml_port) and number; 0: no such port.
static inline int aieml_port_of(const struct aieml_port_range *ranges, uint32_t physical,
                                uint32_t *type, uint32_t *number) {
  for (uint32_t t = 0; t < AIEML_PORT_TYPES; ++t)
    if (physical >= ranges[t].first && physical - ranges[t].first < ranges[t].count) {
      *type = t;
      *number = physical - ranges[t].first;
      return 1;
    }
  return 0;
}
"""


def _register_lines(kind: str, register: Register) -> list[str]:
    name = f"AIEML_{kind.upper()}_{register.name}"
    lines = [
        f"// {register.description}",
        f"#define {name} {register.offset:#07x}u",
        f"#define {name}_COUNT {register.count}u",
        f"#define {name}_STRIDE {register.stride:#x}u",
    ]
    if register.words > 1:
        lines.append(f"#define {name}_WORDS {register.words}u")
    for field in register.fields:
        if register.words > 1:
            lines.append(f"#define {name}_{field.name}_WORD {field.word}")
        lines.append(f"#define {name}_{field.name}_LSB {field.lsb}")
        lines.append(f"#define {name}_{field.name}_WIDTH {field.width}")
    return lines


def _port_lines(tile: TileRegisters) -> list[str]:
    lines: list[str] = []
    for side, ports in (("MASTER", tile.masters), ("SLAVE", tile.slaves)):
        for name, (first, count) in ports.ranges.items():
            macro = f"AIEML_{tile.kind.upper()}_{side}_PORT_{name}"
            lines += [f"#define {macro} {first}u", f"#define {macro}_COUNT {count}u"]
    return lines


def _range(first: int, count: int) -> str:
    return f"{{{first}, {count}}}"


def _port_table(registers: RegisterMap, side: str) -> list[str]:
    lines = [
        f"// Physical port numbers of the switches' {side} ports, by tile kind and port type.",
        f"static const struct aieml_port_range aieml_{side}_ports[3][AIEML_PORT_TYPES] = {{",
    ]
    for kind in KINDS:
        tile = registers.tiles[kind]
        ports = tile.masters if side == "master" else tile.slaves
        row = ", ".join(_range(*ports.ranges.get(t, (0, 0))) for t in PORT_TYPES)
        lines.append(f"    {{{row}}}, // {kind}")
    return [*lines, "};", ""]


def _class_tables(registers: RegisterMap) -> list[str]:
    names = sorted({r.name for tile in registers.tiles.values() for r in tile.registers})
    lines = ["enum aieml_register {", *(f"  AIEML_REGISTER_{n}," for n in names), "};", ""]
    lines += [_TABLE_TYPES]
    for kind in KINDS:
        table = registers.tiles[kind].registers
        lines.append(
            f"static const struct aieml_register_class aieml_{kind}_registers[{len(table)}] = {{"
        )
        for r in table:
            numbers = f"{r.offset:#07x}u, {r.count}u, {r.stride:#x}u, {r.words}u"
            flags = f"{int(r.readable)}, {int(r.writable)}, {int(r.noc)}"
            lines.append(f'    {{{numbers}, {flags}, AIEML_REGISTER_{r.name}, "{r.name}"}},')
        lines += ["};", ""]
    tables = ", ".join(f"aieml_{kind}_registers" for kind in KINDS)
    sizes = ", ".join(str(len(registers.tiles[kind].registers)) for kind in KINDS)
    lines += [
        "static const struct aieml_register_class *const aieml_register_tables[3] = {",
        f"    {tables}}};",
        f"static const uint32_t aieml_register_table_sizes[3] = {{{sizes}}};",
        "",
    ]
    return lines


def _rule_condition(rule: ConnectionRule) -> str:
    slaves = " || ".join(f"slave == AIEML_PORT_{s}" for s in rule.slaves)
    masters = " || ".join(f"master == AIEML_PORT_{m}" for m in rule.masters)
    return f"kind == AIEML_TILE_{rule.kind.upper()} && ({slaves}) && ({masters})"


def _connects(registers: RegisterMap) -> list[str]:
    lines = [
        "// Whether a switch of that kind of tile can feed the master port from the slave port.",
        "static inline int aieml_switch_connects(enum aieml_tile_kind kind, uint32_t slave,",
        "                                        uint32_t slave_number, uint32_t master,",
        "                                        uint32_t master_number) {",
    ]
    for rule in registers.rules:
        result = "slave_number == master_number" if rule.allowed == "same" else "0"
        lines += [f"  if ({_rule_condition(rule)})", f"    return {result};"]
    return [*lines, "  (void)slave_number, (void)master_number;", "  return 1;", "}", ""]


def _encodings(registers: RegisterMap) -> list[str]:
    lines: list[str] = []
    for name, value in registers.encodings.items():
        if isinstance(value, list):
            numbers = ", ".join(f"{v}u" for v in value)
            lines.append(f"static const uint32_t aieml_{name}[{len(value)}] = {{{numbers}}};")
        else:
            lines.append(f"#define AIEML_{name.upper()} {value}u")
    return [*lines, ""]


def c_header(registers: RegisterMap) -> str:
    """The whole of aieml_regs.h."""
    lines = [_INTRO]
    lines += [
        f"#define AIEML_COLUMN_SHIFT {registers.column_shift}",
        f"#define AIEML_ROW_SHIFT {registers.row_shift}",
        f"#define AIEML_MAX_BD_WORDS {MAX_BD_WORDS}",
        _HELPERS,
        "enum aieml_tile_kind { AIEML_TILE_CORE, AIEML_TILE_MEM, AIEML_TILE_SHIM };",
        "",
        "enum aieml_port {",
        *(f"  AIEML_PORT_{name}," for name in PORT_TYPES),
        "  AIEML_PORT_TYPES",
        "};",
        "",
        "struct aieml_port_range {",
        "  uint8_t first;",
        "  uint8_t count;",
        "};",
        "",
    ]
    lines += _encodings(registers)
    for kind in KINDS:
        tile = registers.tiles[kind]
        for register in tile.registers:
            lines += [*_register_lines(kind, register), ""]
        lines += [f"// Switch ports of {kind} tiles", *_port_lines(tile), ""]
    lines += _port_table(registers, "master") + _port_table(registers, "slave")
    lines += [*_class_tables(registers), _FIND, *_connects(registers)]
    return "\n".join(lines) + "\n#endif\n"


def outputs(spec: Path) -> dict[str, str]:
    """All generated files: path under the include folder -> text."""
    return {"adfc/spec/aieml_regs.h": c_header(load(spec))}
