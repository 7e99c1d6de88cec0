"""Softmax over the last axis, in integers: softmax, _softmax, masked_softmax.

    torch.softmax(x, -1)

    d = x - max(x)                      -255..0
    e = round((2^15 - 1) * exp(d * s))  by a table: exact, for there are 256 values of d
    r = 2^30 / sum(e)                   one division for each row, rounded down
    p = e * r                           real = p * 2^-30; one rescale

A masked position becomes so small that its d saturates, and has an entry of its own: 0. A mask that
is the same for each row is described here; one that is not is a second input of the kernel. The
kernel is `rowwise`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from adfc.operators.builtin import row_program
from adfc.operators.builtin.family import Family
from adfc.operators.builtin.softmax.numbers import (
    MASKED,
    ONE_BITS,
    STEP_BITS,
    TABLE_ENTRIES,
    exponentials,
)
from adfc.operators.geometry import Rows
from adfc.operators.library import Extents, LibraryKernel, Numbers
from adfc.operators.operator import Call, Case, Integers, Levels, Operator
from adfc.operators.rescale import multiplier_and_shift, rescaled, saturated


def _prepare(call: Call) -> Integers:
    step = call.input_scales[0] * float(call.arguments.get("scale", 1.0))
    table = exponentials(step).astype(np.int32)
    mask = call.parameters.get("mask")
    if mask is None:
        offsets = np.zeros(0, np.int32)
    else:
        offsets = np.where(np.broadcast_to(mask.reshape(-1), (call.length,)), 0, MASKED)
    multiplier, shift = multiplier_and_shift(2.0**-ONE_BITS / call.output_scale)
    numbers = {"MULTIPLIER": multiplier, "SHIFT": shift, "MASKS": int(offsets.size)}
    return Integers(np.concatenate([offsets.astype(np.int32), table]), numbers)


def _config(extents: Extents, numbers: Numbers) -> dict[str, Any]:
    steps = row_program.RowProgram()
    levels = steps.input()
    if numbers["MASKS"]:
        levels = steps.binary("add", levels, steps.channels(numbers["MASKS"]))
    below = steps.binary("sub", levels, steps.unary("reduce_max", levels))
    index = steps.rescale(below, multiplier_and_shift(1 << STEP_BITS), 16)
    looked_up = steps.table16(index, TABLE_ENTRIES)
    powers = steps.shift_right(looked_up, steps.literal(STEP_BITS), rounds=False)
    one = steps.literal(1 << ONE_BITS)
    reciprocal = steps.binary("divide", one, steps.unary("reduce_sum", powers))
    product = steps.binary("mul", powers, reciprocal)
    steps.rescale(product, (numbers["MULTIPLIER"], numbers["SHIFT"]), 8)
    return steps.config(extents)


def _reference(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    p, constant = integers.parameters, integers.constant
    assert constant is not None
    mask, table = constant[: p["MASKS"]], constant[p["MASKS"] :].astype(np.int64)
    levels = inputs[0].astype(np.int64)
    if mask.size:
        levels = levels + mask
    below = levels - levels.max(axis=-1, keepdims=True)
    powers = table[np.maximum(below, -256) + 256]
    reciprocal = (1 << ONE_BITS) // powers.sum(axis=-1, keepdims=True)
    return saturated(rescaled(powers * reciprocal, p["MULTIPLIER"], p["SHIFT"]))


def _operator(name: str, *cases: Case, aliases: tuple[str, ...] = ()) -> Operator:
    return Operator(
        name=name,
        aliases=aliases,
        tiling=Rows(),
        kernel=LibraryKernel(
            "rowwise", _config, f"{__name__}.lowering", steps=row_program.steps_of
        ),
        prepare=_prepare,
        reference=_reference,
        cost=row_program.COST,
        cases=cases,
    )


_LAST = {"dim": -1}

FAMILY = Family(
    "softmax",
    (
        _operator(
            "aten::softmax.int",
            Case((1, 5, 11), _LAST),
            Case((1, 4, 1), _LAST),
            Case((1, 16, 197), _LAST),
        ),
        _operator("aten::_softmax", Case((1, 5, 11), {"dim": -1, "half_to_float": False})),
        _operator(
            "adfc::masked_softmax",
            Case((1, 5, 11), {"scale": 0.25}, parameters={"mask": np.arange(11) % 3 != 1}),
            Case((1, 6, 8), {"mask": None, "scale": 0.5}),
        ),
    ),
    __doc__ or "",
    Path(__file__).parent,
)
