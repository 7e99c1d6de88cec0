"""`adfc run`: an image on the emulated array."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from adfc.boards import DEFAULT_TIME_LIMIT, BuildOptions
from adfc.cli import arguments
from adfc.cli.console import messages, output, print_json, progress_steps
from adfc.cli.deploy import board_figures, run_board, tell_board_run
from adfc.cli.pipelines import run_pipeline
from adfc.driver.files import check_writable, write_atomically
from adfc.driver.tensors import fixed_inputs, load_inputs, npy_bytes
from adfc.errors import ExecutionError, InputError
from adfc.pipeline.pipeline import Pipeline
from adfc.program import Program
from adfc.runtime import Run

_EMU = arguments.BackendChoice.emu


def run_command(
    image: arguments.Image,
    input_file: Annotated[
        list[Path] | None,
        typer.Option(
            "--input",
            help="An input as .npy, float32 in the model's own shape; once for each input of the "
            "model. Without any: noise of a fixed seed.",
        ),
    ] = None,
    output_file: Annotated[
        list[Path] | None,
        typer.Option("--output", help="Where to write an output as .npy; once for each output."),
    ] = None,
    backend: Annotated[
        arguments.BackendChoice, typer.Option(help="The array, or the array with a trace of it.")
    ] = arguments.BackendChoice.emu,
    engine: Annotated[
        arguments.EngineChoice,
        typer.Option(help="Let the engine play the image, or compile it to native calls first."),
    ] = arguments.EngineChoice.rcb,
    trace_file: Annotated[
        Path | None,
        typer.Option(
            help="Where --backend trace writes its lines (default: stdout; none with --json)."
        ),
    ] = None,
    repeat: Annotated[
        int,
        typer.Option(
            min=1, help="How many times to run on the same array, which is loaded only once."
        ),
    ] = 1,
    threads: Annotated[
        int,
        typer.Option(
            min=1,
            max=2,
            help="With 2, one keeps the array's time while the other moves data and computes: same "
            "outputs, same cycles, sooner done.",
        ),
    ] = 1,
    board: Annotated[
        str | None,
        typer.Option(
            help="Run without an operating system on a board in QEMU, such as versal; a wrong name "
            "lists them."
        ),
    ] = None,
    boots: Annotated[
        int, typer.Option(min=1, help="With --board: how many times to start it.")
    ] = 1,
    time_limit: Annotated[
        float, typer.Option(min=0.001, help="With --board: seconds from each start to the end.")
    ] = DEFAULT_TIME_LIMIT,
    log_level: arguments.LogOption = arguments.LogChoice.info,
    watchdog: arguments.WatchdogOption = BuildOptions.inference_ms,
    json_output: arguments.Json = False,
) -> None:
    """Run IMAGE once on the emulated array, here or on a board."""
    if Pipeline.is_pipeline(image):
        if board is not None or (backend, engine, trace_file) != (
            _EMU,
            arguments.EngineChoice.rcb,
            None,
        ):
            raise InputError(
                f"{image} is a pipeline, of which the host computes a part",
                hint="it runs here, without --board, --backend, --engine and --trace-file",
            )
        run_pipeline(
            image, input_file or (), output_file or (), repeat=repeat, json_output=json_output
        )
        return
    program = Program.load(image)
    inputs = load_inputs(program.inputs, input_file) if input_file else fixed_inputs(program.inputs)
    outputs = output_file or []
    if outputs and len(outputs) != len(program.outputs):
        raise InputError(f"{len(outputs)} --output files for {len(program.outputs)} outputs")
    for path in (*outputs, trace_file):
        check_writable(path)
    if board is not None:
        if (backend, engine, trace_file, threads) != (_EMU, arguments.EngineChoice.rcb, None, 1):
            raise InputError("--board goes with --backend emu, --engine rcb and --threads 1 only")
        levels = program.quantize(inputs)
        runs = run_board(
            program,
            board,
            levels,
            runs=repeat,
            boots=boots,
            time_limit=time_limit,
            options=arguments.build_options(log_level, watchdog),
        )
        values = program.dequantize(runs[0].outputs)
        _write_outputs(outputs, values)
        tell_board_run(board_figures(program, board, runs), json_output=json_output)
    else:
        trace = _Trace(backend, trace_file, json_output)
        values = _run_here(program, inputs, engine, trace, repeat, outputs, json_output, threads)
    if not json_output:
        _print_outputs(program, values)


@dataclass(frozen=True)
class _Trace:
    """Whether the run is traced, and where its lines go."""

    backend: arguments.BackendChoice
    file: Path | None
    json_output: bool

    @property
    def to_stdout(self) -> bool:
        traced = self.backend is arguments.BackendChoice.trace
        return traced and self.file is None and not self.json_output

    @property
    def wants_lines(self) -> bool:
        return self.to_stdout or self.file is not None

    def write(self, lines: Sequence[str]) -> None:
        if self.file is not None:
            write_atomically(self.file, "".join(f"{line}\n" for line in lines).encode())
        elif self.to_stdout:
            output.print("\n".join(lines), markup=False)


def _run_here(
    program: Program,
    inputs: Sequence[NDArray[np.float32]],
    engine: arguments.EngineChoice,
    trace: _Trace,
    repeat: int,
    outputs: Sequence[Path],
    json_output: bool,
    threads: int,
) -> tuple[NDArray[np.float32], ...]:
    lines: list[str] = []
    with progress_steps(f"running {program.name}"):
        results = [
            program.run_detailed(
                *inputs,
                backend=trace.backend.value,
                engine=engine.value,
                on_line=lines.append if trace.wants_lines and index == 0 else None,
                keep_state=index > 0,
                threads=threads,
            )
            for index in range(repeat)
        ]
    check_equal(program, [result.run for result in results])
    _write_outputs(outputs, results[0].outputs)
    trace.write(lines)
    figures = _figures(
        program, [result.run for result in results], [result.wall_ms for result in results]
    )
    if json_output:
        print_json(figures)
    else:
        _tell_run(program, figures)
    return results[0].outputs


def check_equal(program: Program, runs: Sequence[Run]) -> None:
    """Raises ExecutionError where a run on the loaded array differs from that on a cold one."""
    for index, run in enumerate(runs):
        for spec, first, values in zip(program.outputs, runs[0].outputs, run.outputs, strict=True):
            if not np.array_equal(first, values):
                raise ExecutionError(
                    f"run {index + 1} on the same array gives another {spec.name} than the first",
                    cycles=run.cost.cycles,
                    control_cycles=run.cost.control_cycles,
                )


def _tell_run(program: Program, figures: dict[str, Any]) -> None:
    load = figures["load_cycles"]
    steady = figures["steady_cycles"]
    messages.print(
        f"{program.name} on {program.device}: {figures['cycles']:,} modelled cycles "
        f"({figures['modelled_ms']:.3f} ms at {program.loaded.clock_mhz} MHz)"
        + (f" after {load:,} to load" if load else "")
        + (f"; {steady:,} in the last run" if steady is not None else "")
        + f"; emulated in {figures['wall_ms']:.0f} ms with {program.loaded.isa} kernels",
        markup=False,
    )


def _write_outputs(paths: Sequence[Path], outputs: Sequence[NDArray[np.float32]]) -> None:
    for path, values in zip(paths, outputs, strict=False):
        write_atomically(path, npy_bytes(values))


def _print_outputs(program: Program, outputs: Sequence[NDArray[np.float32]]) -> None:
    for spec, values in zip(program.outputs, outputs, strict=True):
        batch = program.metadata.batch is not None
        messages.print(f"{spec.name}: {_brief(values, batch=batch)}", markup=False)


def _figures(program: Program, runs: Sequence[Run], wall_ms: list[float]) -> dict[str, Any]:
    run = runs[0]
    return {
        "model": program.name,
        "device": program.device,
        "tiles": program.tiles,
        "isa": program.loaded.isa,
        "cycles": run.cost.cycles,
        "load_cycles": run.load.cycles if run.load else 0,
        "first_cycles": run.whole.cycles,
        "steady_cycles": runs[-1].cost.cycles if len(runs) > 1 else None,
        "modelled_ms": run.cost.cycles / program.loaded.clock_mhz / 1e3,
        "trace_digest": None if run.trace_digest is None else f"{run.trace_digest:016x}",
        "control_cycles": run.cost.control_cycles,
        "control_cycles_exposed": run.cost.exposed_cycles,
        "ddr_bytes": run.cost.ddr_bytes,
        "load_ddr_bytes": run.load.ddr_bytes if run.load else 0,
        "steady_ddr_bytes": runs[-1].cost.ddr_bytes if len(runs) > 1 else None,
        "wall_ms": statistics.median(wall_ms),
        "wall_ms_each": wall_ms,
    }


def _brief(values: NDArray[np.float32], *, batch: bool) -> str:
    """Shape, and the greatest value with its place: in its image, counted from 0, of a batch."""
    greatest = int(values.argmax())
    shape = "x".join(str(size) for size in values.shape)
    image, place = divmod(greatest, values[0].size) if batch else (0, greatest)
    at = f"image {image}, at {place}" if batch else f"at {place}"
    return f"{shape}, greatest {values.flat[greatest]:.4f} {'in ' if batch else ''}{at}"
