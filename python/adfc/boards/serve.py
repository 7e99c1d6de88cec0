"""A board in QEMU that serves its network until it is told to stop."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adfc.boards.board import Board, Network
from adfc.boards.qemu import serving_qemu
from adfc.errors import ExecutionError, InputError, ToolError
from adfc.remote.address import INFERENCE_PORT, UPLOAD_PORT, Address

_READY = "adfc: ready at "
_LOCAL = "127.0.0.1"


@dataclass
class ServedBoard:
    """Where a board in QEMU is reached from this machine, and what it has said so far."""

    upload: Address
    inference: Address
    lines: list[str] = field(default_factory=list[str])


@contextmanager
def serve(
    elf: Path,
    board: Board,
    *,
    upload_port: int | None = None,
    inference_port: int | None = None,
    qemu_arguments: Sequence[str] = (),
    time_limit: float = 60.0,
    on_line: Callable[[str], None] = lambda _: None,
) -> Generator[ServedBoard]:
    """Boot a program with a network; it is ready when the context begins.

    Its ports are forwarded to those ports of this machine, or to free ones. Raises InputError for
    a board without a network, ToolError where QEMU is missing or a port is taken, ExecutionError
    where the program ends instead.
    """
    if board.network is None:
        raise InputError(f"there is no driver for a network on {board.name}")
    served = ServedBoard(
        Address(_LOCAL, _port(upload_port)), Address(_LOCAL, _port(inference_port))
    )
    changed = threading.Event()

    def take(line: str) -> None:
        served.lines.append(line)
        if line.startswith((_READY, "@end")):
            changed.set()
        on_line(line)

    network = network_arguments(board.network, served.upload.port, served.inference.port)
    arguments = ["-kernel", str(elf), *network, *qemu_arguments]
    with serving_qemu(board.qemu, arguments, on_line=take) as process:
        while not changed.wait(0.1):
            time_limit -= 0.1
            if process.poll() is not None:
                raise ToolError(f"QEMU: {' '.join(served.lines[-3:])}")
            if time_limit < 0:
                raise ToolError(f"{board.name} was not ready in time")
        faults = [line for line in served.lines if line.startswith("@fault ")]
        if not any(line.startswith(_READY) for line in served.lines):
            text = "; ".join(line.removeprefix("@fault ") for line in faults)
            raise ExecutionError(f"{board.name}: {text}")
        yield served


def network_arguments(network: Network, upload_port: int, inference_port: int) -> list[str]:
    """QEMU's arguments for a network device that those ports of this machine lead to."""
    forward = "".join(
        f",hostfwd=udp:{_LOCAL}:{here}-:{there}"
        for here, there in ((upload_port, UPLOAD_PORT), (inference_port, INFERENCE_PORT))
    )
    return [word.replace("{forward}", forward) for word in network.qemu]


def _port(wanted: int | None) -> int:
    """That UDP port of this machine, or any, that nobody used a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((_LOCAL, wanted or 0))
        except OSError as error:
            raise ToolError(
                f"UDP port {wanted} of this machine cannot be had: {error.strerror}",
                hint="name another one, or none: a free one is taken then",
            ) from error
        return int(probe.getsockname()[1])
