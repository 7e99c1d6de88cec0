"""`adfc serve`: a board in QEMU with its network."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from adfc.boards import BuildOptions, NetworkOptions, build_elf, load_board
from adfc.boards.serve import serve
from adfc.cli import arguments, completion
from adfc.cli.console import messages, output, progress_steps
from adfc.cli.deploy import load_verified, trusted_key


def serve_command(
    image: arguments.Image,
    board: Annotated[
        str, typer.Option(help="The board: versal or virt.", autocompletion=completion.boards)
    ],
    upload_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of this machine for adfc upload.")
    ] = None,
    inference_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of this machine for adfc infer.")
    ] = None,
    public_key: Annotated[
        Path | None,
        typer.Option(help="Take images that are signed with this key, and no others."),
    ] = None,
    log_level: arguments.LogOption = arguments.LogChoice.info,
    watchdog: arguments.WatchdogOption = BuildOptions.inference_ms,
) -> None:
    """Boot a board in QEMU that takes images and inference requests, until interrupted."""
    target = load_board(board)
    program = load_verified(image)
    key = trusted_key(public_key, program.image)
    with tempfile.TemporaryDirectory(prefix="adfc-") as name:
        elf = Path(name) / "app.elf"
        options = arguments.build_options(log_level, watchdog)
        with progress_steps(f"building for {board}") as step:
            build_elf(
                program.image,
                target,
                elf,
                options=options,
                network=NetworkOptions(key=key),
                progress=step,
            )
        with serve(
            elf,
            target,
            upload_port=upload_port,
            inference_port=inference_port,
            on_line=lambda line: output.print(line, markup=False),
        ) as served:
            messages.print(
                f"ready: adfc upload IMAGE --host {served.upload}; "
                f"adfc infer --host {served.inference}; Ctrl-C ends it",
                markup=False,
            )
            signal.signal(signal.SIGTERM, _end)
            threading.Event().wait()


def _end(signal_number: int, frame: FrameType | None) -> None:
    """As Ctrl-C does: QEMU ends too."""
    del frame
    sys.exit(128 + signal_number)
