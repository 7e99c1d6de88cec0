"""Softmax over the last axis, in integers.

    d = x - max(x)                      int32, -255..0
    e = round((2^15 - 1) * exp(d * s))  by tosa.table: exact, for there are 256 values of d
    r = 2^30 / sum(e)                   one division for each row
    p = e * r                           int32, real = p * 2^-30

A masked position becomes so small that its d saturates, and has an entry of its own: 0.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.integers import Integers
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Accumulator, Layout, Value
from adfc.frontend.nodes import arguments, is_feature, is_parameter, rank_of
from adfc.operators.builtin.softmax.numbers import (
    MASKED,
    ONE_BITS,
    STEP_BITS,
    exponentials,
)


def check(node: Node) -> Refusal | None:
    """Takes float features; the last axis."""
    call = arguments(node)
    source = node.args[0]
    if not is_feature(source):
        return Refusal("its input is no float tensor that depends on the model's input")
    if call.get("dtype") not in (None, torch.float32):
        return Refusal("it changes the dtype", "leave the dtype to float32")
    if call.get("dim", -1) % rank_of(source) != rank_of(source) - 1:
        return Refusal("it is not over the last axis", "move that axis to the end")
    mask = call.get("mask")
    if mask is not None and not is_parameter(mask):
        return Refusal("its mask is computed at run time", "masks must be constant")
    return None


def emit(emission: Emission, node: Node) -> Accumulator:
    """The int32 probabilities."""
    call = arguments(node)
    feature = emission.feature(node.args[0])
    rank = len(feature.layout.shape)
    value, order = emission.ordered(feature)
    if order[-1] != rank - 1:
        value, order = emission.as_row_major(feature), tuple(range(rank))
    integers = Integers(emission.build)
    levels = emission.build.widen(value)
    if call.get("mask") is not None:
        mask = emission.constant(call["mask"]).values
        levels = integers.add(levels, _mask(integers, mask, feature.layout.shape, order))
    step = feature.scale * float(call.get("scale", 1.0))
    probabilities = _probabilities(integers, levels, step)
    scale = np.asarray(np.float64(2.0**-ONE_BITS))
    layout = Layout(feature.layout.shape, order=order)
    return Accumulator(probabilities, layout, scale, mlir_location(node))


def _probabilities(integers: Integers, levels: Value, step: float) -> Value:
    build = integers.build
    below = integers.subtract(levels, integers.reduce_max(levels))
    index = build.rescale(below, np.asarray(float(1 << STEP_BITS)), 16, per_channel=False)
    looked_up = integers.table(index, exponentials(step))
    shift = integers.number(STEP_BITS, looked_up)
    powers = integers.shift_right(looked_up, shift, rounds=False)
    one = integers.number(1 << ONE_BITS, powers)
    reciprocal = integers.divide(one, integers.reduce_sum(powers))
    return integers.multiply(powers, reciprocal)


def _mask(
    integers: Integers, keep: NDArray[np.bool_], shape: tuple[int, ...], order: tuple[int, ...]
) -> Value:
    """What is added to each level: 0 where `keep`, else so much that it counts as nothing."""
    keep = keep.reshape((1,) * (len(shape) - keep.ndim) + keep.shape)
    if all(size == 1 for size in keep.shape[:-1]):
        row = np.where(np.broadcast_to(keep, (*keep.shape[:-1], shape[-1])), 0, MASKED)
        values = row.reshape((1,) * (len(shape) - 1) + (-1,)).astype(np.int32)
        return integers.build.constant(values)
    whole = np.broadcast_to(keep, shape).transpose(order)
    # As int8 it is an activation like any other.
    flags = integers.build.widen(integers.build.constant(np.where(whole, 0, 1).astype(np.int8)))
    return integers.multiply(flags, integers.number(MASKED, flags))
