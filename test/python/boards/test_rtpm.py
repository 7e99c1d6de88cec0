"""Self-test, watchdog, kept fault record and log levels of a board's program."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adfc.boards import Board, board_names, boot, build_elf, load_board, request_bytes
from adfc.boards.seal import seal
from adfc.errors import ExecutionError, ToolError
from adfc.program import Program
from adfc.runtime.blocks import pack_inputs

Bootable = Callable[[str], Board]
Zoo = Callable[[str, str], Program]


def _request(program: Program, **options: int) -> bytes:
    zeros = [np.zeros((*t.dims[:-1], t.valid), np.int8) for t in program.parts.io.inputs]
    return request_bytes(pack_inputs(program.parts.io, zeros), **options)


@pytest.mark.boards
@pytest.mark.parametrize("board", board_names())
def test_damaged_code_is_found_before_it_is_used(
    board: str, bootable: Bootable, zoo: Zoo, tmp_path: Path
) -> None:
    """One bit of a text that is never written: nothing but the checksum can tell."""
    digits = zoo(board, "digits")
    elf = tmp_path / "app.elf"
    build_elf(digits.image, bootable(board), elf)
    content = bytearray(elf.read_bytes())
    text = b"the DDR buffer is not bound\0"
    assert content.count(text) == 1
    content[content.index(text)] ^= 1
    elf.write_bytes(content)
    with pytest.raises(ExecutionError, match=r"self-test: code: .* damaged \(checksum\)"):
        boot(elf, digits.parts.io, bootable(board), time_limit=30)


@pytest.mark.boards
@pytest.mark.parametrize("board", board_names())
def test_the_watchdog_stops_an_inference_that_takes_too_long(
    board: str, bootable: Bootable, zoo: Zoo, tmp_path: Path
) -> None:
    """ResNet-8 takes 16 ms or more of any board's time; 1 ms is allowed."""
    resnet8 = zoo(board, "resnet8")
    elf, request = tmp_path / "app.elf", tmp_path / "request.bin"
    build_elf(resnet8.image, bootable(board), elf)
    request.write_bytes(_request(resnet8, inference_ms=1))
    with pytest.raises(ExecutionError, match=r"the watchdog fired: .*WAIT_TASK.* in phase"):
        boot(elf, resnet8.parts.io, bootable(board), request=request, time_limit=60)


@pytest.mark.boards
def test_a_fault_record_is_shown_at_the_next_boot(
    bootable: Bootable, zoo: Zoo, tmp_path: Path
) -> None:
    """The board's memory is a file, so that it outlives a reset; the record is shown once."""
    board, resnet8 = bootable("virt"), zoo("virt", "resnet8")
    elf, request = tmp_path / "app.elf", tmp_path / "request.bin"
    memory = f"memory-backend-file,id=ram,size=2G,share=on,mem-path={tmp_path / 'memory'}"
    keep = ["-object", memory, "-machine", "memory-backend=ram"]
    build_elf(resnet8.image, board, elf)
    said: list[str] = []

    def start(**options: int) -> None:
        request.write_bytes(_request(resnet8, **options))
        said.clear()
        boot(
            elf,
            resnet8.parts.io,
            board,
            request=request,
            qemu_arguments=keep,
            time_limit=60,
            progress=said.append,
        )

    def kept() -> list[str]:
        return [line for line in said if "kept from an earlier boot" in line]

    start()
    assert kept() == []
    with pytest.raises(ExecutionError, match="watchdog"):
        start(inference_ms=1)
    start()
    assert len(kept()) >= 1
    assert "the watchdog fired: the program takes longer than it may at word" in kept()[0]
    start()
    assert kept() == []


@pytest.mark.boards
def test_log_levels(bootable: Bootable, zoo: Zoo, tmp_path: Path) -> None:
    board, digits = bootable("virt"), zoo("virt", "digits")
    elf, request = tmp_path / "app.elf", tmp_path / "request.bin"
    build_elf(digits.image, board, elf)

    def lines(level: int) -> list[str]:
        said: list[str] = []
        request.write_bytes(_request(digits, log_level=level))
        boot(elf, digits.parts.io, board, request=request, progress=said.append)
        return [line.removeprefix("virt: ") for line in said[1:]]

    debug = ["debug: self-test passed: code, memory, timer", "debug: self-test passed: array"]
    assert lines(2) == []
    assert "running" in lines(3)
    assert not set(debug) & set(lines(3))
    assert [line for line in lines(4) if line not in debug] == lines(3)


def test_only_a_program_of_ours_is_sealed() -> None:
    head = b"\x7fELF\x02\x01\x01".ljust(64, b"\0")
    with pytest.raises(ToolError, match="no symbol board_checked_start"):
        seal(head)


def test_the_seal_is_the_checksum_of_what_lies_in_memory(zoo: Zoo, tmp_path: Path) -> None:
    """For an ELF of 32 and one of 64 bits: a change of the code changes the seal and only it."""
    for name in ("virt", "mps2-an500"):
        elf = tmp_path / "app.elf"
        build_elf(zoo(name, "digits").image, load_board(name), elf)
        content = bytearray(elf.read_bytes())
        content[content.index(b"the DDR buffer is not bound\0")] ^= 1
        again = seal(bytes(content))
        changed = [i for i, (a, b) in enumerate(zip(content, again, strict=True)) if a != b]
        assert 1 <= len(changed) <= struct.calcsize("I")
        assert changed[-1] - changed[0] < struct.calcsize("I")
