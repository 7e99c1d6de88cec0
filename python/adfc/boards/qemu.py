"""QEMU, started for one run of one board: bounded in time, and gone afterwards."""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from adfc.boards.board import Qemu
from adfc.errors import ToolError
from adfc.external_tool import find_tool

COUNTING = ("-icount", "shift=0,sleep=off")
"""One guest instruction is one nanosecond of guest time, whatever the host does."""

_QUIET = ("-nodefaults", "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot")


def run_qemu(
    qemu: Qemu,
    arguments: Sequence[str],
    *,
    time_limit: float,
    on_line: Callable[[str], None],
) -> tuple[int, str]:
    """Run QEMU to its end; each line of the console goes to `on_line`.

    Returns its exit status and what QEMU itself complained of. Raises ToolError where QEMU is
    missing, or does not end within `time_limit` seconds; errors of `on_line` end QEMU too.
    """
    hint = f"install QEMU (Debian: {qemu.package})"
    program = find_tool((qemu.program,), hint=hint)
    command = [str(program), *qemu.arguments, *_QUIET, *COUNTING, *arguments]
    deadline = time.monotonic() + time_limit
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        complaints = _Reader(process.stderr)
        for line in _Reader(process.stdout).lines(deadline):
            on_line(line)
        status = process.wait(max(0.0, deadline - time.monotonic()))
        return status, "\n".join(complaints.lines(deadline))
    except (subprocess.TimeoutExpired, queue.Empty) as error:
        raise ToolError(
            f"{Path(program).name} did not end within {time_limit:g} s",
            hint="a larger --time-limit gives it more",
        ) from error
    finally:
        process.kill()
        process.wait()


@contextmanager
def serving_qemu(
    qemu: Qemu, arguments: Sequence[str], *, on_line: Callable[[str], None]
) -> Generator[subprocess.Popen[bytes]]:
    """Run QEMU for as long as the context lasts; each line of the console goes to `on_line`.

    Guest time is the host's: networks have other clocks in them. `on_line` is called by another
    thread. Raises ToolError where QEMU is missing.
    """
    hint = f"install QEMU (Debian: {qemu.package})"
    program = find_tool((qemu.program,), hint=hint)
    command = [str(program), *qemu.arguments, *_QUIET, *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    pipe = process.stdout
    assert pipe is not None

    def read() -> None:
        with pipe:
            for line in pipe:
                on_line(line.decode("utf-8", "replace").rstrip("\r\n"))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        reader.join()


class _Reader:
    """Lines of a pipe, read by a thread so that waiting for them can be bounded."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        assert pipe is not None
        self._pipe = pipe
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with self._pipe:
            for line in self._pipe:
                self._lines.put(line.decode("utf-8", "replace").rstrip("\r\n"))
        self._lines.put(None)

    def lines(self, deadline: float) -> Iterator[str]:
        """Lines up to the pipe's end. Raises queue.Empty past `deadline` (time.monotonic())."""
        while True:
            line = self._lines.get(timeout=max(0.001, deadline - time.monotonic()))
            if line is None:
                return
            yield line
