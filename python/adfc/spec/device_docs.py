"""Tables of docs/devices.md: geometry and timing constants of every device."""

from __future__ import annotations

from pathlib import Path

from adfc.spec import devices
from adfc.spec.devices import Device


def geometry(spec: Path) -> str:
    """A column for each device: tiles, memories, shims, rates."""
    known = devices.load_all(spec)
    rows = {
        "columns x rows": [f"{d.columns} x {d.rows}" for d in known],
        "memtile rows": [_rows(d.mem_rows) for d in known],
        "core tile rows": [_rows(d.core_rows) for d in known],
        "core tiles": [str(d.core_tiles) for d in known],
        "memtiles": [str(d.columns * d.mem_rows[1]) for d in known],
        "columns with a DDR shim": [", ".join(map(str, d.noc_columns)) for d in known],
        "data memory of a core tile, bytes": [f"{d.core.data_bytes:,}" for d in known],
        "data memory of a memtile, bytes": [f"{d.mem.data_bytes:,}" for d in known],
        "int8 MACs a cycle and core tile": [str(d.macs["int8_int8"].macs) for d in known],
    }
    head = ["", *(f"`{d.name}`" for d in known)]
    return _table([head, *([name, *values] for name, values in rows.items())])


def timing(spec: Path) -> str:
    """A row for each constant and device, with its source."""
    rows = [["constant", "device", "value", "source"]]
    known = devices.load_all(spec)
    for name in known[0].timing:
        rows += [[f"`{name}`", f"`{d.name}`", *_constant(d, name)] for d in known]
    return _table(rows)


def _rows(span: tuple[int, int]) -> str:
    first, count = span
    return str(first) if count == 1 else f"{first} to {first + count - 1}"


def _constant(device: Device, name: str) -> tuple[str, str]:
    constant = device.timing[name]
    return f"{constant.value:,}", constant.source


def _table(rows: list[list[str]]) -> str:
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
