"""The largest value of a window that slides over an image: max_pool2d.

    torch.nn.functional.max_pool2d(x, 3, stride=2, padding=1)

Padding never wins, and the scale stays. In TOSA this is `max_pool2d` on int8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from adfc.operators.builtin.family import Family
from adfc.operators.geometry import Windows
from adfc.operators.library import Extents, LibraryKernel, Numbers
from adfc.operators.operator import Call, Case, Cost, Integers, Levels, Operator

_COST = Cost(
    "assumed: VMAX_LT of 64 lanes in the move slot, loads on both ports, half of them kept for the "
    "next window",
    store=1,
    per_read={"move": 0.5, "load_a": 0.25, "load_b": 0.25},
)


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    first, *rest = [value] if isinstance(value, int) else list(value)
    return first, rest[0] if rest else first


def _tiling(arguments: Mapping[str, Any], _shapes: Any = ()) -> Windows:
    kernel, padding = _pair(arguments["kernel_size"]), _pair(arguments["padding"])
    stride = _pair(arguments["stride"]) if arguments["stride"] else kernel
    return Windows(kernel, stride, (padding[0], padding[0], padding[1], padding[1]))


def _prepare(call: Call) -> Integers:
    tiling = _tiling(call.arguments)
    names = ("KERNEL_ROWS", "KERNEL_COLUMNS", "STRIDE_ROWS", "STRIDE_COLUMNS")
    names += ("TOP", "BOTTOM", "LEFT", "RIGHT")
    return Integers(parameters=dict(zip(names, tiling.numbers, strict=True)))


def _config(extents: Extents, _numbers: Numbers) -> dict[str, Any]:
    return {
        "in": list(extents.input),
        "kernel": list(extents.kernel),
        "stride": list(extents.stride),
        "out": list(extents.output),
    }


def _reference(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    p = integers.parameters
    around = ((0, 0), (p["TOP"], p["BOTTOM"]), (p["LEFT"], p["RIGHT"]), (0, 0))
    padded = np.pad(inputs[0], around, constant_values=-128)
    rows, columns = (
        (padded.shape[axis] - p[f"KERNEL_{name}"]) // p[f"STRIDE_{name}"] + 1
        for axis, name in ((1, "ROWS"), (2, "COLUMNS"))
    )
    largest = np.full((1, rows, columns, padded.shape[3]), -128, np.int8)
    for y in range(p["KERNEL_ROWS"]):
        for x in range(p["KERNEL_COLUMNS"]):
            taps = padded[:, y :: p["STRIDE_ROWS"], x :: p["STRIDE_COLUMNS"]]
            largest = np.maximum(largest, taps[:, :rows, :columns])
    return largest


FAMILY = Family(
    "max_pooling",
    (
        Operator(
            name="aten::max_pool2d",
            tiling=_tiling,
            kernel=LibraryKernel("max_pool2d", _config, f"{__name__}.lowering"),
            prepare=_prepare,
            reference=_reference,
            cost=_COST,
            output_scale="input",
            cases=(
                Case((1, 6, 9, 9), {"kernel_size": [3, 3], "stride": [2, 2], "padding": [1, 1]}),
                Case((1, 5, 8, 6), {"kernel_size": [2, 2]}),
            ),
        ),
    ),
    __doc__ or "",
    Path(__file__).parent,
)
