"""What more core tiles bring: a model on 4 to 304 of them.

    .venv/bin/python benchmarks/tiles.py resnet18

Compiles the model for each number of core tiles and reports a steady inference and the first one on
a cold array, in modelled cycles, which do not depend on the machine: how much of the tiles' int8
peak is used, bytes over DDR, control.
"""

from __future__ import annotations

import argparse
import json

from adfc.cli import arguments
from adfc.driver.options import CompileOptions
from adfc.errors import AdfcError
from adfc.program import compile_tosa

TILES = (4, 8, 16, 28, 64, 128, 304)


def measure(model: str, tiles: tuple[int, ...] = TILES) -> list[dict[str, float]]:
    """A row of figures for each number of tiles; those on which the model does not fit are left
    out."""
    tosa = arguments.load(model, None).to_tosa()
    rows: list[dict[str, float]] = []
    for count in tiles:
        try:
            program = compile_tosa(tosa, CompileOptions(tiles=count), name=model)
        except AdfcError:
            continue
        report = program.report()
        rows.append(
            {
                "tiles": count,
                "steady_cycles": report.modelled_cycles,
                "first_cycles": report.first.modelled_cycles,
                "utilisation": report.utilisation,
                "ddr_bytes": report.ddr_bytes,
                "exposed_control_cycles": report.control_cycles_exposed,
                "rcb_bytes": report.rcb_bytes,
            }
        )
    return rows


def table(rows: list[dict[str, float]]) -> str:
    """A line for each number of tiles."""
    head = f"{'tiles':>6}{'steady':>12}{'first':>12}{'of peak':>9}{'DDR bytes':>12}"
    lines = [f"{head}{'control':>10}{'RCB bytes':>11}"]
    lines += [
        f"{row['tiles']:6}{row['steady_cycles']:12,}{row['first_cycles']:12,}"
        f"{row['utilisation']:9.1%}{row['ddr_bytes']:12,}{row['exposed_control_cycles']:10,}"
        f"{row['rcb_bytes']:11,}"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", nargs="?", default="resnet18")
    parser.add_argument("--tiles", type=int, nargs="+", default=list(TILES))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    rows = measure(options.model, tuple(options.tiles))
    print(json.dumps({"tiles": rows}, indent=2) if options.json else table(rows))


if __name__ == "__main__":
    main()
