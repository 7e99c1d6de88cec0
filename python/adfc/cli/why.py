"""The table of `adfc report --why LAYER`."""

from __future__ import annotations

from rich.table import Table

from adfc.cli.console import output, print_table
from adfc.planner.why import Way, Why

MOST = 12
"""Ways that are shown, and the chosen one."""


def print_why(why: Why) -> None:
    """Print what the choice was between."""
    done = " and ".join(why.layers)
    table = Table(box=None, title=f"{why.layer}: ways to do {done}", pad_edge=False)
    for name in ("", "form", "cores", "tile", "rounds", "cycles", "bound", "cycles by part"):
        right = name in ("rounds", "cycles")
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "")
    for index, way in enumerate(why.ways):
        if index < MOST or way.chosen:
            table.add_row(*_cells(way))
    print_table(table)
    counts = ", ".join(f"{count:,} {form}" for form, count in why.considered.items())
    for line in (
        f"considered: {counts}; shown is the best of each form and number of cores",
        "cores: groups of rows x groups of output channels, x 2 where two cores share the input "
        "channels; tile: rows x columns x output channels x input channels of one kernel call",
        "cycles: the planner's estimate; compute, stream and DDR go on at the same time, so that "
        "the longest of them counts",
        *why.notes,
    ):
        output.print(line, markup=False)


def _cells(way: Way) -> tuple[str, ...]:
    return (
        ">" if way.chosen else "",
        way.form,
        " x ".join(map(str, (*way.grid, way.shares)[: 3 if way.shares > 1 else 2])),
        " x ".join(map(str, way.tile)),
        str(way.rounds),
        f"{way.cycles:,}",
        way.bound,
        ", ".join(f"{name} {cycles:,}" for name, cycles in way.parts.items() if cycles),
    )
