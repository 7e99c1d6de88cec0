"""Hard-swish, x * min(max(x + 3, 0), 6) / 6, by a table of its 256 results.

    import adfc_hard_swish
    y = adfc_hard_swish.hard_swish(x)

Each int8 level has one result, rounded half to even, so the result is as good as int8 allows.
"""

from __future__ import annotations

from pathlib import Path

import torch

from adfc.operators import (
    Call,
    Case,
    CKernel,
    Cost,
    Elementwise,
    Integers,
    Operator,
    apply_table,
    table_of,
)


@torch.library.custom_op("adfc_examples::hard_swish", mutates_args=())
def hard_swish(x: torch.Tensor) -> torch.Tensor:
    """Hard-swish of each element."""
    return torch.nn.functional.hardswish(x)


@hard_swish.register_fake
def _(x: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(x)


def _prepare(call: Call) -> Integers:
    return table_of(lambda x: x * (x + 3).clip(0, 6) / 6, call)


OPERATOR = Operator(
    name="adfc_examples::hard_swish",
    tiling=Elementwise(),
    kernel=CKernel.read(Path(__file__).with_name("table.c"), "table"),
    prepare=_prepare,
    reference=apply_table,
    cost=Cost(
        "assumed: as adfc's own table kernel, 4 look-ups a load",
        load_a=9,
        load_b=8,
        store=1,
        move=8,
    ),
    cases=(Case((1, 16)), Case((1, 8, 5, 7))),
)
