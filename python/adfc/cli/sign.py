"""`adfc sign`: keys, and images that boards with a key take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adfc import signing
from adfc.boards import load_board
from adfc.boards.package import with_code
from adfc.cli.console import messages, progress_steps
from adfc.driver.files import write_atomically
from adfc.errors import InputError
from adfc.program import Program


def sign_command(
    image: Annotated[
        Path | None, typer.Argument(help="A program image (.rimfs).", metavar="IMAGE")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The private key, a PEM file of RSA with 3072 bits.")
    ] = None,
    output_file: Annotated[
        Path | None, typer.Option("-o", "--output", help="The signed image to write.")
    ] = None,
    version: Annotated[
        int,
        typer.Option(
            min=0,
            max=2**32 - 1,
            help="Counts up with each release: a board refuses what is older than its image.",
        ),
    ] = 1,
    board: Annotated[
        str | None, typer.Option(help="Compile the kernels for this board into it first.")
    ] = None,
    new_key: Annotated[
        Path | None,
        typer.Option(help="Make a private key K.pem and K.pub.pem, its public one; nothing else."),
    ] = None,
) -> None:
    """Sign IMAGE for boards that were built with --public-key, or make a key."""
    if new_key is not None:
        public = signing.make_key(new_key)
        messages.print(f"wrote {new_key} (keep it secret) and {public}", markup=False)
        return
    if image is None or key is None or output_file is None:
        raise InputError(
            "an image, --key and --output are needed",
            hint="adfc sign IMAGE --key K.pem -o OUT; adfc sign --new-key K.pem makes a key",
        )
    content = Program.load(image).image
    with progress_steps(f"signing {image}") as step:
        if board is not None:
            step("compiling kernels")
            content = with_code(content, load_board(board).isa)
        content = signing.sign(content, key, version)
    write_atomically(output_file, content)
    messages.print(f"wrote {output_file}: version {version}, {len(content):,} bytes", markup=False)
