"""How `adfc bench` shows what it measured: tables, and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from rich.table import Table

from adfc.bench import FIGURES, Conversion, Measured
from adfc.cli.console import output, print_table

_CONVERSION = ("samples", "float_accuracy", "accuracy", "agreement", "sqnr_db", "cosine")


def as_csv(measured: Sequence[Measured]) -> str:
    """A row for each program, then one for each of its layers, of which `layer` is the name."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rest = ("wall_ms", "host_bytes", "deterministic")
    writer.writerow(["model", "device", "tiles", "layer", *FIGURES, *rest, *_CONVERSION])
    for entry in measured:
        place = [entry.model, entry.device, entry.tiles]
        own = [f"{entry.wall_ms:.1f}", entry.host_bytes, entry.deterministic]
        made = {} if entry.conversion is None else entry.conversion.to_json()
        figures = [entry.figures[name] for name in FIGURES]
        writer.writerow([*place, "", *figures, *own, *(made.get(name) for name in _CONVERSION)])
        for name, layer in entry.layers.items():
            known = {"modelled_cycles": layer.cycles, "modelled_ms": layer.modelled_ms}
            blanks = [None] * (len(rest) + len(_CONVERSION))
            writer.writerow([*place, name, *(known.get(figure) for figure in FIGURES), *blanks])
    return text.getvalue()


def print_measured(measured: Sequence[Measured]) -> None:
    """The programs, what was lost on the way to the array, and the layers."""
    print_table(_programs(measured))
    if any(entry.conversion is not None for entry in measured):
        output.print()
        print_table(_conversions(measured))
    output.print()
    if len(measured) == 1:
        print_table(_layers(measured[0]))
    else:
        print_table(_layers_of_all(measured))
    for entry in measured:
        slowest = max(entry.layers, key=lambda name: entry.layers[name].cycles, default="")
        if slowest:
            layer = entry.layers[slowest]
            cause = f", its cores mostly: {layer.bottleneck}" if layer.bottleneck else ""
            output.print(
                f"{entry.key}: slowest layer {slowest}, {layer.cycles:,} modelled cycles{cause}",
                markup=False,
            )
    output.print(
        "cycles and ms are modelled, of a steady inference; emulated: the median of "
        f"{len(measured[0].wall_ms_each)} runs by this machine's clock",
        markup=False,
    )


def _table(*names: str, left: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, justify="left" if name in left else "right", no_wrap=True)
    return table


def _programs(measured: Sequence[Measured]) -> Table:
    table = _table(
        *("model", "device", "tiles", "modelled ms", "cycles", "control", "exposed", "DDR kB"),
        *("core kB", "memtile kB", "DDR memory kB", "emulated ms", "host MB", "same in all runs"),
        left=("model", "device"),
    )
    for entry in measured:
        f = entry.figures
        table.add_row(
            entry.model,
            entry.device,
            str(entry.tiles),
            f"{f['modelled_ms']:.3f}",
            f"{f['modelled_cycles']:,.0f}",
            f"{f['control_cycles']:,.0f}",
            f"{f['control_cycles_exposed']:,.0f}",
            f"{(f['ddr_read_bytes'] + f['ddr_write_bytes']) / 1e3:,.1f}",
            f"{f['core_memory_bytes'] / 1e3:,.1f}",
            f"{f['memtile_memory_bytes'] / 1e3:,.1f}",
            f"{f['ddr_memory_bytes'] / 1e3:,.1f}",
            f"{entry.wall_ms:,.1f}",
            f"{entry.host_bytes / 1e6:,.0f}",
            "yes" if entry.deterministic else "NO",
        )
    return table


def _conversions(measured: Sequence[Measured]) -> Table:
    table = _table(
        *("program", "samples", "float right", "array right", "same answer", "SQNR dB", "cosine"),
        "largest error",
        left=("program",),
    )
    for entry in measured:
        if entry.conversion is not None:
            table.add_row(entry.key, *_conversion(entry.conversion))
    return table


def _conversion(found: Conversion) -> list[str]:
    def share(part: float | None) -> str:
        return "-" if part is None else f"{part:.2%}"

    return [
        f"{found.samples:,}",
        share(found.float_accuracy),
        share(found.accuracy),
        share(found.agreement),
        f"{found.error.sqnr_db:.1f}",
        f"{found.error.cosine:.4f}",
        f"{found.error.largest_error:.3g}",
    ]


def _layers(entry: Measured) -> Table:
    table = _table(
        *("layer", "operators", "cycles", "ms", "its cores mostly", "source"),
        left=("layer", "operators", "its cores mostly", "source"),
    )
    for name, layer in entry.layers.items():
        operators = ", ".join(op.removeprefix("aten.").split(".")[0] for op in layer.operators)
        table.add_row(
            name,
            operators,
            f"{layer.cycles:,}",
            f"{layer.modelled_ms:.4f}",
            layer.bottleneck,
            layer.source,
        )
    return table


def _layers_of_all(measured: Sequence[Measured]) -> Table:
    """Cycles of each layer in each program; layers are fused in other ways on other tiles."""
    keys = [f"{entry.device} {entry.tiles}" for entry in measured]
    table = _table("layer, cycles", *keys, left=("layer, cycles",))
    for name in dict.fromkeys(name for entry in measured for name in entry.layers):
        cells = (entry.layers.get(name) for entry in measured)
        table.add_row(name, *("-" if cell is None else f"{cell.cycles:,}" for cell in cells))
    return table
