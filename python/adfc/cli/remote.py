"""`adfc upload` and `adfc infer`: boards in a network."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from adfc.boards.package import with_code
from adfc.cli import arguments
from adfc.cli.console import messages, print_json, progress_steps
from adfc.driver.files import check_writable, write_atomically
from adfc.driver.tensors import fixed_inputs, load_inputs, npy_bytes
from adfc.errors import ImageError, InputError
from adfc.program import Program
from adfc.remote import (
    INFERENCE_PORT,
    UPLOAD_PORT,
    Address,
    InferenceClient,
    RemoteModel,
    RemoteRun,
    read_status,
    upload,
)
from adfc.spec import devices


def _host(service: str, port: int) -> Any:
    return typer.Option(
        "--host", metavar="HOST[:PORT]", help=f"The board, and its {service} port (default {port})."
    )


def upload_command(
    image: arguments.Image,
    host: Annotated[str, _host("TFTP", UPLOAD_PORT)],
    time_limit: Annotated[
        float, typer.Option(min=0.001, help="Seconds to wait for each of the board's answers.")
    ] = 30.0,
    json_output: arguments.Json = False,
) -> None:
    """Send IMAGE to a board in the network, which checks it before it becomes active."""
    address = Address.parse(host, UPLOAD_PORT)
    program = Program.load(image)
    with progress_steps(f"uploading {image}") as step:
        step("asking the board")
        before = read_status(address, time_limit=time_limit)
        lacks_code = before.isa not in program.parts.code
        if lacks_code and before.needs_signature:
            raise ImageError(
                f"{image} has no code for {before.isa}, and {address} takes signed images only",
                hint="adfc sign --board adds the code before it signs",
            )
        step(f"compiling kernels for {before.isa}")
        content = with_code(program.image, before.isa)
        start = time.perf_counter()
        status = upload(content, address, time_limit=time_limit, progress=step)
        seconds = time.perf_counter() - start
    if json_output:
        print_json(
            {
                "model": program.name,
                "board": status.board,
                "slot": status.slot,
                "image_bytes": status.image_bytes,
                "image_version": status.image_version,
                "seconds": seconds,
            }
        )
        return
    messages.print(
        f"{program.name} is active in slot {status.slot} of {status.board}: "
        f"{len(content):,} bytes in {seconds:.1f} s",
        markup=False,
    )


def infer_command(
    host: Annotated[str, _host("inference", INFERENCE_PORT)],
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
    time_limit: Annotated[
        float, typer.Option(min=0.001, help="Seconds that the inference may take.")
    ] = 120.0,
    json_output: arguments.Json = False,
) -> None:
    """Run the active image of a board in the network once."""
    outputs = output_file or []
    for path in outputs:
        check_writable(path)
    with InferenceClient(Address.parse(host, INFERENCE_PORT), time_limit=time_limit) as client:
        model = client.model
        if outputs and len(outputs) != len(model.outputs):
            raise InputError(f"{len(outputs)} --output files for {len(model.outputs)} outputs")
        given = load_inputs(model.inputs, input_file) if input_file else fixed_inputs(model.inputs)
        levels = [spec.quantize(x) for spec, x in zip(model.inputs, given, strict=True)]
        start = time.perf_counter()
        run = client.run(levels)
        wall_ms = (time.perf_counter() - start) * 1e3
    values = [spec.dequantize(x) for spec, x in zip(model.outputs, run.outputs, strict=True)]
    for path, value in zip(outputs, values, strict=False):
        write_atomically(path, npy_bytes(value))
    _tell(model, run, wall_ms, json_output=json_output)


def _tell(model: RemoteModel, run: RemoteRun, wall_ms: float, *, json_output: bool) -> None:
    clock_mhz = devices.load(model.device).clock_mhz
    figures = {
        "model": model.name,
        "device": model.device,
        "cycles": run.cost.cycles,
        "modelled_ms": run.cost.cycles / clock_mhz / 1e3,
        "control_cycles": run.cost.control_cycles,
        "control_cycles_exposed": run.cost.exposed_cycles,
        "ddr_bytes": run.cost.ddr_read_bytes + run.cost.ddr_write_bytes,
        "processor_cycles": run.processor_cycles,
        "wall_ms": wall_ms,
    }
    if json_output:
        print_json(figures)
        return
    messages.print(
        f"{model.name} on {model.device}: {run.cost.cycles:,} modelled cycles "
        f"({figures['modelled_ms']:.3f} ms); answered in {wall_ms:.0f} ms",
        markup=False,
    )
