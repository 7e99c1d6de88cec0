"""A kernel run tile by tile in this process, between guard zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adfc.driver.kernel_cache import KernelCache
from adfc.driver.kernel_code import compile_kernels
from adfc.errors import AdfcError
from adfc.operators.checks.cutting import Cutter, Tile, TileCall
from adfc.operators.checks.finding import CheckError, ensure
from adfc.operators.checks.memory import Bytes, Guarded, RunnableKernels
from adfc.operators.checks.specimen import Specimen
from adfc.operators.operator import Levels


@dataclass(frozen=True)
class Surroundings:
    """What lies around and in a kernel's memory before a call; its result must not depend on it."""

    around: int = 0xA5
    before: int = 0x5A
    at_end: bool = False


CALM = Surroundings()


def code_of(kernels: Sequence[dict[str, Any]], isa: str) -> bytes:
    """Section `code.<isa>` of these kernels. Raises CheckError where one does not compile."""
    try:
        return compile_kernels(kernels, [isa], KernelCache.default())[isa]
    except AdfcError as error:
        raise CheckError(f"{isa}: {error}") from error


class Runner:
    """One call of an operator, cut into `tiles`, on one instruction set of the host."""

    def __init__(self, specimen: Specimen, isa: str, tiles: Sequence[Tile] = ()) -> None:
        """Without `tiles` there is one, the whole call or as much as fits a core tile."""
        self.cutter = Cutter(specimen)
        self.specimen = specimen
        self.isa = isa
        self.tiles = tuple(tiles) or (self.cutter.largest(),)
        self._kernels: RunnableKernels | None = None
        self._first = 0

    def use(self, kernels: RunnableKernels, first: int) -> None:
        """The kernels for `tiles`, from number `first` on."""
        self._kernels, self._first = kernels, first

    def run(
        self, inputs: tuple[Levels, ...], tile: Tile, surroundings: Surroundings = CALM
    ) -> Levels:
        """The result, from calls of that tile.

        Raises CheckError where a call touches what it may not.
        """
        out = np.zeros(self.cutter.output, np.int8)
        for call in self.cutter.calls(inputs, tile):
            out[call.target] = self._call(call, tile, surroundings)[call.taken]
        return out.reshape(self.specimen.out_shape)

    def _call(self, call: TileCall, tile: Tile, surroundings: Surroundings) -> Levels:
        contents: list[Bytes] = [
            np.ascontiguousarray(w).view(np.uint8).reshape(-1) for w in call.windows
        ]
        assert self._kernels is not None
        if call.constant.size:
            contents.append(call.constant)
        read_only = len(contents)
        size = int(np.prod(tile))
        contents.append(np.full(size, surroundings.before, np.uint8))
        if self.cutter.scratch:
            contents.append(np.full(self.cutter.scratch, surroundings.before, np.uint8))
        buffers = [Guarded(c, surroundings.around, at_end=surroundings.at_end) for c in contents]
        try:
            number = self._first + self.tiles.index(tile)
            self._kernels.call(number, buffers, call.padding)
            names = [f"input {i}" for i in range(len(call.windows))]
            names += ["the constant"] * bool(call.constant.size) + ["the result", "scratch memory"]
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
        return f"{self.specimen.title}, tile {list(tile)}"


def compiled(runners: Sequence[Runner]) -> Sequence[Runner]:
    """The same, with their kernels: those of one instruction set are compiled at once.

    This takes as long as it takes, and so comes before kernels are called in a process that has a
    time limit. Raises CheckError where one does not compile.
    """
    for isa in dict.fromkeys(runner.isa for runner in runners):
        found = [runner for runner in runners if runner.isa == isa]
        texts = [runner.cutter.kernel(tile) for runner in found for tile in runner.tiles]
        kernels = RunnableKernels(code_of(texts, isa))
        first = 0
        for runner in found:
            runner.use(kernels, first)
            first += len(runner.tiles)
    return runners


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
