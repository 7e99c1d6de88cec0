"""Resampling of images: tosa.resize, nearest neighbour or bilinear.

TOSA counts positions in n-ths: output o lies at input (o * d + offset) / n.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, image_layout, mlir_location
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Accumulator, Feature
from adfc.frontend.nodes import arguments, is_feature, op_name, rank_of, shape_of
from adfc.operators.builtin.resize.axis import ResizeAxis, resize_axes


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


def may_be_wide(node: Node) -> bool:
    """int16 is copied to the nearest neighbour; nothing adds fractions of it."""
    return "nearest" in op_name(node)


def _factors(call: dict[str, Any]) -> tuple[float | None, float | None]:
    factors = call.get("scale_factors")
    if factors is not None:
        return float(factors[0]), float(factors[1])
    return call.get("scales_h"), call.get("scales_w")


def _axes(node: Node, source: tuple[int, ...]) -> tuple[ResizeAxis, ResizeAxis]:
    corners, nearest = bool(arguments(node).get("align_corners")), "nearest" in op_name(node)
    return resize_axes(source[2:], shape_of(node)[2:], nearest=nearest, corners=corners)


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
