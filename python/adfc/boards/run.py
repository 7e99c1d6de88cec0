"""One inference on a board under QEMU."""

from __future__ import annotations

import struct
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adfc.boards.board import Board
from adfc.boards.build import build_elf
from adfc.boards.console import Report
from adfc.boards.options import BuildOptions
from adfc.boards.qemu import run_qemu
from adfc.errors import CapacityError, ExecutionError
from adfc.image import IoTable, read_image
from adfc.runtime import Cost
from adfc.runtime.blocks import Levels, pack_inputs, unpack_outputs

DEFAULT_TIME_LIMIT = 120.0
"""Seconds that QEMU may take."""

_NO_MEMORY = "no memory for "
"""How the refusal of an image begins for which a board's memory is too small: common/program.c."""

_SMALLER_ARRAY = "compile the model for a small array: --device npu1 --tiles 16"

_REQUEST = struct.Struct("<4s5I40x")  # magic, bytes, CRC, runs, level, ms: common/request.h


@dataclass(frozen=True)
class BoardRun:
    """Runs of one boot: outputs in array order, what a run cost on the array and the processor.

    `cost` is the last one's: where the image has a load program, that of a steady run.
    `guest_instructions` are what the processor executed from the first control block to the last,
    for each run; `wall_ms` is QEMU's time from start to end.
    """

    outputs: tuple[Levels, ...]
    cost: Cost
    engine_instructions: int
    guest_instructions: tuple[int, ...]
    wall_ms: float


def run_on_board(
    image: bytes,
    board: Board,
    inputs: Sequence[Levels],
    *,
    runs: int = 1,
    boots: int = 1,
    options: BuildOptions | None = None,
    time_limit: float = DEFAULT_TIME_LIMIT,
    progress: Callable[[str], None] = lambda _: None,
) -> list[BoardRun]:
    """Build `image` for `board`; boot it in QEMU `boots` times, and run it each time `runs` times.

    `inputs` are int8 in array order. Raises InputError for wrong inputs, ToolError where clang or
    QEMU is missing, fails, or takes longer than `time_limit` seconds for a boot, CapacityError
    where the board has too little memory, and ExecutionError where its program reports a fault.
    """
    io = read_image(image).io
    block = pack_inputs(io, inputs)
    with tempfile.TemporaryDirectory(prefix="adfc-") as name:
        elf, request = Path(name) / "app.elf", Path(name) / "request.bin"
        build_elf(image, board, elf, options=options, progress=progress)
        request.write_bytes(request_bytes(block, runs=runs))
        return [
            boot(elf, io, board, request=request, time_limit=time_limit, progress=progress)
            for _ in range(boots)
        ]


def request_bytes(
    block: bytes, *, runs: int = 1, log_level: int = 0, inference_ms: int = 0
) -> bytes:
    """What is put into a board's memory: an input block, and what to do with it.

    `log_level` (LogLevel) and `inference_ms` (the watchdog's limit) are as built where they are 0.
    """
    head = _REQUEST.pack(b"ADRQ", len(block), zlib.crc32(block), runs, log_level, inference_ms)
    return head + block


def boot(
    elf: Path,
    io: IoTable,
    board: Board,
    *,
    request: Path | None = None,
    qemu_arguments: Sequence[str] = (),
    time_limit: float = DEFAULT_TIME_LIMIT,
    progress: Callable[[str], None] = lambda _: None,
) -> BoardRun:
    """Boot `elf` in QEMU and read what it reports; `request` is put in memory for it.

    `io` are the tensors of its image. Raises errors as `run_on_board` does.
    """
    progress(f"booting {board.name}")
    report = Report(on_say=lambda text: progress(f"{board.name}: {text}"))
    arguments = ["-kernel", str(elf), *qemu_arguments]
    if request is not None:
        where = f"addr={board.request:#x},force-raw=on"
        arguments += ["-device", f"loader,file={request},{where}"]
    start = time.perf_counter()
    status, complaint = run_qemu(
        board.qemu,
        arguments,
        time_limit=time_limit,
        on_line=report.line,
    )
    wall_ms = (time.perf_counter() - start) * 1e3
    for line in report.kept:
        progress(f"{board.name}: kept from an earlier boot: {line}")
    if report.faults:
        text = f"{board.name}: " + "\n".join(report.faults)
        if report.faults[0].startswith(_NO_MEMORY):
            raise CapacityError(text, hint=_SMALLER_ARRAY)
        raise ExecutionError(text)
    if report.ended is None or status:
        reason = complaint.strip() or f"exit status {status}"
        raise ExecutionError(f"{board.name}: the program did not end as it should: {reason}")
    return _result(io, board, report, wall_ms)


def _result(io: IoTable, board: Board, report: Report, wall_ms: float) -> BoardRun:
    counters = report.counters
    # The first run on an array that was just loaded finds the paths to DDR cold, and the second
    # what that has left of the weights on their way.
    settling = min(2, len(report.runs) - 1) if "load_cycles" in counters else 0
    outputs = {run.output_crc for run in report.runs}
    steady = {run.array_cycles for run in report.runs[settling:]}
    if len(outputs) != 1 or len(steady) != 1:
        raise ExecutionError(f"{board.name}: runs of one program differ, or there was none")
    names = ("cycles", "control_cycles", "exposed_cycles", "ddr_read_bytes", "ddr_write_bytes")
    try:
        return BoardRun(
            outputs=unpack_outputs(io, report.checked_output()),
            cost=Cost(*(counters[name] for name in names)),
            engine_instructions=counters["engine_instructions"],
            guest_instructions=tuple(run.processor_cycles for run in report.runs),
            wall_ms=wall_ms,
        )
    except KeyError as error:
        raise ExecutionError(f"the board's console: counter {error} is missing") from error
