"""Sums, differences and products of two tensors, element by element, by integers alone.

    a + b, a - b, a * b, and a / c for a constant c

The operands of a sum are brought to a common scale, 2^11 times finer than the larger of theirs, and
added in int32; the product of two int8 values is exact. Then there is one rescale to the result's
scale (`add`, `sub`, `mul`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adfc.operators.builtin.arithmetic.scales import common_scale
from adfc.operators.builtin.family import Family
from adfc.operators.geometry import Elementwise
from adfc.operators.library import Extents, LibraryKernel, Numbers
from adfc.operators.operator import Call, Case, Cost, Integers, Levels, Operator
from adfc.operators.rescale import multiplier_and_shift, rescaled, saturated

_SUM_COST = Cost(
    "assumed: three rescales of 32 lanes, each 2 VMUL of 16 lanes, rounded to 32 bits on their own "
    "as TOSA does",
    mac=6,
    move=4,
    store=4,
    load_a=1,
    load_b=1,
)
_PRODUCT_COST = Cost(
    "assumed: one product of int8 lanes and one rescale", mac=3, move=3, store=4, load_a=1, load_b=1
)
_CASES = (Case((1, 40)), Case((1, 4, 6, 7)))


def _parameters(**factors: float) -> Integers:
    """A multiplier and a shift for each factor."""
    numbers: dict[str, int] = {}
    for name, factor in factors.items():
        numbers[f"{name}_MULTIPLIER"], numbers[f"{name}_SHIFT"] = multiplier_and_shift(factor)
    return Integers(parameters=numbers)


def _pair(numbers: Numbers, name: str) -> list[int]:
    return [numbers[f"{name}_MULTIPLIER"], numbers[f"{name}_SHIFT"]]


def _prepare_sum(call: Call) -> Integers:
    left, right = call.input_scales
    scale = common_scale(left, right)
    return _parameters(A=left / scale, B=right / scale, OUT=scale / call.output_scale)


def _config_of_sum(extents: Extents, numbers: Numbers) -> dict[str, Any]:
    rescales = {name.lower(): _pair(numbers, name) for name in ("A", "B", "OUT")}
    return {"count": extents.count, "clamp": [-128, 127], **rescales}


def _sum_reference(sign: int) -> Any:
    def reference(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
        left, right = (
            rescaled(levels, *_pair(integers.parameters, name))
            for levels, name in zip(inputs, ("A", "B"), strict=True)
        )
        return saturated(rescaled(left + sign * right, *_pair(integers.parameters, "OUT")))

    return reference


def _prepare_product(call: Call) -> Integers:
    left, right = call.input_scales
    return _parameters(OUT=left * right / call.output_scale)


def _config_of_product(extents: Extents, numbers: Numbers) -> dict[str, Any]:
    return {"count": extents.count, "clamp": [-128, 127], "rescale": _pair(numbers, "OUT")}


def _product(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    left, right = (levels.astype("int64") for levels in inputs)
    return saturated(rescaled(left * right, *_pair(integers.parameters, "OUT")))


def _sum(name: str, sign: int) -> Operator:
    return Operator(
        name=f"aten::{name}.Tensor",
        aliases=(f"aten::{name}_.Tensor",),
        tiling=Elementwise(),
        kernel=LibraryKernel(name, _config_of_sum, f"{__name__}.addition", clamps=True),
        prepare=_prepare_sum,
        reference=_sum_reference(sign),
        cost=_SUM_COST,
        cases=_CASES,
    )


FAMILY = Family(
    "arithmetic",
    (
        _sum("add", 1),
        _sum("sub", -1),
        Operator(
            name="aten::mul.Tensor",
            aliases=("aten::mul_.Tensor", "aten::div.Tensor", "aten::div_.Tensor"),
            tiling=Elementwise(),
            kernel=LibraryKernel(
                "mul", _config_of_product, f"{__name__}.multiplication", clamps=True
            ),
            prepare=_prepare_product,
            reference=_product,
            cost=_PRODUCT_COST,
            cases=_CASES,
        ),
    ),
    __doc__ or "",
    Path(__file__).parent,
)
