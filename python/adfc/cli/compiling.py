"""`adfc compile`: a model to an image, or to the IR of one level."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adfc.cli import arguments
from adfc.cli.console import messages, print_json, progress_steps, write_text
from adfc.cli.crash_report import CrashReport, NoReport, Report
from adfc.cli.pipelines import tell_compiled
from adfc.cli.quantizing import takes_quantization, tell_notes
from adfc.cli.step_times import StepTimes
from adfc.driver import passes
from adfc.driver.adf_text import AdfText, lower_adf
from adfc.driver.compile import Progress, lower
from adfc.driver.files import check_writable, write_atomically
from adfc.driver.graph import LEVELS, lower_graph
from adfc.driver.options import CompileOptions
from adfc.errors import InputError
from adfc.frontend import TosaModel
from adfc.frontend.source import AdfSource, GraphSource, ModelSource, TorchSource
from adfc.planner.through_ddr import ASKED, GIVEN
from adfc.program import Program, compile_adf, compile_graph, compile_tosa
from adfc.quantization import DEFAULT, QuantizationOptions
from adfc.suggest import did_you_mean

if TYPE_CHECKING:
    from adfc.pipeline.compile import Partitioned


@takes_quantization
def compile_command(
    model: arguments.Model,
    output_file: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The image to write, or the text with --emit."),
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
    batch: arguments.Batch = None,
    untrusted_operators: arguments.UntrustedOperators = False,
    save_schedule: Annotated[
        Path | None, typer.Option(help="Write the schedule that was used, for --schedule.")
    ] = None,
    emit: Annotated[
        str | None,
        typer.Option(help=f"Stop at a level and write its text: {', '.join(passes.LEVELS)}."),
    ] = None,
    cache: arguments.Cache = True,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print each step and pass with its time.")
    ] = False,
    crash_report: Annotated[
        Path | None,
        typer.Option(
            help="Write what is needed to repeat the compilation to this .zip: input, the IR "
            "before the last pass, passes, versions, error.",
        ),
    ] = None,
    allow_host: arguments.AllowHost = False,
    json_output: arguments.Json = False,
) -> None:
    """Compile MODEL to a program image."""
    if emit is not None and emit not in passes.LEVELS:
        raise InputError(
            f"--emit {emit} is no level",
            hint=did_you_mean(emit, passes.LEVELS, f"use {', '.join(passes.LEVELS)}"),
        )
    if emit is None and output_file is None:
        raise InputError("nowhere to write the image to", hint="add -o FILE.rimfs")
    if emit == passes.LEVELS[0] and save_schedule is not None:
        raise InputError("--emit tosa stops before there is a schedule", hint="emit adf or below")
    for path in (output_file, save_schedule, crash_report):
        check_writable(path)
    options = arguments.compile_options(
        device, tiles, avoid_tile, schedule, resident=resident, cache=cache, batch=batch
    )
    samples = arguments.samples(calib, calib_samples, preprocess)
    with _reported(crash_report) as report, _steps(f"compiling {model}", verbose) as step:
        step("quantizing")
        source = arguments.load(model, weights, untrusted_operators=untrusted_operators)
        if batch is not None and (allow_host or isinstance(source, (GraphSource, AdfSource))):
            raise InputError(
                "--batch is for networks that run on the array as a whole",
                hint="leave --batch out",
            )
        if isinstance(source, (GraphSource, AdfSource)):
            program = _below_tosa(source, options, emit, output_file, step)
            if program is not None:
                _tell(program, output_file, json_output=json_output)
            return
        if allow_host and isinstance(source, TorchSource):
            from adfc.pipeline.compile import partitioned

            if emit is not None or schedule is not None or save_schedule is not None:
                raise InputError("--allow-host goes with neither --emit nor a schedule file")
            parts = partitioned(source, calibration=samples, quantization=quantization)
            if parts.host_ops and output_file is not None:
                tell_notes(source.name, parts.notes)
                _compile_parts(parts, options, step, output_file, json_output)
                return
        tosa = source.to_tosa(calibration=samples, quantization=quantization)
        report.given(tosa.text)
        tell_notes(source.name, tosa.notes)
        if emit is not None:
            text, used = _text(tosa, options, emit, step, report)
            write_text(text, output_file)
            _save_schedule(save_schedule, used)
            _warn_of_poor_calibration(source, calib)
            return
        program = compile_tosa(
            tosa, options, name=source.name, progress=step, watch=report.before_pass
        )
    _tell(program, output_file, json_output=json_output)
    _save_schedule(save_schedule, program.schedule)
    _warn_of_poor_calibration(source, calib)


def _tell(program: Program, output_file: Path | None, *, json_output: bool) -> None:
    """Save the program, and say so."""
    assert output_file is not None
    program.save(output_file)
    if json_output:
        print_json(program.summary())
        return
    messages.print(
        f"wrote {output_file}: {len(program.image):,} bytes, {len(program.layers)} phases"
        f" for {program.tiles} tiles of {program.device}",
        markup=False,
    )
    why = program.metadata.why_through_ddr
    if why and why not in (ASKED, GIVEN):
        messages.print(f"adfc: note: not resident, but through DDR: {why}", markup=False)


def _compile_parts(
    parts: Partitioned, options: CompileOptions, step: Progress, path: Path, json_output: bool
) -> None:
    """Writes the pipeline of a model that needs the host."""
    from adfc.pipeline.compile import compile_pipeline

    pipeline = compile_pipeline(parts, options, step)
    pipeline.save(path)
    tell_compiled(path, pipeline, json_output=json_output)


@contextmanager
def _steps(title: str, verbose: bool) -> Generator[Progress]:
    """`progress_steps`, with the time of each step where `verbose`."""
    with progress_steps(title) as step:
        if not verbose:
            yield step
            return
        times = StepTimes(step)
        try:
            yield times
        finally:
            times.finish()


@contextmanager
def _reported(path: Path | None) -> Generator[Report]:
    """The report that `--crash-report` asks for, finished or with the error of the body."""
    if path is None:
        yield NoReport()
        return
    report = CrashReport(path)
    try:
        yield report
    except BaseException as error:
        report.failed(error)
        messages.print(f"adfc: note: what is needed to repeat this is in {path}", markup=False)
        raise
    report.finished()


def _below_tosa(
    source: GraphSource | AdfSource,
    options: CompileOptions,
    emit: str | None,
    output_file: Path | None,
    step: Progress,
) -> Program | None:
    """The program of what has no TOSA; None where its text was asked for and is written."""
    if emit is not None and emit not in LEVELS:
        raise InputError(f"{source.name} has no {emit}", hint=f"use {', '.join(LEVELS)}")
    if isinstance(source, GraphSource):
        if emit is None:
            return compile_graph(source.graph, options, progress=step)
        ir = lower_graph(source.graph, options, emit, step)
    else:
        text = AdfText.read(source.text, source.name)
        if emit is None:
            return compile_adf(text, options, progress=step)
        ir = lower_adf(text, emit, step)
    write_text(ir.text(), output_file)
    return None


def _warn_of_poor_calibration(source: ModelSource, calib: Path | None) -> None:
    if isinstance(source, TorchSource) and calib is None and len(source.calibration) < 2:
        messages.print(
            f"adfc: note: {source.name} is calibrated on {source.calibration_origin}; "
            "give typical samples with --calib for good scales",
            markup=False,
        )


def _save_schedule(path: Path | None, schedule: str) -> None:
    """Write the schedule's text where the user asked for it."""
    if path is not None:
        write_atomically(path, schedule.encode())


def _text(
    tosa: TosaModel, options: CompileOptions, level: str, step: Progress, report: Report
) -> tuple[str, str]:
    """The IR of `level` as text, and the schedule's text (empty above the schedule)."""
    if level == passes.LEVELS[0]:
        return tosa.text, ""
    lowered = lower(tosa, options, level, step, report.before_pass)
    return lowered.module.text(), lowered.schedule.to_json()
