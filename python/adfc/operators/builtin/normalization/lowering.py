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

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.fx import Node

from adfc.errors import ModelError
from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.integers import TABLE_ENTRIES, Integers
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Accumulator, Layout, Value
from adfc.frontend.nodes import arguments, is_feature, is_parameter, op_name, shape_of

_FINE_BITS = 6
"""Bits that deviations from the mean are finer than levels: a deviation has 14."""

_ROOT_BITS = 14
_LARGEST_SUM_BITS = 30
_PRODUCT_BITS = 29
"""Magnitudes of z * weight, and of bias, stay below."""

_DEFAULT_EPSILON = float(np.finfo(np.float32).eps)
"""PyTorch's for rms_norm without eps."""


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


@dataclass(frozen=True)
class _Fixed:
    """Fixed-point positions for rows of `channels`: squares are divided by 2^`squares`."""

    channels: int

    @property
    def squares(self) -> int:
        """A sum of squares is at most channels * 2^(14 + 12): it shall stay within 2^30."""
        return max(0, math.ceil(math.log2(self.channels)) + 26 - _LARGEST_SUM_BITS)

    @property
    def variance(self) -> float:
        """Sum of squares for a variance of one level."""
        return self.channels * 2.0 ** (2 * _FINE_BITS - self.squares)

    @property
    def scale(self) -> float:
        """Real value of one step of z."""
        return math.sqrt(self.variance) * 2.0 ** (15 - 15.5 - _ROOT_BITS - _FINE_BITS)

    @property
    def weight_bits(self) -> int:
        """Bits of a weight, so that z * weight stays within its bounds."""
        largest = math.sqrt(self.channels) / self.scale
        return min(15, math.floor(_PRODUCT_BITS - math.log2(largest)))


def emit(emission: Emission, node: Node) -> Accumulator:
    """The int32 results."""
    call = arguments(node)
    feature = emission.feature(call["input"])
    shape = feature.layout.shape
    value, order = emission.ordered(feature)
    if order[-1] != len(shape) - 1:
        value, order = emission.as_row_major(feature), tuple(range(len(shape)))
    fixed = _Fixed(shape[-1])
    integers = Integers(emission.build)
    centred = "layer_norm" in op_name(node)
    deviations = _deviations(integers, emission.build.widen(value), fixed, centred=centred)
    epsilon = _DEFAULT_EPSILON if call["eps"] is None else float(call["eps"])
    floor = epsilon / feature.scale**2 * fixed.variance
    normal = _normalized(integers, deviations, fixed, round(min(max(floor, 1), 2.0**29)))
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


def _deviations(integers: Integers, levels: Value, fixed: _Fixed, *, centred: bool) -> Value:
    if not centred:
        return integers.multiply(levels, integers.number(1 << _FINE_BITS, levels))
    times = integers.multiply(levels, integers.number(fixed.channels, levels))
    above = integers.subtract(times, integers.reduce_sum(levels))
    factor = np.asarray(float(1 << _FINE_BITS) / fixed.channels)
    return integers.build.rescale(above, factor, 32, per_channel=False)


def _normalized(integers: Integers, deviations: Value, fixed: _Fixed, floor: int) -> Value:
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
        integers.table(index, _inverse_roots()), integers.number(7, index), rounds=False
    )
    half = integers.shift_right(even, integers.number(1, even), rounds=False)
    amount = integers.subtract(integers.number(15, half), half)
    return integers.shift_right(integers.multiply(deviations, root), amount, rounds=True)


def _inverse_roots() -> NDArray[np.int16]:
    """2^14 / sqrt(u), u the int16 index / 2^15; only indices from 2^13 are ever asked for."""
    index = np.arange(TABLE_ENTRIES) * 128 - 32768
    ratio = np.maximum(index, 1 << 13) / 32768.0
    return np.minimum(np.rint((1 << _ROOT_BITS) / np.sqrt(ratio)), 32767).astype(np.int16)


def _affine(
    integers: Integers,
    normal: Value,
    fixed: _Fixed,
    weight: NDArray[np.float64] | None,
    bias: NDArray[np.float64] | None,
) -> tuple[Value, float]:
    """(normal * weight + bias, real value of a step of it)."""
    scale = fixed.scale
    if weight is not None:
        step = max(float(np.abs(weight).max()), 1e-30) / (1 << fixed.weight_bits)
        factors = np.rint(weight / step).astype(np.int32)
        normal = integers.multiply(normal, integers.channels(factors, normal))
        scale *= step
    if bias is not None:
        limit = float(1 << _PRODUCT_BITS)
        offsets = np.clip(np.rint(bias / scale), -limit, limit).astype(np.int32)
        normal = integers.add(normal, integers.channels(offsets, normal))
    return normal, scale


FAMILY = OperatorFamily(
    name="normalization",
    targets=frozenset({"aten.layer_norm.default", "aten.rms_norm.default"}),
    role=Role.RESCALING,
    check=check,
    emit=emit,
)
