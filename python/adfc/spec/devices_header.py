"""Makes adfc/spec/devices.h, the device tables for C and C++, from spec/devices/*.toml."""

from pathlib import Path

from adfc.spec.devices import Device, TileKind, load_all
from adfc.spec.registers import PORT_TYPES

_INTRO = """\
// Generated from spec/devices/*.toml and spec/registers/*.toml by adfc.spec.devices_header.
// Do not edit.
//
// The devices, for C and C++: adfc_devices[], adfc_device_find(name).
#ifndef ADFC_SPEC_DEVICES_H
#define ADFC_SPEC_DEVICES_H

#include "adfc/spec/aieml_regs.h"

#include <stdint.h>

// One kind of tile. Sizes in bytes; *_bits: widths of buffer descriptor fields; dimensions
// without the iteration; ports by enum aieml_port.
struct adfc_tile {
  uint32_t data_bytes;
  uint32_t program_bytes;
  uint32_t banks;
  uint32_t locks;
  uint32_t bds;
  uint32_t bd_words;
  uint32_t s2mm_channels;
  uint32_t mm2s_channels;
  uint32_t dimensions;
  uint32_t length_bits;
  uint32_t step_bits;
  uint32_t wrap_bits;
  uint32_t iteration_wrap_bits;
  uint32_t repeat_bits;
  uint32_t pad_bits[3];
  uint8_t masters[AIEML_PORT_TYPES];
  uint8_t slaves[AIEML_PORT_TYPES];
};
"""

_DEVICE = """\
// One array. Row 0 is the shim, then the memtiles, then the cores. noc_columns: a bit for each
// column whose shim has a DMA.
struct adfc_device {
  const char *name;
  const char *title;
  uint32_t ordinal;
  uint32_t columns;
  uint32_t rows;
  uint32_t mem_row_first;
  uint32_t mem_row_count;
  uint32_t core_row_first;
  uint32_t core_row_count;
  uint64_t noc_columns;
  struct adfc_tile tiles[3]; // by enum aieml_tile_kind
  uint32_t int8_macs;        // multiply-accumulates a cycle and core, int8 x int8
  uint32_t load_bytes;       // a cycle
  uint32_t store_bytes;
  struct adfc_timing timing;
};
"""

_FUNCTIONS = """\
static inline int adfc_device_same_name(const char *a, const char *b) {
  while (*a && *a == *b)
    ++a, ++b;
  return *a == *b;
}

// The device of that name, or NULL.
static inline const struct adfc_device *adfc_device_find(const char *name) {
  for (uint32_t i = 0; i < ADFC_DEVICE_COUNT; ++i)
    if (adfc_device_same_name(adfc_devices[i].name, name))
      return &adfc_devices[i];
  return (const struct adfc_device *)0;
}

// The device of that ordinal, or NULL.
static inline const struct adfc_device *adfc_device_by_ordinal(uint32_t ordinal) {
  for (uint32_t i = 0; i < ADFC_DEVICE_COUNT; ++i)
    if (adfc_devices[i].ordinal == ordinal)
      return &adfc_devices[i];
  return (const struct adfc_device *)0;
}

// What the tiles of a row are. The row must exist.
static inline enum aieml_tile_kind adfc_device_tile_kind(const struct adfc_device *device,
                                                         uint32_t row) {
  if (row == 0)
    return AIEML_TILE_SHIM;
  return row < device->core_row_first ? AIEML_TILE_MEM : AIEML_TILE_CORE;
}

// Whether the shim tile of that column has a DMA, locks and buffer descriptors.
static inline int adfc_device_has_noc(const struct adfc_device *device, uint32_t column) {
  return column < device->columns && ((device->noc_columns >> column) & 1u) != 0;
}
"""


def _tile(tile: TileKind) -> list[str]:
    numbers = [
        ("data_bytes", tile.data_bytes),
        ("program_bytes", tile.program_bytes),
        ("banks", tile.banks),
        ("locks", tile.locks),
        ("bds", tile.bds),
        ("bd_words", tile.bd_words),
        ("s2mm_channels", tile.s2mm_channels),
        ("mm2s_channels", tile.mm2s_channels),
        ("dimensions", tile.dimensions),
        ("length_bits", tile.length_bits),
        ("step_bits", tile.step_bits),
        ("wrap_bits", tile.wrap_bits),
        ("iteration_wrap_bits", tile.iteration_wrap_bits),
        ("repeat_bits", tile.repeat_bits),
    ]
    ports = [
        "{" + ", ".join(str(counts[t]) for t in PORT_TYPES) + "}"
        for counts in (tile.masters, tile.slaves)
    ]
    pads = "{" + ", ".join(str(bits) for bits in tile.pad_bits) + "}"
    return [
        f"         {{ // {tile.kind}",
        *(f"          {value}u, // {name}" for name, value in numbers),
        f"          {pads}, // pad_bits",
        f"          {ports[0]}, // masters",
        f"          {ports[1]}, // slaves",
        "         },",
    ]


def _device(device: Device) -> list[str]:
    noc = sum(1 << column for column in device.noc_columns)
    rows = (*device.mem_rows, *device.core_rows)
    return [
        "    {",
        f'        "{device.name}",',
        f'        "{device.title}",',
        f"        {device.ordinal}u, // ordinal",
        f"        {device.columns}u, {device.rows}u, // columns, rows",
        f"        {', '.join(f'{n}u' for n in rows)}, // memtile and core rows: first, count",
        f"        {noc:#x}u, // noc_columns",
        "        {",
        *(line for tile in (device.core, device.mem, device.shim) for line in _tile(tile)),
        "        },",
        f"        {device.macs['int8_int8'].macs}u, {device.load_bytes}u, {device.store_bytes}u,",
        "        {",
        *(f"            {c.value}u, // {name}" for name, c in device.timing.items()),
        "        },",
        "    },",
    ]


def _timing(devices: tuple[Device, ...]) -> list[str]:
    first = devices[0]
    lines = ["// Timing constants; sources stand in spec/devices/*.toml.", "struct adfc_timing {"]
    for name in first.timing:
        lines.append(f"  uint32_t {name};")
    for device in devices:
        if tuple(device.timing) != tuple(first.timing):
            raise ValueError(f"[timing] of {device.name} differs from {first.name}'s in its names")
    return [*lines, "};", ""]


def c_header(devices: tuple[Device, ...]) -> str:
    """The whole of devices.h."""
    lines = [_INTRO, *_timing(devices), _DEVICE]
    lines.append(f"#define ADFC_DEVICE_COUNT {len(devices)}u")
    lines.append("static const struct adfc_device adfc_devices[ADFC_DEVICE_COUNT] = {")
    for device in devices:
        lines += _device(device)
    lines += ["};", "", _FUNCTIONS]
    return "\n".join(lines) + "\n#endif\n"


def outputs(spec: Path) -> dict[str, str]:
    """All generated files: path under the include folder -> text."""
    return {"adfc/spec/devices.h": c_header(load_all(spec))}
