"""Layer norm and RMS norm over the last axis, in integers: layer_norm, rms_norm.

    torch.nn.functional.layer_norm(x, (64,), weight, bias)

    d = (x - mean(x)) * 2^6             RMS norm leaves the mean out
    v = sum(d^2 / 2^r) + epsilon
    v * 2^s in [2^29, 2^31), s even     by counting leading zeros
    q = 2^14 / sqrt(v * 2^s / 2^31)     by a table, interpolated
    z = d * q / 2^(15 - s/2)            s/2 is the root of 2^s
    y = z * weight + bias               one rescale

Levels have no unit here: only epsilon does. All values are int32; the kernel is `rowwise`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.operators.builtin import row_program
from adfc.operators.builtin.family import Family
from adfc.operators.builtin.normalization.fixed_point import (
    FINE_BITS,
    TABLE_ENTRIES,
    Fixed,
    inverse_roots,
)
from adfc.operators.builtin.row_program import RowProgram
from adfc.operators.geometry import Rows
from adfc.operators.library import Extents, LibraryKernel, Numbers
from adfc.operators.operator import Call, Case, Integers, Levels, Operator
from adfc.operators.rescale import multiplier_and_shift, rescaled, saturated

Wide = NDArray[np.int64]


def _prepare(call: Call) -> Integers:
    fixed = Fixed(call.length)
    given = [call.parameters.get(name) for name in ("weight", "bias")]
    real = [None if x is None else x.astype(np.float64) for x in given]
    factors, offsets, scale = fixed.affine(*real)
    numbers = {
        "CENTRED": int("cudnn_enable" in call.arguments),  # layer_norm's argument alone
        "FLOOR": fixed.floor(call.arguments["eps"], call.input_scales[0]),
        "FACTORS": 0 if factors is None else factors.size,
        "OFFSETS": 0 if offsets is None else offsets.size,
    }
    numbers["MULTIPLIER"], numbers["SHIFT"] = multiplier_and_shift(scale / call.output_scale)
    parts = [inverse_roots().astype(np.int32), factors, offsets]
    return Integers(np.concatenate([part for part in parts if part is not None]), numbers)


def _deviations(steps: RowProgram, length: int, centred: bool) -> int:
    levels = steps.input()
    if not centred:
        return steps.binary("mul", levels, steps.literal(1 << FINE_BITS))
    times = steps.binary("mul", levels, steps.literal(length))
    above = steps.binary("sub", times, steps.unary("reduce_sum", levels))
    return steps.rescale(above, multiplier_and_shift((1 << FINE_BITS) / length), 32)


def _config(extents: Extents, numbers: Numbers) -> dict[str, Any]:
    steps, length = RowProgram(), extents.lengths[0]
    deviations = _deviations(steps, length, bool(numbers["CENTRED"]))
    squares = steps.binary("mul", deviations, deviations)
    if Fixed(length).squares:
        squares = steps.shift_right(squares, steps.literal(Fixed(length).squares), rounds=True)
    total = steps.unary("reduce_sum", squares)
    total = steps.binary("add", total, steps.literal(numbers["FLOOR"]))
    spare = steps.binary("sub", steps.unary("clz", total), steps.literal(1))
    even = steps.binary("and", spare, steps.literal(-2))
    mantissa = steps.binary("shift_left", total, even)
    index = steps.rescale(mantissa, multiplier_and_shift(2.0**-16), 16)
    looked_up = steps.table16(index, TABLE_ENTRIES)
    root = steps.shift_right(looked_up, steps.literal(7), rounds=False)
    product, fifteen = steps.binary("mul", deviations, root), steps.literal(15)
    half = steps.shift_right(even, steps.literal(1), rounds=False)
    normal = steps.shift_right(product, steps.binary("sub", fifteen, half), rounds=True)
    if numbers["FACTORS"]:
        normal = steps.binary("mul", normal, steps.channels(length))
    if numbers["OFFSETS"]:
        normal = steps.binary("add", normal, steps.channels(length))
    steps.rescale(normal, (numbers["MULTIPLIER"], numbers["SHIFT"]), 8)
    return steps.config(extents)


def _shifted(values: Wide, amount: Wide | int) -> Wide:
    """values / 2^amount, rounded half up."""
    return (values >> amount) + ((values >> np.maximum(np.asarray(amount) - 1, 0)) & 1) * (
        np.asarray(amount) > 0
    )


def _interpolated(table: Wide, index: Wide) -> Wide:
    """TOSA 1.0, TABLE of int16: 128 times the entry, and what lies between two."""
    place, rest = (index >> 7) + 256, index & 127
    return table[place] * 128 + (table[place + 1] - table[place]) * rest


def _reference(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    p, constant = integers.parameters, integers.constant
    assert constant is not None
    levels = inputs[0].astype(np.int64)
    length = levels.shape[-1]
    deviations = levels << FINE_BITS
    if p["CENTRED"]:
        above = levels * length - levels.sum(axis=-1, keepdims=True)
        deviations = rescaled(above, *multiplier_and_shift((1 << FINE_BITS) / length))
    squares = _shifted(deviations**2, Fixed(length).squares)
    total = squares.sum(axis=-1, keepdims=True) + p["FLOOR"]
    # Zeros above the highest bit but one, as an even number.
    even = (30 - np.floor(np.log2(total)).astype(np.int64)) & -2
    index = rescaled(total << even, *multiplier_and_shift(2.0**-16))
    table = constant[:TABLE_ENTRIES].astype(np.int64)
    root = _interpolated(table, np.clip(index, -32768, 32767)) >> 7
    normal = _shifted(deviations * root, 15 - even // 2)
    rest = constant[TABLE_ENTRIES:].astype(np.int64)
    if p["FACTORS"]:
        normal = normal * rest[:length]
    if p["OFFSETS"]:
        normal = normal + rest[-length:]
    return saturated(rescaled(normal, p["MULTIPLIER"], p["SHIFT"]))


def _operator(name: str, *cases: Case) -> Operator:
    return Operator(
        name=f"aten::{name}",
        tiling=Rows(),
        kernel=LibraryKernel(
            "rowwise", _config, f"{__name__}.lowering", steps=row_program.steps_of
        ),
        prepare=_prepare,
        reference=_reference,
        cost=row_program.COST,
        cases=cases,
    )


def _case(rows: int, length: int, epsilon: float | None, *names: str) -> Case:
    weight = np.linspace(-1.5, 2, length, dtype=np.float32)
    values = {"weight": weight, "bias": np.cos(weight).astype(np.float32)}
    given = {"normalized_shape": [length], "eps": epsilon}
    return Case((1, rows, length), given, parameters={name: values[name] for name in names})


FAMILY = Family(
    "normalization",
    (
        _operator(
            "layer_norm",
            _case(5, 11, 1e-5),
            _case(7, 32, 1e-5, "weight", "bias"),
            _case(3, 197, 1e-5, "weight", "bias"),
            _case(1, 1, 1e-5),
        ),
        _operator(
            "rms_norm",
            _case(5, 11, None),
            _case(7, 32, 1e-5, "weight"),
            _case(3, 197, 1e-5, "weight"),
            _case(1, 1, 1e-5),
        ),
    ),
    __doc__ or "",
    Path(__file__).parent,
)
