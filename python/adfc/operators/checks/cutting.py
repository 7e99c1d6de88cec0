"""A call cut into tiles as the compiler may cut it, and the kernel calls of each tile."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.operators.checks.memory import Bytes
from adfc.operators.checks.specimen import Specimen
from adfc.operators.codegen import write_defines
from adfc.operators.geometry import Filters, Products, Resampling, Rows, Tiling, Windows
from adfc.operators.library import Constant, Extents, LibraryKernel, Numbers
from adfc.operators.operator import Levels
from adfc.planner.graph import OUT_CHANNEL_MULTIPLE, WORD, Axis

CORE_BYTES = 65536 - 1024
"""A core tile's data memory but for the stack that the planner leaves."""

_MOST_CALLS = 48
"""Smaller tiles are tried on smaller tensors."""

Places = list[NDArray[Any]]

Tile = tuple[int, int, int]
"""Rows, columns and channels of a call's result, or of a window."""

Blocks = Callable[[Constant, Numbers, int, int], Bytes]


@dataclass(frozen=True)
class TileCall:
    """One kernel call: windows of the inputs, and which part of the result it makes.

    `target` are slices into the result as (rows, columns, channels), `taken` those into the call's
    output window. `padding`: rows and columns of the windows that lie outside the tensors, at the
    top, bottom, left, right. `constant`: the bytes of the call's constant, padded.
    """

    windows: tuple[Levels, ...]
    target: tuple[slice, slice, slice]
    taken: tuple[slice, slice, slice]
    padding: tuple[int, int, int, int]
    constant: Bytes


