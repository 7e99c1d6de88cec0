"""Building for boards: repeatable, and clear where a tool or a board is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from adfc.boards import board_names, build, build_elf, load_board
from adfc.boards.qemu import run_qemu
from adfc.errors import InputError, ToolError
from adfc.image import ImageParts, IoTable, IoTensor, assemble, write_image


@pytest.fixture(scope="module")
def image() -> bytes:
    """A program that does nothing, without kernels."""
    made = assemble("program device 1 buffers 2\nend\ncore_programs bytes 0")
    io = IoTable((IoTensor("x", 0, (1, 64), 64),), (IoTensor("y", 0, (1, 64), 64),), 64, 64, 0)
    return write_image(
        ImageParts(made.program, made.core_programs, b"", (), {}, io, {"model": "nothing"})
    )


@pytest.mark.parametrize("name", board_names())
def test_the_same_image_gives_the_same_elf(
    name: str, image: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built anew both times, in different folders, and without a warning."""
    warnings = ("-Wall", "-Wextra", "-Werror", "-Wconversion")
    monkeypatch.setattr("adfc.boards.build._FLAGS", (*build._FLAGS, *warnings))
    elves: list[bytes] = []
    for turn in ("first", "second"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / turn))
        build_elf(image, load_board(name), tmp_path / f"{turn}.elf")
        elves.append((tmp_path / f"{turn}.elf").read_bytes())
    assert elves[0] == elves[1]
    assert image in elves[0]


def test_an_unknown_board() -> None:
    with pytest.raises(
        InputError, match="there is no board 'zynq'; use mps2-an500, mps3-an547, riscv64"
    ):
        load_board("zynq")


def test_without_clang(image: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="clang-22 is not installed; install clang 22"):
        build_elf(image, load_board("virt"), tmp_path / "app.elf")


def test_without_qemu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    qemu = load_board("versal").qemu
    with pytest.raises(ToolError, match="qemu-system-aarch64 is not installed; install QEMU"):
        run_qemu(qemu, [], time_limit=1, on_line=print)
