"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from adfc.boards import BuildOptions, LogLevel
from adfc.cli import completion
from adfc.driver.options import CompileOptions
from adfc.driver.target import resolve
from adfc.errors import InputError
from adfc.frontend.load import load_model
from adfc.frontend.samples import SampleSource, sample_source
from adfc.frontend.source import ModelSource
from adfc.operators.trust import allow_untrusted_operators
from adfc.planner.schedule import MOST_BATCH

Model = Annotated[
    str,
    typer.Argument(
        help="A .pt2 file, FILE.py:FUNCTION returning (module, example inputs), a TOSA .mlir file, "
        "or a name that `adfc models` lists; for compile also a Python file with a data-flow "
        "graph, or text of --emit adf.",
        metavar="MODEL",
        autocompletion=completion.models,
    ),
]
Image = Annotated[Path, typer.Argument(help="A program image (.rimfs).", metavar="IMAGE")]
Device = Annotated[
    str,
    typer.Option(help="The device to compile for.", autocompletion=completion.device_names),
]
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
        help="Samples to calibrate with: an .npy of shape (n, ...), an .npz by input name, or a "
        "folder of .npy files or of images."
    ),
]
CalibrationSamples = Annotated[
    int, typer.Option(min=1, help="Of a folder, take so many files for calibration at most.")
]
Preprocess = Annotated[
    str | None,
    typer.Option(
        help="How images become inputs: imagenet, unit (0..1), symmetric (-1..1); "
        "without it as the model says, or imagenet."
    ),
]
Weights = Annotated[
    Path | None, typer.Option(help="Trained weights: a state_dict file saved by torch.save.")
]
ScheduleFile = Annotated[
    Path | None, typer.Option(help="A schedule file that replaces the planner's choice.")
]
Cache = Annotated[
    bool,
    typer.Option(
        "--cache/--no-cache",
        help="Keep compiled kernels in the user's cache folder, and take them from there.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Resident = Annotated[
    bool | None,
    typer.Option(
        "--resident/--no-resident",
        help="Keep activations, and weights where they fit, on the array, or bring them from DDR "
        "for each layer; without it whichever is faster.",
        show_default=False,
    ),
]


Batch = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=MOST_BATCH,
        help="A pipelined program: each layer on core tiles of its own, several images under way; "
        "an inference is of so many images.",
    ),
]

UntrustedOperators = Annotated[
    bool,
    typer.Option(
        "--untrusted-operators",
        help="Use operators of packages that have not passed `adfc op check`.",
    ),
]


AllowHost = Annotated[
    bool,
    typer.Option(
        "--allow-host",
        help="Let the host's processor run, in float32, exactly the operators that the array "
        "cannot; without it they are errors.",
    ),
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
    schedule: Path | None,
    *,
    cache: bool = True,
    resident: bool | None = None,
    batch: int | None = None,
) -> CompileOptions:
    """The options of a compilation from those of the command line.

    Raises what `adfc.driver.target.resolve` raises, so that a wrong choice fails at once.
    """
    options = CompileOptions(
        device=device,
        tiles=tiles,
        avoid_tiles=parse_tiles(avoid_tile),
        schedule=schedule,
        cache=cache,
        resident=resident,
        batch=batch,
    )
    resolve(options)
    return options


def load(model: str, weights: Path | None, *, untrusted_operators: bool = False) -> ModelSource:
    """The model that MODEL names; raises as `adfc.frontend.load.load_model`.

    From here on it may, or may not, use operators without admission.
    """
    allow_untrusted_operators(untrusted_operators)
    return load_model(model, state_dict=weights)


def samples(path: Path | None, limit: int, preprocess: str | None) -> SampleSource | None:
    """The samples of `--calib`, where given."""
    return None if path is None else sample_source(path, limit, preprocess)


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
