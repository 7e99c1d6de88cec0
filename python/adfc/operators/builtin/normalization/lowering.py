"""Layer norm and RMS norm over the last axis, in integers.

    d = (x - mean(x)) * 2^6             int32; RMS norm leaves the mean out
    v = sum(d^2 / 2^r) + epsilon        int32
    v * 2^s in [2^29, 2^31), s even     by counting leading zeros
    q = 2^14 / sqrt(v * 2^s / 2^31)     by tosa.table, interpolated
    z = d * q / 2^(15 - s/2)            int32; s/2 is the root of 2^s
    y = z * weight + bias               int32

Levels have no unit here: only epsilon does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.fx import Node

from adfc.errors import ModelError
from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.integers import Integers
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Accumulator, Layout, Value
from adfc.frontend.nodes import arguments, is_feature, is_parameter, op_name, shape_of
from adfc.operators.builtin.normalization.fixed_point import FINE_BITS, Fixed, inverse_roots


def check(node: Node) -> Refusal | None:
    """Takes float features, the last axis, constant weights."""
    call = arguments(node)
    if not is_feature(call["input"]):
        return Refusal("its input is no float tensor that depends on the model's input")
    if len(call["normalized_shape"]) != 1:
        return Refusal("it is over several axes", "normalise the last axis alone")
    if shape_of(call["input"])[-1] > 1 << 15:
        return Refusal("its axis is longer than 32768")
    for name in ("weight", "bias"):
        if call.get(name) is not None and not is_parameter(call[name]):
            return Refusal(f"its {name} is computed at run time", "it must be a parameter")
    return None


def emit(emission: Emission, node: Node) -> Accumulator:
    """The int32 results."""
    call = arguments(node)
    feature = emission.feature(call["input"])
    shape = feature.layout.shape
    value, order = emission.ordered(feature)
    if order[-1] != len(shape) - 1:
        value, order = emission.as_row_major(feature), tuple(range(len(shape)))
    fixed = Fixed(shape[-1])
    integers = Integers(emission.build)
    centred = "layer_norm" in op_name(node)
    deviations = _deviations(integers, emission.build.widen(value), fixed, centred=centred)
    floor = fixed.floor(call["eps"], feature.scale)
    normal = _normalized(integers, deviations, fixed, floor)
    weight, bias = (_parameter(emission, call.get(name)) for name in ("weight", "bias"))
    values, scale = _affine(integers, normal, fixed, weight, bias)
    layout = Layout(shape, order=order)
    return Accumulator(values, layout, np.asarray(np.float64(scale)), mlir_location(node))


def _parameter(emission: Emission, node: Any) -> NDArray[np.float64] | None:
    if node is None:
        return None
    values = emission.constant(node).values.astype(np.float64)
    if not np.isfinite(values).all():
        raise ModelError(
            "its weights are not all finite", hint="load weights without NaN and infinity"
        )
    return values


def _deviations(integers: Integers, levels: Value, fixed: Fixed, *, centred: bool) -> Value:
    if not centred:
        return integers.multiply(levels, integers.number(1 << FINE_BITS, levels))
    times = integers.multiply(levels, integers.number(fixed.channels, levels))
    above = integers.subtract(times, integers.reduce_sum(levels))
    factor = np.asarray(float(1 << FINE_BITS) / fixed.channels)
    return integers.build.rescale(above, factor, 32, per_channel=False)


def _normalized(integers: Integers, deviations: Value, fixed: Fixed, floor: int) -> Value:
    squares = integers.multiply(deviations, deviations)
    if fixed.squares:
        amount = integers.number(fixed.squares, squares)
        squares = integers.shift_right(squares, amount, rounds=True)
    total = integers.reduce_sum(squares)
    total = integers.add(total, integers.number(floor, total))
    spare = integers.subtract(integers.leading_zeros(total), integers.number(1, total))
    even = integers.bitwise_and(spare, integers.number(-2, total))
    mantissa = integers.shift_left(total, even)
    index = integers.build.rescale(mantissa, np.asarray(2.0**-16), 16, per_channel=False)
    root = integers.shift_right(
        integers.table(index, inverse_roots()), integers.number(7, index), rounds=False
    )
    half = integers.shift_right(even, integers.number(1, even), rounds=False)
    amount = integers.subtract(integers.number(15, half), half)
    return integers.shift_right(integers.multiply(deviations, root), amount, rounds=True)


def _affine(
    integers: Integers,
    normal: Value,
    fixed: Fixed,
    weight: NDArray[np.float64] | None,
    bias: NDArray[np.float64] | None,
) -> tuple[Value, float]:
    """(normal * weight + bias, real value of a step of it)."""
    factors, offsets, scale = fixed.affine(weight, bias)
    if factors is not None:
        normal = integers.multiply(normal, integers.channels(factors, normal))
    if offsets is not None:
        normal = integers.add(normal, integers.channels(offsets, normal))
    return normal, scale
