"""Writes docs/fidelity.md, or checks that it is current (--check)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from adfc.fidelity.rows import Result, results
from adfc.spec import devices
from adfc.spec.paths import spec_folder

_HEAD = """# Fidelity: the timing model beside published measurements

<!-- Made by `python -m adfc.fidelity`. -->

No silicon has been used. Each row is a program of ours on the emulated array, in
`python/adfc/fidelity/`, beside a figure that others published; `python -m adfc.fidelity` runs them
and writes this page. Kernel and DDR rows are to be within 10 %, on-chip transfers within 5 %.

"""

_TAIL = """
*Kind* is what the published figure is: measured on silicon, from the vendor's cycle-approximate
simulator, or measured on silicon by the community. TOPS count two operations for each
multiply-accumulate. Rows without a number stand beside the others: no limit is set for them.

## Which constants, and what they were fitted on

**No constant was fitted on a row of this table.**

| constants | value | from | rows |
| --- | --- | --- | --- |
{constants}

Two things were nevertheless chosen with rows in view, and should be read as such:

- The *form* of the kernel model, that a pass of a loop costs the longer of its drain and its fill,
  was chosen knowing rows 2 to 4, and so was the assumption that int32 results take four moves
  (`finish.int32`). The numbers in them are the instructions' published latencies.
- That ve2802's DDR path has no cold start (`ddr_read_cold_cycles` = 0) was read off row 8. It plays
  no part in row 8 as it stands here.

Bank conflicts are modelled in `adfc.planner.kernel_cost`; none of these programs has any, as their
operands fit different banks.

How cycles are modelled in all, and every timing constant with its source: [devices.md](devices.md).
The kernels' costs: `spec/kernels/aieml.toml`.
"""

_CONSTANTS = (
    ("hop_cycles", "7"),
    ("dma_start_cycles", "7, 13"),
    ("bd_chain_cycles", "7, 13"),
    ("ddr_read_cycles", "8"),
)


def _number(value: float, unit: str) -> str:
    return f"{value:,.0f}" if unit == "cycles" else f"{value:.2f}".rstrip("0").rstrip(".")


def _line(result: Result) -> str:
    row = result.row
    modelled, error = "-", "-"
    if result.modelled is not None and result.error is not None:
        modelled = _number(round(result.modelled, 2), row.unit)
        error = f"{result.error:+.1f} %"
    published = _number(row.published, row.unit)
    cells = (row.number, row.workload, f"{published} {row.unit}", modelled, error, row.kind)
    return f"| {' | '.join(cells)} | {row.remark} {row.source} |"


def page() -> str:
    """The page's text, from fresh runs."""
    lines = [
        "| row | workload | published | modelled | error | kind | how they differ, source |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_line(result) for result in results()),
    ]
    timing = devices.load("ve2802").timing
    constants = [
        f"| `{name}` | {timing[name].value} | {timing[name].source} | {rows} |"
        for name, rows in _CONSTANTS
    ]
    constants.append(
        "| latencies of loads, shuffles and products; slots of each instruction | "
        "`spec/kernels/aieml.toml` | AM020; llvm-aie's AIE2Schedule.td | 2, 3, 4, 17, 18 |"
    )
    constants.append(
        "| cycles to enter and leave a kernel | `call.entry_cycles` | assumed | 2, 3, 4, 17, 18 |"
    )
    return _HEAD + "\n".join(lines) + "\n" + _TAIL.format(constants="\n".join(constants))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="adfc.fidelity", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if out of date")
    options = parser.parse_args(arguments)
    path = spec_folder().parent / "docs" / "fidelity.md"
    fresh = page()
    current = path.is_file() and path.read_text(encoding="utf-8") == fresh
    if not options.check:
        path.write_text(fresh, encoding="utf-8")
    elif not current:
        print(f"{path} is out of date; run python -m adfc.fidelity")
    return 1 if options.check and not current else 0


if __name__ == "__main__":
    sys.exit(main())
