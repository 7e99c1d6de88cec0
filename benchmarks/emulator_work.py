"""How the emulator's time grows with the work: the same kernel calls, more and more of them.

    .venv/bin/python benchmarks/emulator_work.py

Runs the grid program of docs/fidelity.md with 288 cores and a growing number of steps, and prints
processor milliseconds and modelled cycles of each run. Twice the steps should take twice as long.
"""

from __future__ import annotations

import argparse
import json
import time

from adfc.fidelity import gemm
from adfc.fidelity.gemm import Shape
from adfc.fidelity.grid import Grid, grid_run
from adfc.spec import devices

STEPS = (32, 64, 128, 256)
SHAPE = Shape(64, 160, 64, kept=True)


def measure() -> list[dict[str, float]]:
    """Steps, processor milliseconds (best of three) and modelled cycles."""
    grid = Grid(devices.load("ve2802"), 36, 8)
    cycles = gemm.cycles_of(grid.device, gemm.looped_product(grid.device, SHAPE, "kept"))
    rows: list[dict[str, float]] = []
    for steps in STEPS:
        times: list[float] = []
        modelled = 0
        for _ in range(3):
            start = time.process_time()
            modelled = grid_run(grid, SHAPE, steps, cycles)
            times.append(time.process_time() - start)
        rows.append({"steps": steps, "ms": 1e3 * min(times), "cycles": modelled})
    return rows


def table(rows: list[dict[str, float]]) -> str:
    """A line for each run; what each further step takes."""
    lines = [f"{'steps':>8}{'cycles':>12}{'CPU ms':>9}  ms a further step"]
    before = None
    for row in rows:
        more = ""
        if before is not None:
            more = f"{(row['ms'] - before['ms']) / (row['steps'] - before['steps']):10.3f}"
        lines.append(f"{row['steps']:8.0f}{row['cycles']:12,.0f}{row['ms']:9.1f}  {more}")
        before = row
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    rows = measure()
    print(json.dumps({"work": rows}, indent=2) if options.json else table(rows))


if __name__ == "__main__":
    main()
