"""`adfc bench MODEL|IMAGE` and `adfc bench compare`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from adfc.bench import FIGURES, Measured, compare, environment, measure
from adfc.cli import arguments
from adfc.cli.console import messages, output, print_json, progress_steps, write_text
from adfc.driver.files import check_writable, read_file
from adfc.errors import AdfcError, CapacityError, DeviceError, InputError
from adfc.program import Program, compile_tosa


def bench_programs(
    target: str,
    devices: Sequence[str],
    tiles: Sequence[int],
    runs: int,
    csv_file: Path | None,
    *,
    json_output: bool,
) -> None:
    """Measure an image, or a model compiled for each device and number of tiles."""
    check_writable(csv_file)
    measured, left_out = _measure_all(target, devices, tiles, runs)
    if csv_file is not None:
        write_text(_csv(measured), csv_file)
    if json_output:
        print_json(
            {
                "environment": environment(),
                "programs": [entry.to_json() for entry in measured],
                "left_out": left_out,
            }
        )
    else:
        _print(measured)
    for place, reason in left_out.items():
        messages.print(f"adfc: note: left out {place}: {reason}", markup=False)
    if not measured:
        raise CapacityError(f"{target} could not be measured on any of the devices and tiles")
    unsteady = [entry.key for entry in measured if not entry.deterministic]
    if unsteady:
        raise AdfcError(f"runs of one program differ: {', '.join(unsteady)}")


def _measure_all(
    target: str, devices: Sequence[str], tiles: Sequence[int], runs: int
) -> tuple[list[Measured], dict[str, str]]:
    if target.endswith(".rimfs"):
        if devices or tiles:
            raise InputError(
                f"{target} is compiled already", hint="--devices and --tiles go with a model"
            )
        with progress_steps(f"running {target}"):
            return [measure(Program.load(target), runs)], {}
    source = arguments.load(target, None)
    measured: list[Measured] = []
    left_out: dict[str, str] = {}
    with progress_steps(f"measuring {target}") as step:
        tosa = source.to_tosa()
        for device in devices or ("ve2802",):
            for count in tiles or (None,):
                place = f"{count or 'default'} tiles of {device}"
                step(place)
                try:
                    options = arguments.compile_options(device, count, None, None)
                    program = compile_tosa(tosa, options, name=source.name)
                except (CapacityError, DeviceError) as error:
                    left_out[place] = error.message
                    continue
                measured.append(measure(program, runs))
    return measured, left_out


def _csv(measured: Sequence[Measured]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["model", "device", "tiles", *FIGURES, "wall_ms", "deterministic"])
    for entry in measured:
        values = [entry.figures[name] for name in FIGURES]
        wall = f"{entry.wall_ms:.1f}"
        row = [entry.model, entry.device, entry.tiles, *values, wall, entry.deterministic]
        writer.writerow(row)
    return text.getvalue()


def _print(measured: Sequence[Measured]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    names = ("device", "tiles", "modelled ms", "cycles", "control", "exposed", "DDR MB", "core kB")
    for name in ("model", *names, "memtile kB", "emulated ms", "same in all runs"):
        table.add_column(
            name, justify="left" if name in ("model", "device") else "right", no_wrap=True
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
            f"{(f['ddr_read_bytes'] + f['ddr_write_bytes']) / 1e6:,.2f}",
            f"{f['core_memory_bytes'] / 1e3:,.1f}",
            f"{f['memtile_memory_bytes'] / 1e3:,.1f}",
            f"{entry.wall_ms:,.1f}",
            "yes" if entry.deterministic else "NO",
        )
    output.print(table)
    for entry in measured:
        slowest = max(entry.layers, key=lambda name: entry.layers[name], default="")
        if slowest:
            output.print(
                f"{entry.key}: slowest layer {slowest}, {entry.layers[slowest]:,} modelled cycles, "
                f"its cores mostly: {entry.bottlenecks[slowest]}",
                markup=False,
            )


def bench_compare(files: Sequence[Path], tolerance: float, *, json_output: bool) -> None:
    """Compare two records. Raises AdfcError where something got worse."""
    if len(files) != 2:
        raise InputError("compare takes two files", hint="adfc bench compare OLD.json NEW.json")
    old, new = (_record(path) for path in files)
    changes = compare(old, new, tolerance)
    if json_output:
        shown = [
            {"program": c.program, "figure": c.figure, "old": c.old, "new": c.new, "worse": c.worse}
            for c in changes
        ]
        print_json({"changes": shown})
    else:
        for c in changes:
            mark = "WORSE" if c.worse else "     "
            output.print(
                f"{mark} {c.program}: {c.figure} {c.old:,.6g} -> {c.new:,.6g} ({c.relative:+.2%})",
                markup=False,
            )
        if not changes:
            output.print("no figure differs")
    worse = [change for change in changes if change.worse]
    if worse:
        raise AdfcError(f"{len(worse)} figures got worse, the first is {worse[0].figure}")


def _record(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_file(path))
    except ValueError as error:
        raise InputError(f"{path} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise InputError(f"{path} is no record of adfc bench")
    return found
