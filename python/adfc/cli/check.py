"""`adfc check`: all levels of a model against the reference model."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from adfc import check as checking
from adfc.cli import arguments
from adfc.cli.console import output, print_json, progress_steps


def check_command(
    models: Annotated[list[str], typer.Argument(help="One or more models.", metavar="MODEL...")],
    inputs: Annotated[int, typer.Option(min=1, help="Number of inputs to compare.")] = 3,
    device: arguments.Device = "ve2802",
    tiles: arguments.Tiles = None,
    avoid_tile: arguments.AvoidTile = None,
    calib: arguments.Calibration = None,
    scales: arguments.ScalesOption = arguments.ScalesChoice.free,
    weights: arguments.Weights = None,
    schedule: arguments.ScheduleFile = None,
    json_output: arguments.Json = False,
) -> None:
    """Run MODEL on the array, natively and on the TOSA reference model, and compare every byte."""
    options = arguments.compile_options(device, tiles, avoid_tile, scales, schedule)
    checks: list[checking.ModelCheck] = []
    for model in models:
        with progress_steps(f"checking {model}") as step:
            step("quantizing")
            source = arguments.load(model, weights)
            tosa = source.to_tosa(calibration=arguments.samples(calib), scales=options.scales)
            checks.append(checking.check_model(source, tosa, options, inputs, progress=step))
    if json_output:
        print_json(checking.to_json(checks))
    else:
        output.print(_table(checks))
        for check in checks:
            if check.accuracy is not None:
                output.print(_accuracy_line(check.name, check.accuracy))
    if not all(check.bit_exact for check in checks):
        raise typer.Exit(1)


def _table(checks: list[checking.ModelCheck]) -> Table:
    table = Table(box=None, title="equal to the TOSA reference model, and close to float")
    for title in ("model", "array", "native", "traces", "cycles", "SQNR dB", "cosine", "top-1"):
        table.add_column(title, justify="left" if title == "model" else "right")
    for check in checks:
        table.add_row(
            check.name,
            f"{check.array_equal}/{check.inputs}",
            f"{check.native_equal}/{check.inputs}",
            "equal" if check.traces_equal else "DIFFER",
            f"{check.cycles:,}",
            _figure(check.sqnr_db, ".1f"),
            _figure(check.cosine, ".4f"),
            _figure(check.top1_agreement, ".0%"),
        )
    return table


def _figure(value: float | None, form: str) -> str:
    """A dash for a model that came as TOSA, which has no float model to be held against."""
    return "-" if value is None else format(value, form)


def _accuracy_line(name: str, accuracy: checking.Accuracy) -> str:
    return (
        f"{name}: accuracy on {accuracy.samples} held-out samples: "
        f"float {accuracy.float_model:.2%}, array {accuracy.array:.2%}"
    )
