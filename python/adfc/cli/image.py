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
from adfc.runtime import verify


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
    """Check IMAGE as the engine does before its first register write."""
    content = read_file(image)
    try:
        verify(content)
        program = Program(content)
    except AdfcError as error:
        raise ImageError(f"{image}: {error.message}", hint=error.hint) from error
    if json_output:
        print_json({"valid": True, **program.summary()})
    else:
        load = len(program.parts.load_program)
        messages.print(
            f"{image} is valid: {len(program.parts.program):,} bytes of control blocks in "
            f"{len(program.layers)} phases" + (f", {load:,} to load" if load else ""),
            markup=False,
        )
