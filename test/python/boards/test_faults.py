"""What goes wrong on a board is told on its console, or ends at the time limit; nothing hangs."""

from __future__ import annotations

import dataclasses
import struct
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adfc.boards import Board, BuildOptions, board_names, boot, build_elf, load_board, run_on_board
from adfc.errors import CapacityError, ExecutionError, ImageError, ToolError
from adfc.image import assemble, dump, write_image
from adfc.program import Levels, Program

pytestmark = pytest.mark.boards

Bootable = Callable[[str], Board]
Zoo = Callable[[str, str], Program]
WithKernels = Callable[[Program, str, bytes], bytes]

# Of each instruction set: a branch to itself, and an instruction that does not exist.
ENDLESS = {
    "aarch64": "00000014",
    "riscv64": "6f000000",
    "thumbv8.1m-mve": "fee7fee7",
    "thumbv7em": "fee7fee7",
}
ILLEGAL = {
    "aarch64": "00000000",
    "riscv64": "00000000",
    "thumbv8.1m-mve": "00de00de",
    "thumbv7em": "00de00de",
}


def _zeros(program: Program) -> list[Levels]:
    return [np.zeros((*t.dims[:-1], t.valid), np.int8) for t in program.parts.io.inputs]


@pytest.mark.parametrize("board", board_names())
def test_a_damaged_image_is_refused(
    board: str, bootable: Bootable, zoo: Zoo, tmp_path: Path
) -> None:
    """One bit of the weights, flipped in the finished ELF."""
    digits = zoo(board, "digits")
    elf = tmp_path / "app.elf"
    build_elf(digits.image, bootable(board), elf)
    content = bytearray(elf.read_bytes())
    assert content.count(digits.image) == 1, "the image's own bytes are in the ELF"
    content[content.index(digits.image) + digits.image.index(digits.parts.weights) + 99] ^= 1
    elf.write_bytes(content)
    with pytest.raises(ExecutionError, match="section weights: its bytes are damaged"):
        boot(elf, digits.parts.io, bootable(board), time_limit=30)


def test_a_program_that_breaks_a_rule_is_refused(bootable: Bootable, zoo: Zoo) -> None:
    """A write to a column that ve2802 lacks passes every checksum; the verifier refuses it."""
    digits = zoo("virt", "digits")
    made = assemble(dump(digits.image).replace("end\n", "write32 (99, 0) 0x1f004, 0x10\nend\n", 1))
    image = write_image(dataclasses.replace(digits.parts, program=made.program))
    with pytest.raises(ExecutionError, match=r"no such register.*WRITE32 tile 99,0"):
        run_on_board(image, bootable("virt"), _zeros(digits), time_limit=30)


@pytest.mark.parametrize("board", board_names())
def test_a_deadlock_ends_with_a_fault_record(board: str, bootable: Bootable, zoo: Zoo) -> None:
    """A second wait for a task that was pushed once."""
    digits = zoo(board, "digits")
    lines = dump(digits.image).splitlines()
    last = max(i for i, line in enumerate(lines) if line.strip().startswith("wait_task"))
    made = assemble("\n".join([*lines[: last + 1], *lines[last:]]))
    image = write_image(dataclasses.replace(digits.parts, program=made.program))
    with pytest.raises(ExecutionError, match=r"deadlock.*WAIT_TASK tile \d+,0.*phase"):
        run_on_board(image, bootable(board), _zeros(digits), time_limit=30)


@pytest.mark.parametrize("board", board_names())
def test_an_exception_is_reported(
    board: str, bootable: Bootable, zoo: Zoo, with_kernels: WithKernels
) -> None:
    digits = zoo(board, "digits")
    target = bootable(board)
    image = with_kernels(digits, target.isa, bytes.fromhex(ILLEGAL[target.isa]))
    with pytest.raises(ExecutionError, match="the processor took an exception: "):
        run_on_board(image, target, _zeros(digits), time_limit=30)


