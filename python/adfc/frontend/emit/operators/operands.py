"""Operands of element-wise operators: features, and constant tensors as int8."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, boundary_layout
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Feature
from adfc.frontend.nodes import is_feature, is_parameter, shape_of
from adfc.model_io import INT8_MAX


def check_operands(node: Node, left: object, right: object) -> Refusal | None:
    """Takes two tensors of which one at least is a feature; a batch is not broadcast."""
    tensors = [value for value in (left, right) if is_feature(value) or is_parameter(value)]
    features = [value for value in tensors if is_feature(value)]
    if len(tensors) < 2 or not features:
        return Refusal("one of its operands is neither an activation nor a constant")
    shape = shape_of(node)
    if len(shape) > 4 and any(shape_of(value) != shape for value in tensors):  # type: ignore[arg-type]
        return Refusal(f"it broadcasts tensors of {len(shape)} axes", "use 4 axes at most")
    return None


def constant_feature(
    emission: Emission, values: NDArray[np.float64], shape: tuple[int, ...]
) -> Feature:
    """A constant tensor that broadcasts to `shape`, as int8.

    Its scale is a power of two, which keeps power-of-two scales what they are.
    """
    values = values.reshape((1,) * (len(shape) - values.ndim) + values.shape)
    largest = max(float(np.abs(values).max()), 2.0**-24)
    scale = float(np.exp2(np.ceil(np.log2(largest / INT8_MAX))))
    levels = np.rint(values / scale).astype(np.int8)
    layout = boundary_layout(values.shape)
    if len(shape) == 4:
        levels = levels.transpose(0, 2, 3, 1)
    return Feature(emission.build.constant(levels), layout, scale)
