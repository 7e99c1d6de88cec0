"""`adfc dump`, `adfc assemble` and `adfc verify`: images looked at, without running them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from adfc.cli import arguments
from adfc.cli.console import messages, print_json, write_text
from adfc.driver.files import read_file, write_atomically
from adfc.errors import AdfcError, ImageError
from adfc.image import assemble, dump, read_image, write_image
from adfc.program import Program
from adfc.runtime import Bound, verify
from adfc.spec import devices


def dump_command(
    image: arguments.Image,
    output_file: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to write (default: stdout).")
    ] = None,
) -> None:
    """Print IMAGE's control blocks and core programs as text, which `adfc assemble` reads."""
    content = read_file(image)
    try:
        text = dump(content)
    except ImageError as error:
        raise ImageError(f"{image}: {error.message}", hint=error.hint) from error
    write_text(text, output_file)


def assemble_command(
    text: Annotated[Path, typer.Argument(help="Text as `adfc dump` prints it.", metavar="TEXT")],
    image: Annotated[
        Path, typer.Option(help="The image whose weights, kernels and tables are kept.")
    ],
    output_file: Annotated[Path, typer.Option("-o", "--output", help="The image to write.")],
) -> None:
    """Put the programs in TEXT in place of those of an image."""
    source = read_file(text)
    try:
        assembly = assemble(source.decode())
        parts = read_image(read_file(image))
    except UnicodeDecodeError as error:
        raise ImageError(f"{text}: no UTF-8 text: {error}") from error
    changed = dataclasses.replace(
        parts,
        program=assembly.program,
        core_programs=assembly.core_programs,
        load_program=assembly.load_program,
    )
    content = write_image(changed)
    verify(content)
    write_atomically(output_file, content)


def verify_command(image: arguments.Image, json_output: arguments.Json = False) -> None:
    """Check IMAGE as the engine does before its first register write; tell what it does at most."""
    content = read_file(image)
    try:
        bounds = verify(content)
        program = Program(content)
    except AdfcError as error:
        raise ImageError(f"{image}: {error.message}", hint=error.hint) from error
    if json_output:
        print_json({"valid": True, **program.summary(), "bounds": dataclasses.asdict(bounds)})
        return
    load = len(program.parts.load_program)
    messages.print(
        f"{image} is valid: {len(program.parts.program):,} bytes of control blocks in "
        f"{len(program.layers)} phases" + (f", {load:,} to load" if load else ""),
        markup=False,
    )
    clock = devices.load(program.device).clock_mhz
    if bounds.load:
        messages.print(f"loading never exceeds {_told(bounds.load, clock)}", markup=False)
    messages.print(f"an inference never exceeds {_told(bounds.run, clock)}", markup=False)


def _told(bound: Bound, clock_mhz: int) -> str:
    return (
        f"{bound.instructions:,} instructions, {bound.rhal_calls:,} RHAL calls, {bound.words:,} "
        f"words written, {bound.wait_cycles:,} cycles ({bound.wait_cycles / clock_mhz / 1e3:.1f} "
        f"ms) in {bound.waits:,} waits"
    )
