"""The larger or smaller of two tensors of one scale, element by element.

    torch.maximum(a, b), torch.minimum(a, b)

In TOSA these are `maximum` and `minimum`, which take int32; the kernel works on int8.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from adfc.operators.builtin.family import Family
from adfc.operators.geometry import Elementwise
from adfc.operators.library import Extents, LibraryKernel, Numbers
from adfc.operators.operator import Case, Cost, Integers, Levels, Operator

_COST = Cost(
    "assumed: loads and stores of 32 bytes; VMAX_LT of 64 lanes, and two for the clamp, in the "
    "move slot",
    load_a=1,
    load_b=1,
    store=1,
    move=1.5,
)


def _config(extents: Extents, _numbers: Numbers) -> dict[str, Any]:
    return {"count": extents.count, "clamp": [-128, 127]}


def _larger(inputs: tuple[Levels, ...], _integers: Integers) -> Levels:
    return np.maximum(*inputs)


def _smaller(inputs: tuple[Levels, ...], _integers: Integers) -> Levels:
    return np.minimum(*inputs)


def _operator(name: str, *aliases: str) -> Operator:
    return Operator(
        name=f"aten::{name}",
        aliases=tuple(f"aten::{alias}" for alias in aliases),
        tiling=Elementwise(),
        kernel=LibraryKernel(name, _config, f"{__name__}.lowering"),
        reference=_larger if name == "maximum" else _smaller,
        cost=_COST,
        output_scale="input",
        cases=(Case((1, 40)), Case((1, 4, 6, 7))),
    )


FAMILY = Family(
    "extremum",
    (_operator("maximum", "max.other", "fmax"), _operator("minimum", "min.other", "fmin")),
    __doc__ or "",
    Path(__file__).parent,
)
