"""The state of one walk over a quantized graph, and what operator families ask of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch.fx import Node

from adfc.errors import ModelError
from adfc.frontend.emit.builder import TosaBuilder, bits_of
from adfc.frontend.emit.package_call import emit_package_call
from adfc.frontend.emit.values import (
    Accumulator,
    Constant,
    Feature,
    GraphValue,
    Layout,
    Location,
    Lookup,
    PackageCall,
    Rows,
)
from adfc.frontend.locations import source_of
from adfc.frontend.mlir import ir
from adfc.model_io import INT8_MAX, INT8_MIN, INT16_MAX, INT16_MIN


class Emission:
    """Values emitted so far, by fx node."""

    def __init__(self) -> None:
        self.build = TosaBuilder()
        self._values: dict[Node, GraphValue] = {}

    def define(self, node: Node, value: GraphValue) -> None:
        """Notes the value of a node."""
        self._values[node] = value

    def value(self, node: Any) -> GraphValue:
        """The value of a node."""
        return self._values[node]

    def feature(self, node: Any) -> Feature:
        """The int8 or int16 activation that a node computes."""
        value = self._values[node]
        if not isinstance(value, Feature):
            raise _not_quantized(node)
        return value

    def constant(self, node: Any) -> Constant:
        """The parameter that a node reads."""
        value = self._values[node]
        if not isinstance(value, Constant):
            raise _not_quantized(node)
        return value

    def quantize(
        self,
        value: Feature | Accumulator | Lookup | Rows | PackageCall,
        scale: float,
        bits: int = 8,
    ) -> Feature:
        """The value as int8, or int16, of the given scale: rescaled, then clamped to its bounds.

        Raises ModelError for int16 of what only int8 can be made of.
        """
        if isinstance(value, Feature):
            return self._rescale(value, scale, bits)
        if bits != 8 and not isinstance(value, Accumulator):
            raise ModelError("it gives int8 only")
        if isinstance(value, Lookup):
            return self._look_up(value, scale)
        if isinstance(value, PackageCall):
            return emit_package_call(self.build, value, scale)
        if isinstance(value, Rows):
            table = np.clip(np.rint(value.table / scale), INT8_MIN, INT8_MAX).astype(np.int8)
            with value.location:
                rows = self.build.gather(table, value.indices)
            return Feature(rows, value.layout, scale)
        with value.location:
            levels = self.build.rescale(
                value.value, value.scales / scale, bits, per_channel=value.per_channel
            )
        feature = Feature(levels, value.layout, scale)
        if value.bounds is not None:
            with value.bounds_location:
                feature = self.clamp(feature, value.bounds)
        return feature

    def _rescale(self, value: Feature, scale: float, bits: int) -> Feature:
        if (value.scale, bits_of(value.value)) == (scale, bits):
            return value
        factor = np.float64(value.scale / scale)
        levels = self.build.rescale(value.value, np.asarray(factor), bits, per_channel=False)
        return Feature(levels, value.layout, scale)

    def _look_up(self, value: Lookup, scale: float) -> Feature:
        results = value.results()
        if not np.isfinite(results).all():
            level = int(np.flatnonzero(~np.isfinite(results))[0]) - 128
            raise ModelError(f"the function has no finite value at {level * value.scale:g}")
        levels = np.clip(np.rint(results / scale), INT8_MIN, INT8_MAX).astype(np.int8)
        with value.location:
            return Feature(self.build.table(value.value, levels), value.layout, scale)

    def clamp(self, feature: Feature, bounds: tuple[float, float]) -> Feature:
        """Clamps to real bounds, rounded to levels; nothing where its type is as narrow."""
        wide = bits_of(feature.value) == 16
        limits = (INT16_MIN, INT16_MAX) if wide else (INT8_MIN, INT8_MAX)
        low, high = (_nearest_level(bound, feature.scale, limits) for bound in bounds)
        if (low, high) == limits:
            return feature
        levels = self.build.clamp(feature.value, low, high)
        return Feature(levels, feature.layout, feature.scale)

    def as_image(self, feature: Feature) -> Any:
        """The NHWC value of a feature whose shape has rank 4."""
        return self.in_order(feature, (0, 2, 3, 1))

    def as_row_major(self, feature: Feature) -> Any:
        """The value of a feature in the shape and order that PyTorch sees."""
        return self.in_order(feature, tuple(range(len(feature.layout.shape))))

    def ordered(self, feature: Feature) -> tuple[Any, tuple[int, ...]]:
        """The feature as (value, order): axis i of the value is the tensor's axis order[i]."""
        layout = feature.layout
        shape, value = layout.shape, feature.value
        plain = tuple(range(len(shape)))
        if layout.image is None:
            return value, layout.order or plain
        n, c, h, w = layout.image
        if shape == layout.image:
            return value, (0, 2, 3, 1)
        if shape == (n, c, h * w):
            return self.build.reshape(value, (n, h * w, c)), (0, 2, 1)
        if c > 1 and h * w > 1:
            value = self.build.transpose(value, (0, 3, 1, 2))
        return self.build.reshape(value, shape), plain

    def in_order(self, feature: Feature, order: tuple[int, ...]) -> Any:
        """The value of a feature with the tensor's axes in that order."""
        value, current = self.ordered(feature)
        shape = feature.layout.shape
        wanted = tuple(shape[axis] for axis in order)
        # Axes of extent 1 may stand anywhere.
        if [a for a in current if shape[a] > 1] == [a for a in order if shape[a] > 1]:
            return self.build.reshape(value, wanted)
        return self.build.transpose(value, [current.index(axis) for axis in order])

    def last_axis(self, feature: Feature) -> int:
        """The tensor's axis along which neighbouring values lie."""
        _, order = self.ordered(feature)
        shape = feature.layout.shape
        return next((axis for axis in reversed(order) if shape[axis] > 1), order[-1])

    def viewed(self, feature: Feature, shape: tuple[int, ...]) -> Feature:
        """The same elements under another shape."""
        if feature.layout.image is not None:
            return Feature(feature.value, feature.layout.viewed_as(shape), feature.scale)
        value = self.build.reshape(self.as_row_major(feature), shape)
        return Feature(value, Layout(shape), feature.scale)

    def in_one_layout(
        self, left: Feature, right: Feature, shape: tuple[int, ...]
    ) -> tuple[Layout, tuple[Any, Any]]:
        """Values of two features that broadcast to `shape`, of one rank and with their elements in
        one order: (the result's layout, both)."""
        if left.layout == right.layout:
            return left.layout, (left.value, right.value)
        if left.layout.order is not None and left.layout.shape == right.layout.shape:
            return left.layout, (left.value, self.in_order(right, left.layout.order))
        if left.layout.is_line and right.layout.is_line:
            return Layout.line(shape), (left.value, right.value)
        both = [
            self.viewed(side, (1,) * (len(shape) - len(side.layout.shape)) + side.layout.shape)
            for side in (left, right)
        ]
        return boundary_layout(shape), (self.at_boundary(both[0]), self.at_boundary(both[1]))

    def at_boundary(self, feature: Feature) -> Any:
        """The value of a feature in array order: images NHWC, lines NLC, all else as PyTorch sees
        it."""
        if len(feature.layout.shape) == 4:
            return self.as_image(feature)
        if feature.layout.is_line:
            return self.build.reshape(feature.value, feature.layout.array_shape)
        return self.as_row_major(feature)


def image_layout(shape: tuple[int, ...]) -> Layout:
    """Layout of a rank-4 tensor that lies in NHWC order."""
    n, c, h, w = shape
    return Layout(shape, (n, c, h, w))


def boundary_layout(shape: tuple[int, ...]) -> Layout:
    """Layout of a program input or output."""
    return image_layout(shape) if len(shape) == 4 else Layout(shape)


def mlir_location(node: Node) -> Location:
    """NameLoc of the node's label over the user's file and line (column 0: Python keeps none)."""
    source = source_of(node)
    line = ir.Location.file(source.file, source.line, 0) if source.file else ir.Location.unknown()
    return ir.Location.name(source.label, line)


def _nearest_level(bound: float, scale: float, limits: tuple[int, int]) -> int:
    if bound in (float("-inf"), float("inf")):
        return limits[bound > 0]
    return int(np.clip(np.rint(bound / scale), *limits))


def _not_quantized(node: Node) -> ModelError:
    source = source_of(node)
    return ModelError(
        f"'{source.label}' ({source.place or 'no source line'}) was not quantized as expected"
    )
