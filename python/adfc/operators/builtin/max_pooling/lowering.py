"""2-d max pooling: tosa.max_pool2d on int8.

A dilated window is none that TOSA has: there, its rows and columns are shifted images, of which
tosa.maximum takes the largest.
"""

from __future__ import annotations

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.builder import shape_of as value_shape
from adfc.frontend.emit.emission import Emission, image_layout
from adfc.frontend.emit.operators.windows import Window, WindowAxis
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Feature, Value
from adfc.frontend.nodes import arguments, is_feature, pair, rank_of, shape_of
from adfc.model_io import INT8_MIN


def check(node: Node) -> Refusal | None:
    """Takes windows over rank-4 features."""
    call = arguments(node)
    if not is_feature(call["self"]) or rank_of(call["self"]) != 4:
        return Refusal("its input has no batch axis", "pass a tensor of shape (1, C, H, W)")
    return None


def emit(emission: Emission, node: Node) -> Feature:
    """The int8 maximum; the scale stays."""
    call = arguments(node)
    feature = emission.feature(call["self"])
    kernel, dilation = pair(call["kernel_size"]), pair(call["dilation"])
    stride = pair(call["stride"]) if call["stride"] else kernel
    padding = pair(call["padding"])
    n, c, h, w = feature.layout.shape
    axes: list[WindowAxis] = []
    for axis, (extent, results) in enumerate(zip((h, w), shape_of(node)[2:], strict=True)):
        # With ceil_mode the last window may reach past the padding.
        span = dilation[axis] * (kernel[axis] - 1) + 1
        reach = (results - 1) * stride[axis] + span - extent - padding[axis]
        after = max(0, reach) if call["ceil_mode"] else padding[axis]
        axes.append(
            WindowAxis(extent, kernel[axis], stride[axis], dilation[axis], padding[axis], after)
        )
    window = Window(*axes)
    image = emission.build.leading_slice(emission.as_image(feature), window.trimmed((n, h, w, c)))
    pad = window.pad
    if dilation != (1, 1):
        image = emission.build.pad(
            image, [(0, 0), (pad[0], pad[1]), (pad[2], pad[3]), (0, 0)], INT8_MIN
        )
        image = _dilated(emission, image, kernel, dilation)
        kernel, pad = (1, 1), (0, 0, 0, 0)
    largest = emission.build.max_pool2d(image, kernel, stride, pad)
    return Feature(largest, image_layout(shape_of(node)), feature.scale)


def _dilated(
    emission: Emission, image: Value, kernel: tuple[int, int], dilation: tuple[int, int]
) -> Value:
    """The maximum over the window that begins at each position of an NHWC image."""
    build = emission.build
    for axis, (size, step) in enumerate(zip(kernel, dilation, strict=True), 1):
        extent = value_shape(image)[axis] - (size - 1) * step
        best = build.slice(image, axis, 0, extent)
        for tap in range(1, size):
            other = build.slice(image, axis, tap * step, extent)
            larger = build.maximum(build.widen(best), build.widen(other))
            best = build.rescale(larger, np.ones(1), 8, per_channel=False)
        image = best
    return image
