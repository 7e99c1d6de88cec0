"""A call cut into tiles as the compiler may cut it, and the kernel calls of each tile."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.operators.checks.specimen import Specimen
from adfc.operators.codegen import write_defines
from adfc.operators.geometry import Rows, Windows
from adfc.operators.library import Extents, LibraryKernel
from adfc.operators.operator import Levels
from adfc.planner.graph import OUT_CHANNEL_MULTIPLE, WORD

CORE_BYTES = 65536 - 1024
"""A core tile's data memory but for the stack that the planner leaves."""

_MOST_CALLS = 48
"""Smaller tiles are tried on smaller tensors."""

Places = list[NDArray[Any]]

Tile = tuple[int, int, int]
"""Rows, columns and channels of a call's result."""


@dataclass(frozen=True)
class TileCall:
    """One kernel call: windows of the inputs, and which part of the result it makes.

    `target` are slices into the result as (rows, columns, channels), `taken` those into the call's
    output window. `padding`: rows and columns of the windows that lie outside the tensors, at the
    top, bottom, left, right.
    """

    windows: tuple[Levels, ...]
    target: tuple[slice, slice, slice]
    taken: tuple[slice, slice, slice]
    padding: tuple[int, int, int, int]


def extent(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """A tensor as (rows, columns, channels), as the compiler sees it."""
    if len(shape) == 4 and shape[0] == 1:
        return shape[1], shape[2], shape[3]
    return int(np.prod(shape[:-1])), 1, shape[-1]


def _padded(length: int, multiple: int = WORD) -> int:
    return -(-length // multiple) * multiple


class Cutter:
    """The ways to cut one call, and its calls for one of them."""

    def __init__(self, specimen: Specimen) -> None:
        self.specimen = specimen
        self.input = extent(specimen.in_shape)
        self.output = extent(specimen.out_shape)
        self.is_rows = isinstance(specimen.tiling, Rows)
        self.channelwise = _padded(self.input[2]) == _padded(self.output[2])
        constant = specimen.integers.constant_bytes
        self.constant = 0 if constant is None else _padded(constant.size)
        self.scratch = specimen.operator.scratch_of(specimen.in_shape[-1])

    def kernel(self, tile: Tile) -> dict[str, Any]:
        """The kernel for a tile as the compiler takes it: name, kind, configuration."""
        kernel: Any = self.specimen.operator.kernel
        if not isinstance(kernel, LibraryKernel):
            return {"name": "kernel", "kind": "custom", "config": self._custom(tile, kernel)}
        tiling = self.specimen.tiling
        windows = (tiling.kernel, self._strides()) if isinstance(tiling, Windows) else ()
        extents = Extents(self.window(tile), tile, *windows)
        config = kernel.config(extents, self.specimen.integers.parameters)
        return {"name": "kernel", "kind": kernel.kind, "config": config}

    def _custom(self, tile: Tile, kernel: Any) -> dict[str, Any]:
        """The configuration for a tile, as `adf.custom` makes it."""
        specimen = self.specimen
        rows, columns, channels = self.window(tile)
        config: dict[str, Any] = {
            "in": [rows, columns, channels, self.input[2] if self.is_rows else channels],
            "out": [*tile, self.output[2] if self.is_rows else tile[2]],
            "inputs": specimen.inputs,
            "constant": self.constant,
            "scratch": self.scratch,
            "function": specimen.operator.name,
            "tiling": specimen.tiling.name,
            "language": kernel.language,
            "source": kernel.source,
            "entry": kernel.function,
            "defines": write_defines(specimen.integers.parameters),
        }
        if isinstance(specimen.tiling, Windows):
            config["window"] = [*specimen.tiling.kernel, *self._strides()]
        return config

    def _strides(self) -> tuple[int, int]:
        """The strides that a kernel sees: of a window with a span of 1, only what is read comes."""
        tiling = self.specimen.tiling
        assert isinstance(tiling, Windows)
        strides = [1 if k == 1 else s for k, s in zip(tiling.kernel, tiling.stride, strict=True)]
        return strides[0], strides[1]

    def window(self, tile: Tile) -> Tile:
        """Rows, columns and channels of an input's window."""
        rows, columns, channels = tile
        tiling = self.specimen.tiling
        if isinstance(tiling, Windows):
            down, across = self._strides()
            rows = (rows - 1) * down + tiling.kernel[0]
            columns = (columns - 1) * across + tiling.kernel[1]
        if not self.channelwise:
            channels = _padded(self.input[2])
        return rows, columns, channels

    def bytes_of(self, tile: Tile) -> int:
        """Bytes of all windows of a call, and of its constant and scratch memory."""
        held = self.specimen.inputs * math.prod(self.window(tile)) + math.prod(tile)
        return held + self.constant + self.scratch

    def tiles(self) -> Iterator[Tile]:
        """Tiles to try: the whole, one row, parts. Each fits a core tile's memory."""
        rows, columns, length = self.output
        if self.is_rows and not self.channelwise:
            channels = [_padded(length, OUT_CHANNEL_MULTIPLE)]
        elif self.is_rows:
            channels = [_padded(length)]
        else:
            channels = sorted({WORD, _padded(length)})
        for height in sorted({1, min(3, rows), rows}):
            for width in sorted({1, min(2, columns), columns}):
                for depth in channels:
                    tile = (height, width, depth)
                    fits = self.bytes_of(tile) <= CORE_BYTES
                    if fits and self._count(tile) <= _MOST_CALLS:
                        yield tile

    def whole(self) -> Tile:
        """The largest of the tiles to try."""
        return max(self.tiles(), key=math.prod)

    def _count(self, tile: Tile) -> int:
        """Calls that tiles of that size need."""
        return math.prod(-(-n // t) for n, t in zip(self.output, tile, strict=True))

    def calls(self, inputs: tuple[Levels, ...], tile: Tile) -> Iterator[TileCall]:
        """The kernel calls for a tile; what lies past the tensors' ends is zero."""
        images = [x.reshape(self.input) for x in inputs]
        sizes = self.output
        for row in range(0, sizes[0], tile[0]):
            for column in range(0, sizes[1], tile[1]):
                for channel in range(0, sizes[2], tile[2]):
                    starts = (row, column, channel)
                    counts = [min(t, n - s) for t, n, s in zip(tile, sizes, starts, strict=True)]
                    target = tuple(slice(s, s + c) for s, c in zip(starts, counts, strict=True))
                    taken = tuple(slice(0, count) for count in counts)
                    places, inside = self._places(starts, self.window(tile))
                    yield TileCall(
                        tuple(_window_of(image, places, inside) for image in images),
                        (target[0], target[1], target[2]),
                        (taken[0], taken[1], taken[2]),
                        (*_outside(inside[0]), *_outside(inside[1])),
                    )

    def _places(self, starts: tuple[int, int, int], window: Tile) -> tuple[Places, Places]:
        """For each axis of a call's window: positions in the input, and which of them exist."""
        strides, pads, seen = (1, 1), (0, 0), (1, 1)
        tiling = self.specimen.tiling
        if isinstance(tiling, Windows):
            strides, pads = tiling.stride, (tiling.padding[0], tiling.padding[2])
            seen = self._strides()
        firsts = [
            s * stride - pad for s, stride, pad in zip(starts[:2], strides, pads, strict=True)
        ]
        firsts.append(starts[2] if self.channelwise else 0)
        steps = (strides[0] // seen[0], strides[1] // seen[1], 1)
        places = [
            first + step * np.arange(size)
            for first, step, size in zip(firsts, steps, window, strict=True)
        ]
        inside = [
            (place >= 0) & (place < size) for place, size in zip(places, self.input, strict=True)
        ]
        return places, inside


def _window_of(image: Levels, places: Places, inside: Places) -> Levels:
    """The part of an input that a call reads; zeros around it."""
    window = np.zeros([place.size for place in places], np.int8)
    found = [place[keep] for place, keep in zip(places, inside, strict=True)]
    window[np.ix_(*inside)] = image[np.ix_(*found)]
    return window


def _outside(inside: NDArray[Any]) -> tuple[int, int]:
    """How many positions before and after those that exist do not."""
    there = np.flatnonzero(inside)
    if there.size == 0:
        return inside.size, 0
    return int(there[0]), int(inside.size - 1 - there[-1])
