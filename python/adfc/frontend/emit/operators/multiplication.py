"""Element-wise product of two features, and products and quotients with a number.

The product of two int8 values is exact in int32, so there is one rescale.
"""

from __future__ import annotations

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.operators import pointwise
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Accumulator, Lookup
from adfc.frontend.nodes import arguments, is_feature, op_name, shape_of


def check(node: Node) -> Refusal | None:
    """Takes two features of one shape, or a feature and a number."""
    call = arguments(node)
    left, right = call["self"], call["other"]
    if is_feature(left) and isinstance(right, (int, float)):
        return pointwise.check(node)
    if op_name(node).startswith("aten.div"):
        return Refusal("it divides by a tensor", "only numbers can divide an activation")
    if not (is_feature(left) and is_feature(right)):
        return Refusal(
            "it multiplies with a constant tensor",
            "only two activations, or an activation and a number, can be multiplied",
        )
    if shape_of(left) != shape_of(right):
        return Refusal(
            f"it broadcasts {shape_of(left)} with {shape_of(right)}",
            "multiply tensors of equal shape",
        )
    return None


def emit(emission: Emission, node: Node) -> Accumulator | Lookup:
    """The int32 product; a table, where the other operand is a number."""
    call = arguments(node)
    if not isinstance(call["other"], Node):
        return pointwise.emit(emission, node)
    left, right = emission.feature(call["self"]), emission.feature(call["other"])
    layout, values = emission.in_one_layout(left, right)
    scale = np.asarray(np.float64(left.scale * right.scale))
    return Accumulator(emission.build.multiply(*values), layout, scale, mlir_location(node))


FAMILY = OperatorFamily(
    name="multiplication",
    targets=frozenset(
        {"aten.mul.Tensor", "aten.mul_.Tensor", "aten.div.Tensor", "aten.div_.Tensor"}
    ),
    role=Role.ELEMENTWISE,
    check=check,
    emit=emit,
)
