"""A gain and an offset for each channel: a 1x1 depthwise convolution, int8 x int8 -> int32."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, image_layout, mlir_location
from adfc.frontend.emit.values import Accumulator, Feature, Layout
from adfc.model_io import INT8_MAX

_LARGEST_BIAS = 2.0**29
Vector = NDArray[np.float64]


def channel_vector(values: NDArray[np.float64], layout: Layout) -> Vector | None:
    """One value for each channel of a tensor that lies so; None where they differ within one."""
    shape = layout.shape
    aligned = values.reshape((1,) * (len(shape) - values.ndim) + values.shape)
    if aligned.ndim != len(shape):
        return None
    axis = 1 if layout.image is not None and (len(shape) == 4 or layout.is_line) else len(shape) - 1
    if any(size != 1 for i, size in enumerate(aligned.shape) if i != axis):
        return None
    return np.broadcast_to(aligned.reshape(-1), shape[axis]).astype(np.float64)


def affine(
    emission: Emission, node: Node, feature: Feature, gain: Vector, offset: Vector
) -> Accumulator:
    """gain[c] * x + offset[c] as int32 sums; their scales are powers of two times the input's."""
    # A power of two keeps power-of-two scales what they are.
    steps = np.abs(gain) / INT8_MAX
    steps = np.maximum(steps, np.abs(offset) / (feature.scale * _LARGEST_BIAS))
    steps = np.exp2(np.ceil(np.log2(np.maximum(steps, 2.0**-40))))
    weights = np.rint(gain / steps).astype(np.int8).reshape(1, 1, -1, 1)
    bias = np.rint(offset / (steps * feature.scale)).astype(np.int32)
    layout = feature.layout
    image = layout.image is not None and (len(layout.shape) == 4 or layout.is_line)
    if image:
        if not layout.is_line and layout.image != layout.shape:
            feature = Feature(emission.as_image(feature), image_layout(layout.shape), feature.scale)
        sums = emission.build.depthwise_conv2d(feature.value, weights, bias)
        layout = feature.layout
    else:
        channels, rows = layout.shape[-1], int(np.prod(layout.shape[:-1]))
        value = emission.build.reshape(emission.as_row_major(feature), (1, rows, 1, channels))
        sums = emission.build.depthwise_conv2d(value, weights, bias)
        sums, layout = emission.build.reshape(sums, layout.shape), Layout(layout.shape)
    return Accumulator(sums, layout, steps * feature.scale, mlir_location(node))