def extent(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """A tensor as (rows, columns, channels), as the compiler sees it."""
    if len(shape) == 4 and shape[0] == 1:
        return shape[1], shape[2], shape[3]
    return int(np.prod(shape[:-1])), 1, shape[-1]


def _padded(length: int, multiple: int = WORD) -> int:
    return -(-length // multiple) * multiple


def axes_of(tiling: Tiling, image: Tile) -> tuple[Axis, Axis]:
    """How rows and columns of the result read those of an input of that extent."""
    rows, columns, _ = image
    if isinstance(tiling, Resampling):
        (n, d, m, e), (y, x) = tiling.scale, tiling.offset
        return Axis(rows, d, 2, -y, n), Axis(columns, e, 2, -x, m)
    if not isinstance(tiling, Windows | Filters):
        return Axis(rows, 1, 1, 0), Axis(columns, 1, 1, 0)
    apart = tiling.dilation if isinstance(tiling, Filters) else (1, 1)
    spans = [step * (size - 1) + 1 for step, size in zip(apart, tiling.kernel, strict=True)]
    return (
        Axis(rows, tiling.stride[0], spans[0], tiling.padding[0]),
        Axis(columns, tiling.stride[1], spans[1], tiling.padding[2]),
    )


class Cutter:
    """The ways to cut one call, and its calls for one of them."""

    def __init__(self, specimen: Specimen) -> None:
        self.specimen = specimen
        self.inputs = tuple(extent(shape) for shape in specimen.shapes)
        self.input = self.inputs[0]
        self.output = extent(specimen.out_shape)
        self.axes = axes_of(specimen.tiling, self.input)
        self.is_product = isinstance(specimen.tiling, Products)
        self.is_rows = isinstance(specimen.tiling, Rows)
        mixes = isinstance(specimen.tiling, Products | Filters) or (self.is_rows and self._blocks)
        self.channelwise = not mixes and _padded(self.input[2]) == _padded(self.output[2])
        self.scratch = specimen.operator.scratch_of(specimen.in_shape[-1])

    @property
    def _blocks(self) -> Blocks | None:
        """What makes a call's block of weights; None where each call gets the whole constant."""
        kernel = self.specimen.operator.kernel
        return kernel.weights if isinstance(kernel, LibraryKernel) else None

    def constant(self, first: int, channels: int) -> Bytes:
        """The constant of calls that make `channels` channels from `first`, in whole words."""
        integers = self.specimen.integers
        if self._blocks is not None:
            found: Bytes | None = self._blocks(
                integers.constant, integers.parameters, first, channels
            )
        else:
            found = integers.constant_bytes
        if found is None:
            return np.zeros(0, np.uint8)
        padded = np.zeros(_padded(found.size), np.uint8)
        padded[: found.size] = found
        return padded

    def kernel(self, tile: Tile) -> dict[str, Any]:
        """The kernel for a tile as the compiler takes it: name, kind, configuration."""
        kernel: Any = self.specimen.operator.kernel
        if not isinstance(kernel, LibraryKernel):
            return {"name": "kernel", "kind": "custom", "config": self._custom(tile, kernel)}
        config = kernel.config(self._extents(tile), self.specimen.integers.parameters)
        return {"name": "kernel", "kind": kernel.kind, "config": config}

    def _extents(self, tile: Tile) -> Extents:
        tiling = self.specimen.tiling
        given = tiling.kernel if isinstance(tiling, Windows | Filters) else (1, 1)
        lengths = (self.input[2], self.output[2])
        return Extents(self.windows(tile)[0], tile, given, self._strides(), lengths)

    def _custom(self, tile: Tile, kernel: Any) -> dict[str, Any]:
        """The configuration for a tile, as `adf.custom` makes it."""
        specimen = self.specimen
        rows, columns, channels = self.windows(tile)[0]
        config: dict[str, Any] = {
            "in": [rows, columns, channels, self.input[2] if self.is_rows else channels],
            "out": [*tile, self.output[2] if self.is_rows else tile[2]],
            "inputs": specimen.inputs,
            "constant": self.constant(0, tile[2]).size,
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
        rows, columns = (1 if axis.span == 1 else axis.stride for axis in self.axes)
        return rows, columns

    def windows(self, tile: Tile) -> tuple[Tile, ...]:
        """Rows, columns and channels of each input's window."""
        rows, columns, channels = tile
        read = channels if self.channelwise else _padded(self.input[2])
        first = (self.axes[0].window(rows), self.axes[1].window(columns), read)
        if self.is_product:
            return first, (self.inputs[1][0], 1, channels)
        return (first,) * len(self.inputs)

    def bytes_of(self, tile: Tile) -> int:
        """Bytes of all windows of a call, and of its constant and scratch memory."""
        held = sum(math.prod(window) for window in self.windows(tile)) + math.prod(tile)
        return held + self.constant(0, tile[2]).size + self.scratch

    def whole(self) -> Tile:
        """A tile that makes the whole result in one call."""
        return (self.output[0], self.output[1], self._channels()[-1])

    def _channels(self) -> list[int]:
        length = self.output[2]
        if self.is_rows and self.channelwise:
            return [_padded(length)]
        if self.is_rows and self._blocks is None:
            return [_padded(length, OUT_CHANNEL_MULTIPLE)]
        least = WORD if self.channelwise or self.is_product else OUT_CHANNEL_MULTIPLE
        return sorted({least, _padded(length, least)})

    def tiles(self) -> Iterator[Tile]:
        """Tiles to try: the whole, one row, parts. Each fits a core tile's memory."""
        rows, columns, _ = self.output
        for height in _steps(rows, 3, self.axes[0].period):
            for width in _steps(columns, 2, self.axes[1].period):
                for depth in self._channels():
                    tile = (height, width, depth)
                    fits = self.bytes_of(tile) <= CORE_BYTES
                    if fits and self._count(tile) <= _MOST_CALLS:
                        yield tile

    def largest(self) -> Tile:
        """The largest of the tiles to try."""
        return max(self.tiles(), key=math.prod)

    def _count(self, tile: Tile) -> int:
        """Calls that tiles of that size need."""
        return math.prod(-(-n // t) for n, t in zip(self.output, tile, strict=True))

    def calls(self, inputs: tuple[Levels, ...], tile: Tile) -> Iterator[TileCall]:
        """The kernel calls for a tile; what lies past the tensors' ends is zero."""
        images = [x.reshape(size) for x, size in zip(inputs, self.inputs, strict=True)]
        sizes, windows = self.output, self.windows(tile)
        for row in range(0, sizes[0], tile[0]):
            for column in range(0, sizes[1], tile[1]):
                for channel in range(0, sizes[2], tile[2]):
                    starts = (row, column, channel)
                    counts = [min(t, n - s) for t, n, s in zip(tile, sizes, starts, strict=True)]
                    target = tuple(slice(s, s + c) for s, c in zip(starts, counts, strict=True))
                    taken = tuple(slice(0, count) for count in counts)
                    found = [
                        self._places(index, starts, window) for index, window in enumerate(windows)
                    ]
                    inside = found[0][1]
                    yield TileCall(
                        tuple(
                            _window_of(image, *pair)
                            for image, pair in zip(images, found, strict=True)
                        ),
                        (target[0], target[1], target[2]),
                        (taken[0], taken[1], taken[2]),
                        (*_outside(inside[0]), *_outside(inside[1])),
                        self.constant(channel, tile[2]),
                    )

    def _places(self, index: int, starts: Tile, window: Tile) -> tuple[Places, Places]:
        """For each axis of an input's window: positions in the input, and which of them exist."""
        firsts, steps = [0, 0, 0], [1, 1, 1]
        if index == 0 or not self.is_product:
            for i, axis in enumerate(self.axes):
                firsts[i] = axis.first(starts[i])
                steps[i] = axis.stride if axis.span == 1 else 1
        if self.channelwise or (index and self.is_product):
            firsts[2] = starts[2]
        places = [
            first + step * np.arange(size)
            for first, step, size in zip(firsts, steps, window, strict=True)
        ]
        sizes = self.inputs[index]
        inside = [(place >= 0) & (place < size) for place, size in zip(places, sizes, strict=True)]
        return places, inside


def _steps(size: int, some: int, period: int) -> list[int]:
    """Extents of tiles to try: one, some, all; but for the last, multiples of `period`."""
    found = {min(_padded(step, period), size) for step in (1, some)}
    return sorted({*found, size})


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
