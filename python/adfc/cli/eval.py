"""`adfc eval`: accuracy on a folder of labelled images."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adfc.cli import arguments
from adfc.cli.console import messages, print_json, print_table, progress_steps
from adfc.cli.quantizing import takes_quantization, tell_notes
from adfc.driver.compile import Progress
from adfc.errors import InputError
from adfc.evaluation.classifier import LEVELS
from adfc.evaluation.evaluate import Evaluation, Workers, about, evaluate, parts_of
from adfc.evaluation.pools import ray_module
from adfc.evaluation.state import StateFile
from adfc.frontend.images import ImageFolder, chosen
from adfc.frontend.source import TorchSource
from adfc.program import compile_tosa
from adfc.quantization import DEFAULT, QuantizationOptions

SECONDS_BETWEEN_LINES = 10.0
"""How often progress is told where there is no terminal to draw on."""


@takes_quantization
def eval_command(
    model: arguments.Model,
    data: Annotated[Path, typer.Option(help="A folder with one subfolder of images per class.")],
    levels: Annotated[
        str, typer.Option(help="Which of float, integer, array to evaluate, by commas.")
    ] = ",".join(LEVELS),
    state: Annotated[
        Path | None,
        typer.Option(help="Keep what is done in this file; go on from it where it exists."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes, or actors on Ray.")] = 1,
    ray: Annotated[
        str | None, typer.Option(help="The address of a Ray cluster to evaluate on.")
    ] = None,
    device: arguments.Device = "ve2802",
    tiles: arguments.Tiles = None,
    avoid_tile: arguments.AvoidTile = None,
    calib: arguments.Calibration = None,
    calib_samples: arguments.CalibrationSamples = 128,
    preprocess: arguments.Preprocess = None,
    quantization: QuantizationOptions = DEFAULT,
    weights: arguments.Weights = None,
    schedule: arguments.ScheduleFile = None,
    resident: arguments.Resident = None,
    untrusted_operators: arguments.UntrustedOperators = False,
    json_output: arguments.Json = False,
) -> None:
    """Accuracy of MODEL on labelled images: float, integer reference and array side by side."""
    wanted = _levels(levels)
    options = arguments.compile_options(device, tiles, avoid_tile, schedule, resident=resident)
    samples = arguments.samples(calib, calib_samples, preprocess)
    folder = ImageFolder.scan(data)
    if ray is not None:
        ray_module()  # tells at once where it is missing
    with progress_steps(f"evaluating {model}") as step:
        step("quantizing")
        source = _float_source(model, weights, untrusted_operators)
        preprocessing = chosen(preprocess, source.preprocessing)
        tosa = source.to_tosa(calibration=samples, quantization=quantization)
        tell_notes(source.name, tosa.notes)
        program = compile_tosa(tosa, options, name=source.name, progress=step)
        parts = parts_of(source, tosa, program, wanted)
        tell = step if messages.is_terminal else _now_and_then()
        with StateFile(state, about(parts, folder, preprocessing)) as done:
            found = evaluate(
                parts,
                tosa,
                folder,
                preprocessing,
                workers=Workers(workers, ray),
                state=done,
                progress=tell,
            )
    if json_output:
        print_json({"model": source.name, **found.to_json()})
    else:
        print_table(_table(source.name, found))


def _float_source(model: str, weights: Path | None, trusting: bool) -> TorchSource:
    source = arguments.load(model, weights, untrusted_operators=trusting)
    if not isinstance(source, TorchSource):
        raise InputError(f"{model} has no float model", hint="evaluate the PyTorch model")
    return source


def _levels(text: str) -> tuple[str, ...]:
    wanted = tuple(part.strip() for part in text.split(","))
    unknown = [part for part in wanted if part not in LEVELS]
    if unknown:
        raise InputError(f"--levels {unknown[0]} is no level", hint=f"use {', '.join(LEVELS)}")
    return tuple(level for level in LEVELS if level in wanted)


def _now_and_then() -> Progress:
    """Prints a line of progress every few seconds."""
    last = [time.monotonic()]

    def tell(text: str) -> None:
        if time.monotonic() - last[0] >= SECONDS_BETWEEN_LINES:
            last[0] = time.monotonic()
            messages.print(text, markup=False)

    return tell


def _table(name: str, found: Evaluation) -> Table:
    table = Table(box=None, title=f"{name} on {found.images} images of {found.classes} classes")
    for title in ("level", "top-1", "top-5", "as float"):
        table.add_column(title, justify="left" if title == "level" else "right")
    for entry in found.levels:
        agreement = "-" if entry.agreement is None else f"{entry.agreement / found.images:.2%}"
        table.add_row(
            entry.level,
            f"{entry.top1 / found.images:.2%}",
            f"{entry.top5 / found.images:.2%}",
            agreement,
        )
    return table
