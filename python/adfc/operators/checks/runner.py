"""A kernel run tile by tile in this process, between guard zones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from adfc.driver.kernel_cache import KernelCache
from adfc.driver.kernel_code import compile_kernels
from adfc.errors import AdfcError
from adfc.operators.checks.cutting import Cutter, Tile, TileCall
from adfc.operators.checks.finding import CheckError, ensure
from adfc.operators.checks.memory import Bytes, Guarded, RunnableKernel
from adfc.operators.checks.specimen import Specimen
from adfc.operators.operator import Levels


@dataclass(frozen=True)
class Surroundings:
    """What lies around and in a kernel's memory before a call; its result must not depend on it."""

    around: int = 0xA5
    before: int = 0x5A
    at_end: bool = False


CALM = Surroundings()


def code_of(kernel: dict[str, Any], isa: str) -> bytes:
    """Section `code.<isa>` of the one kernel. Raises CheckError where it does not compile."""
    try:
        return compile_kernels([kernel], [isa], KernelCache.default())[isa]
    except AdfcError as error:
        raise CheckError(f"{isa}: {error}") from error


class Runner:
    """One call of an operator, cut into tiles in any way, on one instruction set of the host."""

    def __init__(self, specimen: Specimen, isa: str) -> None:
        self.cutter = Cutter(specimen)
        self.isa = isa
        self._specimen = specimen
        self._kernel = cache(self._compiled)

    def _compiled(self, tile: Tile) -> RunnableKernel:
        return RunnableKernel(code_of(self.cutter.kernel(tile), self.isa))

    def prepare(self, tile: Tile) -> None:
        """Compile the kernel for a tile now. Raises CheckError."""
        self._kernel(tile)

    def run(
        self, inputs: tuple[Levels, ...], tile: Tile, surroundings: Surroundings = CALM
    ) -> Levels:
        """The result, from calls of that tile.

        Raises CheckError where a call touches what it may not.
        """
        out = np.zeros(self.cutter.output, np.int8)
        for call in self.cutter.calls(inputs, tile):
            out[call.target] = self._call(call, tile, surroundings)[call.taken]
        return out.reshape(self._specimen.out_shape)

    def _call(self, call: TileCall, tile: Tile, surroundings: Surroundings) -> Levels:
        contents: list[Bytes] = [
            np.ascontiguousarray(w).view(np.uint8).reshape(-1) for w in call.windows
        ]
        constant = self._specimen.integers.constant_bytes
        if constant is not None:
            padded = np.zeros(self.cutter.constant, np.uint8)
            padded[: constant.size] = constant
            contents.append(padded)
        read_only = len(contents)
        size = int(np.prod(tile))
        contents.append(np.full(size, surroundings.before, np.uint8))
        if self.cutter.scratch:
            contents.append(np.full(self.cutter.scratch, surroundings.before, np.uint8))
        buffers = [Guarded(c, surroundings.around, at_end=surroundings.at_end) for c in contents]
        try:
            self._kernel(tile).call(buffers, call.padding)
            names = [f"input {i}" for i in range(len(call.windows))]
            names += ["the constant"] * (constant is not None) + ["the result", "scratch memory"]
            for name, buffer in zip(names, buffers, strict=False):
                ensure(buffer.is_intact_around, f"{self._where(tile)}: it writes around {name}")
            for name, content, buffer in zip(names, contents[:read_only], buffers, strict=False):
                ensure(
                    bool((buffer.content == content).all()),
                    f"{self._where(tile)}: it writes to {name}",
                )
            return buffers[read_only].content.view(np.int8).reshape(tile).copy()
        finally:
            for buffer in buffers:
                buffer.close()

    def _where(self, tile: Tile) -> str:
        return f"{self._specimen.title}, tile {list(tile)}"


def difference(expected: Levels, found: Levels, tolerance: int) -> str | None:
    """The first difference beyond `tolerance` levels, in words; None where there is none."""
    distance = np.abs(expected.astype(np.int16) - found.astype(np.int16))
    wrong = np.argwhere(distance > tolerance)
    if wrong.size == 0:
        return None
    place = tuple(int(i) for i in wrong[0])
    return (
        f"{len(wrong)} of {expected.size} values differ, the first at {list(place)}: "
        f"{found[place]}, not {expected[place]}"
    )
