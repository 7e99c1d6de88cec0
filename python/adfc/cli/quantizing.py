"""The options of quantization, the same for every command that quantizes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from adfc.cli.console import messages
from adfc.quantization import DEFAULT, QuantizationOptions

_PARAMETER = "quantization"


class ScalesChoice(StrEnum):
    """How quantization scales are chosen."""

    free = "free"
    pow2 = "pow2"


class ObserverChoice(StrEnum):
    """How an activation's scale follows from what calibration saw."""

    minmax = "minmax"
    percentile = "percentile"
    mse = "mse"


def _options(
    scales: Annotated[
        ScalesChoice, typer.Option(help="Any scales, or powers of two only.")
    ] = ScalesChoice.free,
    observer: Annotated[
        ObserverChoice,
        typer.Option(
            help="Activations' scales: no clipping, clip above a percentile, or least squared "
            "error.",
        ),
    ] = ObserverChoice.minmax,
    percentile: Annotated[
        float,
        typer.Option(help="Of --observer percentile: the magnitudes' percentile, in percent."),
    ] = DEFAULT.percentile,
    bias_correction: Annotated[
        bool, typer.Option("--bias-correction", help="Correct each layer's mean by its bias.")
    ] = False,
    equalize: Annotated[
        bool,
        typer.Option("--equalize", help="Even out the ranges of channels between layers first."),
    ] = False,
    weight_bits: Annotated[
        int, typer.Option(help="8, or 4: weights of levels -7 to 7, two in a byte.")
    ] = DEFAULT.weight_bits,
    mixed: Annotated[
        str,
        typer.Option(
            metavar="LAYER[,LAYER]|auto=N",
            help="int16 activations for these layers: names that check prints, or patterns; "
            "auto=N takes the N that lose most.",
            show_default=False,
        ),
    ] = DEFAULT.mixed,
    prune: Annotated[
        str,
        typer.Option(
            metavar="channels=SHARE",
            help="Take that share of the channels out of the layers that allow it, such as "
            "channels=0.25.",
            show_default=False,
        ),
    ] = DEFAULT.prune,
    requantize: Annotated[
        bool,
        typer.Option(
            "--requantize",
            help="Of a model that is quantized with zero points: symmetric scales of the same "
            "range.",
        ),
    ] = False,
) -> QuantizationOptions:
    """The options as the command line has them. Raises InputError for values out of range."""
    return QuantizationOptions(
        scales=scales.value,
        observer=observer.value,
        percentile=percentile,
        bias_correction=bias_correction,
        equalize=equalize,
        weight_bits=weight_bits,
        mixed=mixed,
        prune=prune,
        requantize=requantize,
    )


def takes_quantization(command: Callable[..., None]) -> Callable[..., None]:
    """The command with all options of quantization in the place of its parameter `quantization`."""
    own = inspect.signature(command, eval_str=True)
    options = inspect.signature(_options, eval_str=True).parameters

    @functools.wraps(command)
    def run(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in options}
        command(**given, **{_PARAMETER: _options(**chosen)})

    parameters: list[inspect.Parameter] = []
    for name, parameter in own.parameters.items():
        parameters += options.values() if name == _PARAMETER else [parameter]
    # typer reads both.
    run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def tell_notes(name: str, notes: Sequence[str]) -> None:
    """Prints what a user should know of what was done to a model."""
    for note in notes:
        messages.print(f"adfc: note: {name}: {note}", markup=False)
