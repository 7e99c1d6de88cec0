"""What a graph value is while TOSA is being emitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from adfc.model_io import array_order
from adfc.operators.geometry import Tiling
from adfc.operators.operator import Operator

Value: TypeAlias = Any
"""An `ir.Value` of the MLIR bindings, which carry no type stubs."""

Location: TypeAlias = Any
"""An `ir.Location` of the MLIR bindings."""

Image: TypeAlias = tuple[int, int, int, int]
"""An (N, C, H, W) extent."""


@dataclass(frozen=True)
class Constant:
    """A parameter: float where not quantized (biases), else int8 with one scale per channel.

    `bits` 4 tells that its levels lie in -8..7.
    """

    values: NDArray[Any]
    scales: NDArray[np.float64] | None = None
    bits: int = 8


@dataclass(frozen=True)
class Layout:
    """How a tensor lies in memory.

    `shape` is the shape that PyTorch sees. Where `image` is None the MLIR value has this shape, row
    major. Else the MLIR value is that image in NHWC order, and the tensor is the image's NCHW
    elements, row major, seen as `shape`. So flattening an image is free until somebody needs it
    in row-major order. Where `order` is given, the MLIR value has the tensor's axes in that order.
    """

    shape: tuple[int, ...]
    image: Image | None = None
    order: tuple[int, ...] | None = None

    @property
    def value_shape(self) -> tuple[int, ...]:
        """Shape of the MLIR value."""
        if self.order is not None:
            return tuple(self.shape[axis] for axis in self.order)
        if self.image is None:
            return self.shape
        n, c, h, w = self.image
        return (n, h, w, c)

    @property
    def is_line(self) -> bool:
        """Whether it is a tensor (N, C, L) that lies as an image of one row."""
        if self.image is None or len(self.shape) != 3:
            return False
        return self.image == (*self.shape[:2], 1, self.shape[2])

    @staticmethod
    def line(shape: tuple[int, ...]) -> Layout:
        """Of a tensor (N, C, L) that lies as an image of one row."""
        n, c, length = shape
        return Layout(shape, (n, c, 1, length))

    @property
    def permutation(self) -> tuple[int, ...]:
        """The axes of `shape` in array order, at the program's boundary."""
        return (0, 2, 1) if self.is_line else array_order(len(self.shape))

    @property
    def array_shape(self) -> tuple[int, ...]:
        """Shape in array order, at the program's boundary."""
        return tuple(self.shape[axis] for axis in self.permutation)

    def viewed_as(self, shape: tuple[int, ...]) -> Layout:
        """The same elements under another shape. Only an image may be viewed without a reshape."""
        return replace(self, shape=shape)


@dataclass(frozen=True)
class Feature:
    """An int8 or int16 activation (as its value's type says): real = scale * level."""

    value: Value
    layout: Layout
    scale: float


@dataclass(frozen=True)
class Accumulator:
    """An int32 or int48 result that has not been brought to int8 or int16 yet.

    real = scales * integer, one scale per channel (the value's last axis) or a single one.
    `bounds` are real numbers to which the result is clamped once its int8 scale is known.
    """

    value: Value
    layout: Layout
    scales: NDArray[np.float64]
    location: Location
    bounds: tuple[float, float] | None = None
    bounds_location: Location = None

    @property
    def per_channel(self) -> bool:
        """Whether each channel has its own scale."""
        return self.scales.ndim == 1


@dataclass(frozen=True)
class Lookup:
    """A function of each level of an int8 activation, whose result has no int8 scale yet.

    `function` maps float64 tensors of real numbers. `bounds` are as in Accumulator.
    """

    value: Value
    layout: Layout
    scale: float
    function: Callable[[torch.Tensor], torch.Tensor]
    location: Location
    bounds: tuple[float, float] | None = None

    def results(self) -> NDArray[np.float64]:
        """The function's values for the levels -128 to 127."""
        levels = torch.arange(-128, 128, dtype=torch.float64)
        results = self.function(levels * self.scale)
        if self.bounds is not None:
            results = results.clamp(*self.bounds)
        return results.numpy()


@dataclass(frozen=True)
class Rows:
    """Rows of a float table, by int32 indices; the table has no int8 scale yet."""

    indices: Value
    table: NDArray[np.float64]
    layout: Layout
    location: Location


@dataclass(frozen=True)
class PackageCall:
    """A call of a package's operator, whose result has no int8 scale yet.

    `values` are its inputs, in the order that its kernel needs, of scales `scales`.
    """

    operator: Operator
    tiling: Tiling
    arguments: Mapping[str, Any]
    values: tuple[Value, ...]
    scales: tuple[float, ...]
    layout: Layout
    location: Location


@dataclass(frozen=True)
class GraphInput:
    """An input of the program: of indices, or of floats that have no scale yet."""

    name: str
    argument: Value
    layout: Layout


@dataclass(frozen=True)
class Indices:
    """An int32 output of the program: indices below `rows`, of the shape that PyTorch sees."""

    value: Value
    shape: tuple[int, ...]
    rows: int


GraphValue: TypeAlias = (
    Constant | Feature | Accumulator | Lookup | Rows | PackageCall | GraphInput | Indices
)
