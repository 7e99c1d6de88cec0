"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from adfc.boards import BuildOptions, LogLevel
from adfc.driver.options import CompileOptions
from adfc.driver.target import resolve
from adfc.errors import InputError
from adfc.frontend.load import load_model
from adfc.frontend.samples import SampleFile
from adfc.frontend.source import ModelSource

Model = Annotated[
    str,
    typer.Argument(
        help="A .pt2 file, FILE.py:FUNCTION returning (module, example inputs), a TOSA .mlir file, "
        "or a name that `adfc models` lists.",
        metavar="MODEL",
    ),
]
Image = Annotated[Path, typer.Argument(help="A program image (.rimfs).", metavar="IMAGE")]
Device = Annotated[str, typer.Option(help="The device to compile for.")]
Tiles = Annotated[
    int | None,
    typer.Option(help="How many core tiles may be used (default: 28, or all of a smaller device)."),
]
AvoidTile = Annotated[
    list[str] | None,
    typer.Option(help="A core tile that must not be used, as COLUMN,ROW; may be repeated."),
]
Calibration = Annotated[
    Path | None,
    typer.Option(
        help="Samples to calibrate with: an .npy of shape (n, ...), or an .npz by input name."
    ),
]
Weights = Annotated[
    Path | None, typer.Option(help="Trained weights: a state_dict file saved by torch.save.")
]
ScheduleFile = Annotated[
    Path | None, typer.Option(help="A schedule file that replaces the planner's choice.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


class ScalesChoice(StrEnum):
    """How quantization scales are chosen."""

    free = "free"
    pow2 = "pow2"


ScalesOption = Annotated[
    ScalesChoice, typer.Option("--scales", help="Any scales, or powers of two only.")
]


def parse_tiles(texts: list[str] | None) -> tuple[tuple[int, int], ...]:
    """Parse every "COLUMN,ROW"; `InputError` names the one that is not of that form."""
    tiles: list[tuple[int, int]] = []
    for text in texts or ():
        try:
            column, row = (int(part) for part in text.split(","))
        except ValueError as error:
            raise InputError(
                f"--avoid-tile {text} is no tile", hint="write COLUMN,ROW, such as 7,3"
            ) from error
        tiles.append((column, row))
    return tuple(tiles)


def compile_options(
    device: str,
    tiles: int | None,
    avoid_tile: list[str] | None,
    scales: ScalesChoice,
    schedule: Path | None,
) -> CompileOptions:
    """The options of a compilation from those of the command line.

    Raises what `adfc.driver.target.resolve` raises, so that a wrong choice fails at once.
    """
    options = CompileOptions(
        device=device,
        tiles=tiles,
        avoid_tiles=parse_tiles(avoid_tile),
        scales=scales.value,
        schedule=schedule,
    )
    resolve(options)
    return options


def load(model: str, weights: Path | None) -> ModelSource:
    """The model that MODEL names; raises as `adfc.frontend.load.load_model`."""
    return load_model(model, state_dict=weights)


def samples(path: Path | None) -> SampleFile | None:
    """The samples of `--calib`, where given."""
    return None if path is None else SampleFile(path)


class LogChoice(StrEnum):
    """How much a board's program says."""

    error = "error"
    warn = "warn"
    info = "info"
    debug = "debug"


LogOption = Annotated[
    LogChoice, typer.Option("--log-level", help="On a board: how much its program says.")
]
WatchdogOption = Annotated[
    int,
    typer.Option(
        "--watchdog",
        min=1,
        max=2**32 - 1,
        metavar="MS",
        help="On a board: milliseconds of its clock after which its watchdog stops an inference.",
    ),
]


def build_options(level: LogChoice, watchdog: int) -> BuildOptions:
    """What a board's program is built with."""
    return BuildOptions(log_level=LogLevel[level.value], inference_ms=watchdog)


class BackendChoice(StrEnum):
    """What is behind the register accesses."""

    emu = "emu"
    trace = "trace"


class EngineChoice(StrEnum):
    """What makes the register accesses."""

    rcb = "rcb"
    native = "native"
