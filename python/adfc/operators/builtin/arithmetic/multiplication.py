"""Element-wise product of two features, and products and quotients with a constant.

The product of two int8 values is exact in int32, so there is one rescale. Axes of extent 1 are
broadcast. A constant vector over the channels is a gain of each channel (see channelwise).
"""

from __future__ import annotations

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.operators.channelwise import affine, channel_vector
from adfc.frontend.emit.operators.operands import check_operands, constant_feature
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Accumulator, Lookup
from adfc.frontend.nodes import arguments, is_feature, is_parameter, op_name, shape_of
from adfc.operators.builtin.functions import lowering as functions


def check(node: Node) -> Refusal | None:
    """Takes two tensors, one of them a feature at least, or a feature and a number."""
    call = arguments(node)
    left, right = call["self"], call["other"]
    if is_feature(left) and isinstance(right, (int, float)):
        return functions.check(node)
    if op_name(node).startswith("aten.div") and not is_parameter(right):
        return Refusal("it divides by an activation", "only constants can divide an activation")
    return check_operands(node, left, right)


def emit(emission: Emission, node: Node) -> Accumulator | Lookup:
    """The int32 product; a table, where the other operand is a number."""
    call = arguments(node)
    if not isinstance(call["other"], Node):
        return functions.emit(emission, node)
    left, right = call["self"], call["other"]
    if is_parameter(left) or is_parameter(right):
        constant, source = (left, right) if is_parameter(left) else (right, left)
        values = emission.constant(constant).values.astype(np.float64)
        if op_name(node).startswith("aten.div"):
            values = 1 / values
        feature = emission.feature(source)
        gain = channel_vector(values, feature.layout)
        if gain is not None and feature.layout.shape == shape_of(node):
            return affine(emission, node, feature, gain, np.zeros_like(gain))
        operands = feature, constant_feature(emission, values, shape_of(node))
    else:
        operands = emission.feature(left), emission.feature(right)
    layout, values = emission.in_one_layout(*operands, shape_of(node))
    scale = np.asarray(np.float64(operands[0].scale * operands[1].scale))
    return Accumulator(emission.build.multiply(*values), layout, scale, mlir_location(node))
