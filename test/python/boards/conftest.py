"""Models compiled once for a test worker, and boards that are skipped without QEMU."""

from __future__ import annotations

import dataclasses
import shutil
import struct
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from adfc.boards import Board, load_board
from adfc.driver.options import CompileOptions
from adfc.frontend import TosaModel
from adfc.frontend.load import load_model
from adfc.image import write_image
from adfc.program import Levels, Program, compile_tosa

SMALL = {"mps2-an500": CompileOptions(device="npu1", tiles=16, resident=False)}
"""Boards without the 66 MB of an emulated ve2802: npu1's array takes 4 MB."""


@pytest.fixture(scope="session")
def zoo() -> Callable[[str, str], Program]:
    """A function that compiles a zoo model for the array that fits a board's memory.

    Through DDR, layer after layer: each run begins from the same state, so that it takes the same
    instructions. (Load programs have tests of their own.)
    """

    @cache
    def tosa(name: str) -> TosaModel:
        return load_model(name).to_tosa()

    @cache
    def compiled(name: str, options: CompileOptions) -> Program:
        return compile_tosa(tosa(name), options, name=name)

    return lambda board, name: compiled(name, SMALL.get(board, CompileOptions(resident=False)))


@pytest.fixture
def noise() -> Callable[[Program], list[Levels]]:
    """A function that makes int8 inputs of a program: the whole range, the same every time."""

    def make(program: Program) -> list[Levels]:
        rng = np.random.default_rng(7)
        shapes = [(*t.dims[:-1], t.valid) for t in program.parts.io.inputs]
        return [rng.integers(-128, 128, shape).astype(np.int8) for shape in shapes]

    return make


@pytest.fixture(scope="session")
def bootable() -> Callable[[str], Board]:
    """A function that returns a board; the test is skipped where its QEMU is not installed."""

    def load(name: str) -> Board:
        board = load_board(name)
        if shutil.which(board.qemu.program) is None:
            pytest.skip(f"{board.qemu.program} is not installed (Debian: {board.qemu.package})")
        return board

    return load


@pytest.fixture
def with_kernels() -> Callable[[Program, str, bytes], bytes]:
    """A function that makes a program's image with the same machine code for each kernel."""

    def make(program: Program, isa: str, code: bytes) -> bytes:
        count = len(program.parts.kernels)
        entry = 1 if isa.startswith("thumb") else 0
        head = struct.pack(f"<4s{2 + count}I", b"KCOD", count, len(code), *(entry,) * count)
        section = head + bytes(-len(head) % 64) + code
        parts = dataclasses.replace(program.parts, code={**program.parts.code, isa: section})
        return write_image(parts)

    return make
