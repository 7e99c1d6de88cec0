"""Fully connected layers, as tosa.conv2d.

Rows become 1x1 images, so bias and per-channel rescale are those of a convolution. A flattened
image is read where it lies: the weights become a kernel of the image's extent, and no transpose
is needed.
"""

from __future__ import annotations

import math

from torch.fx import Node

from adfc.frontend.emit.builder import bits_of
from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.operators.weights import check_operands, quantized_weights
from adfc.frontend.emit.registry import Refusal, any_wide
from adfc.frontend.emit.values import Accumulator, Image, Layout
from adfc.frontend.nodes import arguments, rank_of, shape_of

may_be_wide = any_wide
"""Activations may be int16."""


def check(node: Node) -> Refusal | None:
    """Takes inputs of rank 2 and more with constant weights."""
    call = arguments(node)
    if rank_of(call["input"]) < 2:
        return Refusal("its input has no batch axis", "pass a tensor of shape (1, K)")
    return check_operands(call)


def emit(emission: Emission, node: Node) -> Accumulator:
    """The accumulator, an image of 1x1 with one row of the result per batch element."""
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
    outputs, inputs = weights.shape
    rows = math.prod(feature.layout.shape[:-1])
    image = _flattened_image(feature.layout, rows, inputs)
    if image is not None:
        value = feature.value
        _, c, h, w = image
    else:
        value = emission.build.reshape(emission.as_row_major(feature), (rows, 1, 1, inputs))
        c, h, w = inputs, 1, 1
    kernel = weights.reshape(outputs, c, h, w).transpose(0, 2, 3, 1)
    bits = emission.constant(call["weight"]).bits
    sums = emission.build.conv2d(value, kernel, bias, weight_bits=bits)
    layout = Layout(shape_of(node), (rows, outputs, 1, 1))
    return Accumulator(sums, layout, scales, mlir_location(node))


def _flattened_image(layout: Layout, rows: int, inputs: int) -> Image | None:
    """The image whose NCHW elements are exactly one row per batch element, if the tensor is one."""
    if layout.image is None:
        return None
    n, c, h, w = layout.image
    return layout.image if (n, c * h * w) == (rows, inputs) else None
