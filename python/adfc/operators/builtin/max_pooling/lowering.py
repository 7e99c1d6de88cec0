"""2-d max pooling: tosa.max_pool2d on int8."""

from __future__ import annotations

from torch.fx import Node

from adfc.frontend.emit.emission import Emission, image_layout
from adfc.frontend.emit.operators.windows import Window, WindowAxis
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Feature
from adfc.frontend.nodes import arguments, is_feature, pair, rank_of, shape_of


def check(node: Node) -> Refusal | None:
    """Takes dense windows over rank-4 features."""
    call = arguments(node)
    if not is_feature(call["self"]) or rank_of(call["self"]) != 4:
        return Refusal("its input has no batch axis", "pass a tensor of shape (1, C, H, W)")
    if pair(call["dilation"]) != (1, 1):
        return Refusal("its window is dilated", "use dilation=1")
    return None


def emit(emission: Emission, node: Node) -> Feature:
    """The int8 maximum; the scale stays."""
    call = arguments(node)
    feature = emission.feature(call["self"])
    kernel = pair(call["kernel_size"])
    stride = pair(call["stride"]) if call["stride"] else kernel
    padding = pair(call["padding"])
    n, c, h, w = feature.layout.shape
    axes: list[WindowAxis] = []
    for axis, (extent, results) in enumerate(zip((h, w), shape_of(node)[2:], strict=True)):
        # With ceil_mode the last window may reach past the padding.
        reach = (results - 1) * stride[axis] + kernel[axis] - extent - padding[axis]
        after = max(0, reach) if call["ceil_mode"] else padding[axis]
        axes.append(WindowAxis(extent, kernel[axis], stride[axis], 1, padding[axis], after))
    window = Window(*axes)
    image = emission.build.leading_slice(emission.as_image(feature), window.trimmed((n, h, w, c)))
    largest = emission.build.max_pool2d(image, kernel, stride, window.pad)
    return Feature(largest, image_layout(shape_of(node)), feature.scale)
