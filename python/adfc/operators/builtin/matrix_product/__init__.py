"""Products of two matrices that depend on the input: matmul, bmm, mm.

    torch.matmul(a, b)

int8 products are added in int32; there is one rescale. The kernel is `matmul`; a second factor that
lies transposed is read where it lies. Products of several matrices are one call for each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from adfc.operators.builtin.costs import PRODUCT
from adfc.operators.builtin.family import Family
from adfc.operators.geometry import Products
from adfc.operators.library import Extents, LibraryKernel, Numbers
from adfc.operators.operator import Call, Case, Integers, Levels, Operator
from adfc.operators.rescale import multiplier_and_shift, rescaled, saturated


def _prepare(call: Call) -> Integers:
    left, right = call.input_scales
    multiplier, shift = multiplier_and_shift(left * right / call.output_scale)
    return Integers(parameters={"MULTIPLIER": multiplier, "SHIFT": shift})


def _config(extents: Extents, numbers: Numbers) -> dict[str, Any]:
    rows, columns, channels = extents.output
    return {
        "in": [rows * columns, extents.lengths[0]],
        "out": [channels, channels],
        "transposed": False,
        "rescale": [numbers["MULTIPLIER"], numbers["SHIFT"]],
        "clamp": [-128, 127],
    }


def _reference(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    p = integers.parameters
    sums = np.matmul(*(levels.astype(np.int64) for levels in inputs))
    return saturated(rescaled(sums, p["MULTIPLIER"], p["SHIFT"]))


def _operator(name: str, *cases: Case, aliases: tuple[str, ...] = ()) -> Operator:
    return Operator(
        name=f"aten::{name}",
        aliases=aliases,
        tiling=Products(),
        kernel=LibraryKernel("matmul", _config, f"{__name__}.lowering", clamps=True),
        prepare=_prepare,
        reference=_reference,
        cost=PRODUCT,
        cases=cases,
        sizes="any" if name == "bmm" else "given",
    )


def _case(rows: int, depth: int, columns: int) -> Case:
    return Case((1, rows, depth), others=((1, depth, columns),))


FAMILY = Family(
    "matrix_product",
    (
        # Inputs of programs have a batch of 1, so that `mm` cannot be tested alone.
        _operator(
            "matmul",
            _case(5, 12, 7),
            _case(1, 1, 1),
            _case(64, 64, 64),
            aliases=("aten::mm",),
        ),
        _operator("bmm", _case(5, 13, 7)),
    ),
    __doc__ or "",
    Path(__file__).parent,
)
