"""Functions of one number, as tables of their 256 results (tosa.table).

    abs celu cos elu erf exp gelu hardsigmoid hardswish leaky_relu log_sigmoid mish neg pow rsub
    selu sigmoid silu sin softplus square tanh

There are 256 int8 levels, so any function is such a table; PyTorch itself computes it, in float64.
`pow` has a natural number as its exponent. A clamp that follows goes into the table.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from adfc.operators.builtin.family import Family
from adfc.operators.geometry import Elementwise
from adfc.operators.library import LibraryKernel, count_of
from adfc.operators.operator import Call, Case, Cost, Integers, Operator, apply_table, table_of

_COST = Cost(
    "assumed: 4 look-ups a VLDB.4x, one for each 32-bit lane (llvm-aie), packed to bytes",
    load_a=9,
    load_b=8,
    store=1,
    move=8,
)


def _prepare(name: str) -> Callable[[Call], Integers]:
    def prepare(call: Call) -> Integers:
        # Descriptions can be read without PyTorch; functions are PyTorch's.
        module = importlib.import_module(f"{__name__}.torch_function")
        return table_of(module.real_function(name, call.arguments), call)

    return prepare


def _function(
    name: str, *, in_place: bool = False, arguments: Mapping[str, Any] | None = None
) -> Operator:
    """The function `name`; `arguments` are tried besides its defaults."""
    given = {} if arguments is None else dict(arguments)
    required = name.startswith(("pow", "rsub"))
    operator = f"aten::{name}"
    return Operator(
        name=operator,
        aliases=(f"{operator}_",) if in_place else (),
        tiling=Elementwise(),
        kernel=LibraryKernel("table", count_of, f"{__name__}.lowering", clamps=True),
        prepare=_prepare(operator),
        reference=apply_table,
        cost=_COST,
        cases=(Case((1, 40), given if required else {}), Case((1, 4, 6, 7), given)),
    )


FAMILY = Family(
    "functions",
    (
        _function("abs", in_place=True),
        _function("celu", in_place=True, arguments={"alpha": 0.5}),
        _function("cos"),
        _function("elu", in_place=True, arguments={"alpha": 0.5}),
        _function("erf"),
        _function("exp", in_place=True),
        _function("gelu", arguments={"approximate": "tanh"}),
        _function("hardsigmoid", in_place=True),
        _function("hardswish", in_place=True),
        _function("leaky_relu", in_place=True, arguments={"negative_slope": 0.2}),
        _function("log_sigmoid"),
        _function("mish", in_place=True),
        _function("neg", in_place=True),
        _function("pow.Tensor_Scalar", arguments={"exponent": 3}),
        _function("rsub.Scalar", arguments={"other": 1.5}),
        _function("selu", in_place=True),
        _function("sigmoid", in_place=True),
        _function("silu", in_place=True),
        _function("sin"),
        _function("softplus", arguments={"beta": 2.0}),
        _function("square"),
        _function("tanh", in_place=True),
    ),
    __doc__ or "",
    Path(__file__).parent,
)
