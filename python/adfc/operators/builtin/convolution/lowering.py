"""2-d convolution: tosa.conv2d or tosa.depthwise_conv2d.

int8 x int8 -> int32, int16 x int8 -> int48.

Groups other than all channels alone become a dense convolution whose weights are zero between
groups: the same sums, computed at the cost of a dense layer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.fx import Node

from adfc.frontend.emit.builder import bits_of
from adfc.frontend.emit.emission import Emission, image_layout, mlir_location
from adfc.frontend.emit.operators.weights import check_operands, quantized_weights
from adfc.frontend.emit.operators.windows import Window, WindowAxis
from adfc.frontend.emit.registry import Refusal, any_wide
from adfc.frontend.emit.values import Accumulator
from adfc.frontend.nodes import arguments, pair, rank_of, shape_of

may_be_wide = any_wide
"""Activations may be int16."""


def check(node: Node) -> Refusal | None:
    """Takes convolutions of rank-4 inputs with constant weights and zero padding."""
    call = arguments(node)
    if rank_of(call["input"]) != 4:
        return Refusal("its input has no batch axis", "pass a tensor of shape (1, C, H, W)")
    return check_operands(call)


def emit(emission: Emission, node: Node) -> Accumulator:
    """The accumulator; what no window reaches of the input is sliced away."""
    call = arguments(node)
    feature = emission.feature(call["input"])
    weights, bias, scales = quantized_weights(
        emission,
        node,
        call["weight"],
        call["bias"],
        feature.scale,
        bits=bits_of(feature.value),
    )
    image = emission.as_image(feature)
    n, _, h, w = feature.layout.shape
    stride, dilation = pair(call["stride"]), pair(call["dilation"])
    window = _window(
        (h, w), (weights.shape[2], weights.shape[3]), stride, dilation, call["padding"]
    )
    image = emission.build.leading_slice(image, window.trimmed((n, h, w, feature.layout.shape[1])))
    groups = call["groups"]
    build = emission.build
    if groups > 1 and weights.shape[:2] == (groups, 1):
        kernel = weights.transpose(2, 3, 0, 1)
        sums = build.depthwise_conv2d(
            image, kernel, bias, pad=window.pad, stride=stride, dilation=dilation
        )
    else:
        sums = build.conv2d(
            image,
            _block_diagonal(weights, groups).transpose(0, 2, 3, 1),
            bias,
            pad=window.pad,
            stride=stride,
            dilation=dilation,
            weight_bits=emission.constant(call["weight"]).bits,
        )
    return Accumulator(sums, image_layout(shape_of(node)), scales, mlir_location(node))


def _block_diagonal(weights: NDArray[np.int8], groups: int) -> NDArray[np.int8]:
    """OIHW weights over all input channels, of weights (O, I / groups, H, W) over each group's."""
    if groups == 1:
        return weights
    outputs, inputs, *kernel = weights.shape
    dense = np.zeros((outputs, groups * inputs, *kernel), np.int8)
    for group, rows in enumerate(np.split(np.arange(outputs), groups)):
        dense[rows, group * inputs : (group + 1) * inputs] = weights[rows]
    return dense


def _window(
    extents: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    padding: Any,
) -> Window:
    axes: list[WindowAxis] = []
    for axis in range(2):
        if padding == "valid":
            before = after = 0
        elif padding == "same":
            # PyTorch puts the odd element behind.
            total = dilation[axis] * (kernel[axis] - 1)
            before, after = total // 2, total - total // 2
        else:
            before = after = pair(padding)[axis]
        axes.append(
            WindowAxis(extents[axis], kernel[axis], stride[axis], dilation[axis], before, after)
        )
    return Window(*axes)
