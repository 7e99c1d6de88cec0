"""Element-wise sum or difference of two features, or of a feature and a constant.

A sum with a number is a function of one number (see functions), with a vector over the channels an
offset of each channel (see channelwise). Two tensors are brought to a common scale, 2^11 times
finer than the larger of theirs, added in int32, and rescaled once. Axes of extent 1 are broadcast.
"""

from __future__ import annotations

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.operators.channelwise import affine, channel_vector
from adfc.frontend.emit.operators.operands import check_operands, constant_feature
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Accumulator, Feature, Lookup
from adfc.frontend.nodes import arguments, is_feature, is_parameter, op_name, shape_of
from adfc.operators.builtin.arithmetic.scales import common_scale
from adfc.operators.builtin.functions import lowering as functions


def may_be_wide(node: Node) -> bool:
    """Operands and the result may be int16 where both are features of one shape."""
    call = arguments(node)
    operands = (call["self"], call["other"])
    return all(is_feature(o) and shape_of(o) == shape_of(node) for o in operands)


def check(node: Node) -> Refusal | None:
    """Takes two tensors, one of them a feature at least, or a feature and a number."""
    call = arguments(node)
    left, right = call["self"], call["other"]
    if is_feature(left) and isinstance(right, (int, float)):
        return functions.check(node)
    if call["alpha"] != 1:
        return Refusal(f"its second operand is scaled by alpha={call['alpha']}")
    return check_operands(node, left, right)


def emit(emission: Emission, node: Node) -> Accumulator | Lookup:
    """The int32 sum or difference; a table, where the other operand is a number."""
    call = arguments(node)
    left, right = call["self"], call["other"]
    if not isinstance(right, Node):
        return functions.emit(emission, node)
    sign = -1.0 if op_name(node).startswith("aten.sub") else 1.0
    if not is_parameter(left) and not is_parameter(right):
        return summed(emission, node, emission.feature(left), emission.feature(right), sign)
    constant, source = (left, right) if is_parameter(left) else (right, left)
    feature = emission.feature(source)
    values = emission.constant(constant).values.astype(np.float64)
    gains = (sign, 1.0) if is_parameter(left) else (1.0, sign)
    offset = channel_vector(values, feature.layout)
    if offset is not None and feature.layout.shape == shape_of(node):
        return affine(emission, node, feature, np.full_like(offset, gains[0]), gains[1] * offset)
    operand = constant_feature(emission, values, shape_of(node))
    pair = (operand, feature) if is_parameter(left) else (feature, operand)
    return summed(emission, node, *pair, sign)


def summed(
    emission: Emission, node: Node, left: Feature, right: Feature, sign: float = 1.0
) -> Accumulator:
    """left + sign * right in int32, at a common scale."""
    layout, values = emission.in_one_layout(left, right, shape_of(node))
    scale = common_scale(left.scale, right.scale)
    combine = emission.build.subtract if sign < 0 else emission.build.add
    total = combine(
        *(
            emission.build.rescale(value, _factor(operand, scale), 32, per_channel=False)
            for value, operand in zip(values, (left, right), strict=True)
        )
    )
    return Accumulator(total, layout, np.asarray(np.float64(scale)), mlir_location(node))


def _factor(operand: Feature, scale: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(np.float64(operand.scale / scale))