@pytest.mark.parametrize("board", board_names())
def test_a_kernel_that_never_returns_ends_with_a_fault_record(
    board: str, bootable: Bootable, zoo: Zoo, with_kernels: WithKernels, tmp_path: Path
) -> None:
    """The watchdog's interrupt meets the branch to itself, at twice the 500 ms and a second.

    An instruction takes 128 ns of guest time here, so that few make up these two seconds.
    """
    digits = zoo(board, "digits")
    target = bootable(board)
    elf = tmp_path / "app.elf"
    image = with_kernels(digits, target.isa, bytes.fromhex(ENDLESS[target.isa]))
    build_elf(image, target, elf, options=BuildOptions(inference_ms=500))
    slow = ["-icount", "shift=7,sleep=off"]
    with pytest.raises(
        ExecutionError, match=r"the watchdog fired: a kernel, .* at address 0x[0-9a-f]+"
    ):
        boot(elf, digits.parts.io, target, qemu_arguments=slow, time_limit=120)


@pytest.mark.parametrize("board", board_names())
def test_the_time_limit_ends_what_does_not(
    board: str, bootable: Bootable, zoo: Zoo, with_kernels: WithKernels
) -> None:
    digits = zoo(board, "digits")
    target = bootable(board)
    image = with_kernels(digits, target.isa, bytes.fromhex(ENDLESS[target.isa]))
    start = time.monotonic()
    with pytest.raises(ToolError, match="did not end within 2 s"):
        run_on_board(image, target, _zeros(digits), time_limit=2)
    assert time.monotonic() - start < 30


def test_kernels_of_another_image_are_refused(bootable: Bootable, zoo: Zoo) -> None:
    digits = zoo("virt", "digits")
    head = struct.pack("<4s3I", b"KCOD", 1, 4, 0)
    code = {**digits.parts.code, "aarch64": head + bytes(64 - len(head) + 4)}
    image = write_image(dataclasses.replace(digits.parts, code=code))
    with pytest.raises(ExecutionError, match="not of this image: the number of kernels differs"):
        run_on_board(image, bootable("virt"), _zeros(digits), time_limit=30)


def test_an_input_of_a_wrong_length_is_refused(
    bootable: Bootable, zoo: Zoo, tmp_path: Path
) -> None:
    digits = zoo("virt", "digits")
    board = bootable("virt")
    elf, request = tmp_path / "app.elf", tmp_path / "request.bin"
    build_elf(digits.image, board, elf)
    request.write_bytes(struct.pack("<4s2I52x", b"ADRQ", 4, 0) + bytes(4))
    with pytest.raises(ExecutionError, match="the input that lies in memory has a wrong length"):
        boot(elf, digits.parts.io, board, request=request, time_limit=30)


def test_an_image_that_does_not_describe_its_kernels(zoo: Zoo) -> None:
    digits = zoo("virt", "digits")
    metadata = {k: v for k, v in digits.parts.metadata.items() if k != "kernels"}
    image = write_image(dataclasses.replace(digits.parts, metadata=metadata))
    with pytest.raises(ImageError, match="compile the model again"):
        run_on_board(image, load_board("virt"), _zeros(digits))


def test_an_array_that_the_board_has_no_memory_for(bootable: Bootable, zoo: Zoo) -> None:
    """Cortex-M7 with 16 MB, and an image for ve2802."""
    digits = zoo("virt", "digits")
    expected = r"no memory for the emulated array: \d+ bytes.*--device npu1 --tiles 16"
    with pytest.raises(CapacityError, match=expected):
        run_on_board(digits.image, bootable("mps2-an500"), _zeros(digits), time_limit=30)


def test_an_image_that_the_board_has_no_memory_for(zoo: Zoo, tmp_path: Path) -> None:
    parts = zoo("virt", "digits").parts
    image = write_image(dataclasses.replace(parts, extra={"more": bytes(15 << 20)}))
    with pytest.raises(CapacityError, match="does not fit mps2-an500's memory: "):
        build_elf(image, load_board("mps2-an500"), tmp_path / "app.elf")
