"""Sum of a feature and a constant tensor of its shape, such as position embeddings.

The constant becomes int8 at a scale of its own; both are brought to a common, finer scale, of which
the constant's is a whole multiple, and added in int32.
"""

from __future__ import annotations

import numpy as np
from torch.fx import Node

from adfc.errors import ModelError
from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.integers import Integers
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Accumulator, Layout
from adfc.frontend.nodes import arguments, is_feature, is_parameter
from adfc.model_io import INT8_MAX
from adfc.operators.builtin.arithmetic.scales import ADD_GUARD_BITS, common_scale


def check(node: Node) -> Refusal | None:
    """Takes a feature and a constant."""
    call = arguments(node)
    if not is_feature(call["x"]) or not is_parameter(call["constant"]):
        return Refusal("it does not add a constant to a float tensor")
    return None


def emit(emission: Emission, node: Node) -> Accumulator:
    """The int32 sum."""
    call = arguments(node)
    feature = emission.feature(call["x"])
    value, order = emission.ordered(feature)
    shape = feature.layout.shape
    constant = np.broadcast_to(emission.constant(call["constant"]).values, shape)
    if not np.isfinite(constant).all():
        raise ModelError("its constant holds values that are not finite")
    largest = float(np.abs(constant).max())
    finest = feature.scale / (1 << (ADD_GUARD_BITS - 1))
    scale = max(largest / INT8_MAX, finest)
    levels = np.rint(constant.astype(np.float64) / scale).astype(np.int8).transpose(order)
    times = max(1, round(scale / common_scale(scale, feature.scale)))
    common = scale / times
    integers = Integers(emission.build)
    fixed = emission.build.widen(emission.build.constant(levels))
    fixed = integers.multiply(fixed, integers.number(times, fixed))
    factor = np.asarray(np.float64(feature.scale / common))
    moved = emission.build.rescale(value, factor, 32, per_channel=False)
    return Accumulator(
        integers.add(moved, fixed),
        Layout(shape, order=order),
        np.asarray(np.float64(common)),
        mlir_location(node),
    )


FAMILY = OperatorFamily(
    name="addition of a constant",
    targets=frozenset({"adfc.add_constant.default"}),
    role=Role.ELEMENTWISE,
    check=check,
    emit=emit,
)
