"""Resampling of images: tosa.resize, nearest neighbour or bilinear.

TOSA counts positions in n-ths: output o lies at input (o * d + offset) / n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, image_layout, mlir_location
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Accumulator, Feature
from adfc.frontend.nodes import arguments, is_feature, op_name, rank_of, shape_of

LARGEST_SCALE = 2048
"""Largest numerator of a scale (TOSA 1.0, RESIZE)."""


@dataclass(frozen=True)
class ResizeAxis:
    """One axis of a tosa.resize."""

    n: int
    d: int
    offset: int
    border: int

    @staticmethod
    def of(inputs: int, outputs: int, n: int, d: int, offset: int) -> ResizeAxis:
        """With the fraction cancelled, and the border that gives so many outputs."""
        common = math.gcd(n, d, offset)
        n, d, offset = n // common, d // common, offset // common
        return ResizeAxis(n, d, offset, (outputs - 1) * d - (inputs - 1) * n + offset)

    @property
    def fits(self) -> bool:
        """Whether TOSA's ranges hold it."""
        return (
            self.n <= LARGEST_SCALE
            and self.d < 16 * self.n
            and -self.n <= self.offset < 16 * self.n
            and -16 * self.n <= self.border < self.n
        )


def check(node: Node) -> Refusal | None:
    """Takes images whose new size is their size times the scale."""
    call = arguments(node)
    if not is_feature(call["input" if "input" in call else "self"]) or rank_of(node) != 4:
        return Refusal("its input is no image of shape (1, C, H, W)")
    source = shape_of(node.args[0])  # type: ignore[arg-type]
    for extent, output, scale in zip(source[2:], shape_of(node)[2:], _factors(call), strict=True):
        if scale is not None and not call.get("align_corners") and extent * scale != output:
            return Refusal(
                f"its size {output} is not {extent} times the scale {scale:g}",
                "give size=, or recompute_scale_factor=True",
            )
    if not all(axis.fits for axis in _axes(node, source)):
        return Refusal("its scale has a finer fraction than 2048, or is below 1/16")
    return None


def _factors(call: dict[str, Any]) -> tuple[float | None, float | None]:
    factors = call.get("scale_factors")
    if factors is not None:
        return float(factors[0]), float(factors[1])
    return call.get("scales_h"), call.get("scales_w")


def _axes(node: Node, source: tuple[int, ...]) -> list[ResizeAxis]:
    call = arguments(node)
    find = _nearest if "nearest" in op_name(node) else _bilinear
    return [
        find(extent, output, bool(call.get("align_corners")))
        for extent, output in zip(source[2:], shape_of(node)[2:], strict=True)
    ]


def _nearest(inputs: int, outputs: int, _corners: bool) -> ResizeAxis:
    """Input floor(o * inputs / outputs), as the nearest to what lies half a position before."""
    return ResizeAxis.of(inputs, outputs, 2 * outputs, 2 * inputs, -outputs)


def _bilinear(inputs: int, outputs: int, corners: bool) -> ResizeAxis:
    """Centres on centres, or corners on corners."""
    if corners and outputs > 1:
        if inputs == 1:
            return ResizeAxis.of(inputs, outputs, outputs, 1, 0)
        return ResizeAxis.of(inputs, outputs, outputs - 1, inputs - 1, 0)
    if corners:
        return ResizeAxis.of(inputs, outputs, 1, 1, 0)
    return ResizeAxis.of(inputs, outputs, 2 * outputs, 2 * inputs, inputs - outputs)


def emit(emission: Emission, node: Node) -> Feature | Accumulator:
    """The nearest int8 values, or int32 sums that hold the fractions' product."""
    feature = emission.feature(node.args[0])
    image, layout = emission.as_image(feature), image_layout(shape_of(node))
    rows, columns = _axes(node, feature.layout.shape)
    axes = [(axis.n, axis.d, axis.offset, axis.border) for axis in (rows, columns)]
    nearest = "nearest" in op_name(node)
    resized = emission.build.resize(image, layout.value_shape, axes, bilinear=not nearest)
    if nearest:
        return Feature(resized, layout, feature.scale)
    scale = np.asarray(np.float64(feature.scale / (rows.n * columns.n)))
    return Accumulator(resized, layout, scale, mlir_location(node))


FAMILY = OperatorFamily(
    name="resize",
    targets=frozenset(
        {
            "aten.upsample_nearest2d.default",
            "aten.upsample_nearest2d.vec",
            "aten.upsample_bilinear2d.default",
            "aten.upsample_bilinear2d.vec",
        }
    ),
    role=Role.SHARED,
    check=check,
    emit=emit,
)
