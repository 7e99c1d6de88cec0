"""Average pooling, and sums over images: an int32 sum and one rescale, which holds the division.

Over the whole image the sum is tosa.reduce_sum, over windows, and of int16, a depthwise convolution
with weights of 1 (tosa.avg_pool2d would round twice: at the input's scale, and at the result's).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch.fx import Node

from adfc.frontend.emit.builder import bits_of
from adfc.frontend.emit.builder import shape_of as value_shape
from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.operators.windows import Window, WindowAxis
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Accumulator, Image, Layout, Value
from adfc.frontend.nodes import arguments, is_feature, op_name, pair, rank_of, shape_of

_HINT = "use AdaptiveAvgPool2d or AvgPool2d"

MOST_WIDE = 1024
"""Positions of a window of int16 that surely fit a core, sixteen bytes each, twice."""


@dataclass(frozen=True)
class _Pool:
    """Extents (H, W) of a window; every sum is divided by `divisor`."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    divisor: int


def check(node: Node) -> Refusal | None:
    """Takes averages over windows, which `regular_pools` has made alike, and over whole images."""
    source = arguments(node)["self"]
    if not is_feature(source) or rank_of(source) != 4:
        return Refusal("its input is no image of shape (1, C, H, W)", _HINT)
    pool = _pool(node, shape_of(source))
    return Refusal(pool, _HINT) if isinstance(pool, str) else None


def may_be_wide(node: Node) -> bool:
    """int16 is added by a depthwise convolution, of a whole image too."""
    source = arguments(node)["self"]
    pool = _pool(node, shape_of(source))
    return isinstance(pool, _Pool) and pool.kernel[0] * pool.kernel[1] <= MOST_WIDE


def _pool(node: Node, shape: tuple[int, ...]) -> _Pool | str:
    """What a call averages over of an input of that NCHW shape, or why it cannot be done."""
    find = {
        "aten.adaptive_avg_pool2d.default": _adaptive_pool,
        "aten.avg_pool2d.default": _window_pool,
        "aten.mean.dim": _mean_pool,
        "aten.sum.dim_IntList": _sum_pool,
    }[op_name(node)]
    return find(arguments(node), (shape[2], shape[3]))


def _adaptive_pool(call: dict[str, Any], extents: tuple[int, int]) -> _Pool | str:
    outputs = pair(call["output_size"])
    kernel = (extents[0] // outputs[0], extents[1] // outputs[1])
    return _Pool(kernel, kernel, (0, 0), kernel[0] * kernel[1])


def _window_pool(call: dict[str, Any], _extents: tuple[int, int]) -> _Pool | str:
    kernel, padding = pair(call["kernel_size"]), pair(call["padding"])
    stride = pair(call["stride"]) if call["stride"] else kernel
    divisor = call["divisor_override"] or kernel[0] * kernel[1]
    if divisor < 0:
        return "it divides by a negative number"
    return _Pool(kernel, stride, padding, divisor)


def _mean_pool(call: dict[str, Any], extents: tuple[int, int]) -> _Pool | str:
    axes = call["dim"]
    if axes is None or {axis % 4 for axis in axes} != {2, 3} or call["dtype"] is not None:
        return "it does not average over the whole image"
    return _Pool(extents, extents, (0, 0), extents[0] * extents[1])


def _sum_pool(call: dict[str, Any], extents: tuple[int, int]) -> _Pool | str:
    pool = _mean_pool(call, extents)
    return (
        "it does not add over the whole image"
        if isinstance(pool, str)
        else replace(pool, divisor=1)
    )


def emit(emission: Emission, node: Node) -> Accumulator:
    """The int32 sums; their scale holds the division."""
    feature = emission.feature(arguments(node)["self"])
    pool = _pool(node, feature.layout.shape)
    assert isinstance(pool, _Pool), "a call that was refused"
    image = emission.as_image(feature)
    _, c, h, w = feature.layout.shape
    wide = bits_of(image) == 16 or _becomes_wide(node)
    if (pool.kernel, pool.padding) == ((h, w), (0, 0)) and not wide:
        levels = emission.build.widen(image)
        sums = emission.build.reduce_sum(emission.build.reduce_sum(levels, axis=1), axis=2)
    else:
        sums = _window_sums(emission, image, pool, (h, w, c))
    # The mean over H and W may have lost these axes.
    layout = Layout(shape_of(node), _image_of(sums))
    scale = np.asarray(np.float64(feature.scale / pool.divisor))
    return Accumulator(sums, layout, scale, mlir_location(node))


def _becomes_wide(node: Node) -> bool:
    """Whether somebody reads the result as int16."""
    return any(
        op_name(user).startswith("quantized_decomposed.quantize_per_tensor")
        and arguments(user)["dtype"] == torch.int16
        for user in node.users
    )


def _image_of(value: Value) -> Image:
    n, h, w, c = value_shape(value)
    return (n, c, h, w)


def _window_sums(emission: Emission, image: Value, pool: _Pool, hwc: tuple[int, int, int]) -> Value:
    axes = [
        WindowAxis(hwc[i], pool.kernel[i], pool.stride[i], 1, pool.padding[i], pool.padding[i])
        for i in range(2)
    ]
    window, channels = Window(*axes), hwc[2]
    image = emission.build.leading_slice(image, window.trimmed((1, *hwc)))
    ones = np.ones((*pool.kernel, channels, 1), np.int8)
    bias = np.zeros(channels, np.int32)
    return emission.build.depthwise_conv2d(image, ones, bias, pad=window.pad, stride=pool.stride)
