"""`adfc check`: all levels of a model, layer by layer, against the reference model and float."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from adfc.cli import arguments
from adfc.cli.console import output, print_json, print_table, progress_steps
from adfc.cli.pipelines import print_check
from adfc.cli.quantizing import takes_quantization, tell_notes
from adfc.driver.files import portable_path
from adfc.errors import InputError
from adfc.frontend.source import TorchSource
from adfc.metrics import Comparison
from adfc.program import Program
from adfc.quantization import DEFAULT, QuantizationOptions

if TYPE_CHECKING:
    from adfc import check as checking
    from adfc.layer_check import LayerFigures
    from adfc.pipeline.check import PipelineCheck


@takes_quantization
def check_command(
    models: Annotated[list[str], typer.Argument(help="One or more models.", metavar="MODEL...")],
    inputs: Annotated[int, typer.Option(min=1, help="Number of inputs to compare.")] = 3,
    image: Annotated[
        Path | None,
        typer.Option(help="Check this image, compiled from MODEL before, and do not compile it."),
    ] = None,
    layers: Annotated[bool, typer.Option(help="Compare every layer (compiles a variant).")] = True,
    threshold: Annotated[
        float, typer.Option(help="A layer diverges from float where its SQNR is below, in dB.")
    ] = 20.0,
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
    batch: arguments.Batch = None,
    allow_host: arguments.AllowHost = False,
    untrusted_operators: arguments.UntrustedOperators = False,
    json_output: arguments.Json = False,
) -> None:
    """Run MODEL on the array, natively and on the TOSA reference model, and compare every byte.

    Each layer is compared at four levels: float, simulated int8, integer reference, array.
    """
    from adfc import check as checking
    from adfc.pipeline.check import check_pipeline
    from adfc.pipeline.compile import partitioned

    if image is not None and len(models) > 1:
        raise InputError("one image cannot be several models", hint="check them one by one")
    options = arguments.compile_options(
        device, tiles, avoid_tile, schedule, resident=resident, batch=batch
    )
    samples = arguments.samples(calib, calib_samples, preprocess)
    alone = image is None and schedule is None and batch is None and len(models) == 1
    if allow_host and not alone:
        raise InputError("--allow-host checks one model, without --image, --schedule and --batch")
    program = None if image is None else Program.load(image)
    checks: list[checking.ModelCheck] = []
    for model in models:
        with progress_steps(f"checking {model}") as step:
            step("quantizing")
            source = arguments.load(model, weights, untrusted_operators=untrusted_operators)
            if allow_host and isinstance(source, TorchSource):
                parts = partitioned(source, calibration=samples, quantization=quantization)
                if parts.host_ops:
                    tell_notes(source.name, parts.notes)
                    found = check_pipeline(parts, options, inputs, layers=layers, progress=step)
                    _tell_pipeline(found, threshold, json_output=json_output)
                    return
            subject = checking.subject(
                source,
                calibration=samples,
                quantization=quantization,
            )
            tell_notes(source.name, subject.tosa.notes)
            checks.append(
                checking.check_model(
                    subject, options, inputs, program=program, layers=layers, progress=step
                )
            )
    if json_output:
        print_json(checking.to_json(checks, threshold))
    else:
        _tell(checks, threshold)
    if not all(check.bit_exact for check in checks):
        raise typer.Exit(1)


def _tell(checks: Sequence[checking.ModelCheck], threshold: float) -> None:
    for check in checks:
        _print_layers(check, threshold)
    print_table(_table(checks))
    for check in checks:
        if check.accuracy is not None:
            output.print(_accuracy_line(check.name, check.accuracy))
    for check in checks:
        if check.top1_agreement is not None:
            output.print(_top1_line(check), markup=False)


def _tell_pipeline(found: PipelineCheck, threshold: float, *, json_output: bool) -> None:
    if json_output:
        print_json(found.to_json())
    else:
        _tell(found.parts, threshold)
        print_check(found)
    if not found.bit_exact:
        raise typer.Exit(1)


def _print_layers(check: checking.ModelCheck, threshold: float) -> None:
    if not check.layers:
        return
    table = Table(box=None, title=f"{check.name}: errors in steps of each layer's own scale")
    table.add_column("layer", no_wrap=True)
    for title in (
        "float/int8 dB",
        "cosine",
        "error",
        "alone dB",
        "input dB",
        "int8/integer error",
        "integer/array differ",
        "float/array dB",
        "cosine",
        "error",
    ):
        table.add_column(title, justify="right")
    for layer in check.layers:
        table.add_row(layer.name, *_cells(layer))
    print_table(table)
    output.print(_divergence(check, threshold), markup=False)


def _cells(layer: LayerFigures) -> tuple[str, ...]:
    def ratio(comparison: Comparison | None) -> str:
        return _figure(None if comparison is None else comparison.sqnr_db, ".1f")

    def angle(comparison: Comparison | None) -> str:
        return _figure(None if comparison is None else comparison.cosine, ".4f")

    def error(comparison: Comparison | None) -> str:
        return _figure(None if comparison is None else comparison.largest_error, ".1f")

    return (
        ratio(layer.simulation),
        angle(layer.simulation),
        error(layer.simulation),
        ratio(layer.alone),
        ratio(layer.inputs),
        error(layer.integer),
        f"{layer.array.differing:,}",
        ratio(layer.total),
        angle(layer.total),
        error(layer.total),
    )


def _divergence(check: checking.ModelCheck, threshold: float) -> str:
    """Which layer is the first that differs from the reference model, and which from float."""
    layer = check.first_difference
    bytes_found = (
        "the array's bytes are the reference model's in every layer"
        if layer is None
        else f"the array differs from the reference model first in {_place(layer)}"
    )
    if check.layers[0].total is None:
        return bytes_found
    layer = check.first_below(threshold)
    if layer is None:
        return f"{bytes_found}; no layer is below {threshold:g} dB against float"
    text = f"{bytes_found}; the first below {threshold:g} dB against float is {_place(layer)}"
    inputs = layer.inputs
    if inputs is None:
        return text
    return f"{text}; of its inputs' rounding alone float makes {inputs.sqnr_db:.1f} dB there"


def _place(layer: LayerFigures) -> str:
    return f"{layer.name} ({portable_path(layer.file)}:{layer.line})" if layer.file else layer.name


def _table(checks: Sequence[checking.ModelCheck]) -> Table:
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


def _top1_line(check: checking.ModelCheck) -> str:
    return f"{check.name}: top-1 agreement of the array with float: {check.top1_agreement:.0%}"
