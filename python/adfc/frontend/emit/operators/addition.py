"""Element-wise sum or difference of two features, or of a feature and a number.

A sum with a number is a function of one number (see pointwise). Two features are brought to a
common scale, 2^11 times finer than the larger of theirs, added in int32, and rescaled once.
"""

from __future__ import annotations

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.operators import pointwise
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.scaling import ADD_GUARD_BITS
from adfc.frontend.emit.values import Accumulator, Feature, Lookup
from adfc.frontend.nodes import arguments, is_feature, op_name, shape_of


def check(node: Node) -> Refusal | None:
    """Takes two features of one shape, or a feature and a number."""
    call = arguments(node)
    left, right = call["self"], call["other"]
    if is_feature(left) and isinstance(right, (int, float)):
        return pointwise.check(node)
    if not (is_feature(left) and is_feature(right)):
        return Refusal(
            "it adds a constant tensor",
            "only two activations, or an activation and a number, can be added or subtracted",
        )
    if shape_of(left) != shape_of(right):
        return Refusal(
            f"it broadcasts {shape_of(left)} with {shape_of(right)}",
            "use tensors of equal shape",
        )
    if call["alpha"] != 1:
        return Refusal(f"its second operand is scaled by alpha={call['alpha']}")
    return None


def emit(emission: Emission, node: Node) -> Accumulator | Lookup:
    """The int32 sum or difference; a table, where the other operand is a number."""
    call = arguments(node)
    if not isinstance(call["other"], Node):
        return pointwise.emit(emission, node)
    left, right = emission.feature(call["self"]), emission.feature(call["other"])
    layout, values = emission.in_one_layout(left, right)
    scale = 2 * max(left.scale, right.scale) / (1 << ADD_GUARD_BITS)
    subtracts = op_name(node).startswith("aten.sub")
    combine = emission.build.subtract if subtracts else emission.build.add
    total = combine(
        *(
            emission.build.rescale(value, _factor(operand, scale), 32, per_channel=False)
            for value, operand in zip(values, (left, right), strict=True)
        )
    )
    return Accumulator(total, layout, np.asarray(np.float64(scale)), mlir_location(node))


def _factor(operand: Feature, scale: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(np.float64(operand.scale / scale))


FAMILY = OperatorFamily(
    name="addition",
    targets=frozenset(
        {"aten.add.Tensor", "aten.add_.Tensor", "aten.sub.Tensor", "aten.sub_.Tensor"}
    ),
    role=Role.ELEMENTWISE,
    check=check,
    emit=emit,
)
