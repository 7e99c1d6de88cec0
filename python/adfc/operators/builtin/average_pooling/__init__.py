"""Averages over windows of an image, averages and sums over the whole of it.

    torch.nn.functional.adaptive_avg_pool2d(x, 1), avg_pool2d(x, 3), x.mean((2, 3)), x.sum((2, 3))

The values of a window are added in int32; one rescale to the result's scale holds the division.
Over the whole image the kernel is `mean2d` (in TOSA: reduce_sum, for mean.dim and sum too), over
windows `depthwise_conv2d` with weights of 1. Padding counts as zeros.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.operators.builtin.costs import DEPTHWISE
from adfc.operators.builtin.family import Family
from adfc.operators.geometry import Windows
from adfc.operators.library import Constant, Extents, LibraryKernel, Numbers
from adfc.operators.operator import Call, Case, Cost, Integers, Levels, Operator
from adfc.operators.rescale import multiplier_and_shift, rescaled, saturated

_MEAN_COST = Cost(
    "assumed: sums as 64 products with 1 a mac, one rescale",
    mac=2,
    move=3,
    store=4,
    per_read={"mac": 0.5, "load_a": 0.5, "load_b": 0.5},
)

Shapes = tuple[tuple[int, ...], ...]
TilingOf = Callable[[Mapping[str, Any], Shapes], Windows]


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    first, *rest = [value] if isinstance(value, int) else list(value)
    return first, rest[0] if rest else first


def _whole(_arguments: Mapping[str, Any], shapes: Shapes) -> Windows:
    """One window: the image."""
    _, _, rows, columns = shapes[0]
    return Windows((rows, columns), (rows, columns))


def _grid(arguments: Mapping[str, Any], shapes: Shapes) -> Windows:
    """Windows that lie side by side, so many that the result has the size that is asked for."""
    sizes = zip(shapes[0][2:], _pair(arguments["output_size"]), strict=True)
    rows, columns = (size // results for size, results in sizes)
    return Windows((rows, columns), (rows, columns))


def _windows(arguments: Mapping[str, Any], _shapes: Shapes) -> Windows:
    kernel, padding = _pair(arguments["kernel_size"]), _pair(arguments["padding"])
    stride = _pair(arguments["stride"]) if arguments["stride"] else kernel
    return Windows(kernel, stride, (padding[0], padding[0], padding[1], padding[1]))


def _prepare(tiling_of: TilingOf, divides: bool) -> Callable[[Call], Integers]:
    def prepare(call: Call) -> Integers:
        _, rows, columns, channels = call.shapes[0]
        tiling = tiling_of(call.arguments, ((1, channels, rows, columns),))
        divisor = call.arguments.get("divisor_override") or math.prod(tiling.kernel)
        factor = call.input_scales[0] / (divisor if divides else 1) / call.output_scale
        names = ("KERNEL_ROWS", "KERNEL_COLUMNS", "STRIDE_ROWS", "STRIDE_COLUMNS")
        names += ("TOP", "BOTTOM", "LEFT", "RIGHT", "MULTIPLIER", "SHIFT")
        numbers = [*tiling.numbers, *multiplier_and_shift(factor)]
        return Integers(parameters=dict(zip(names, numbers, strict=True)))

    return prepare


def _config_of_mean(extents: Extents, numbers: Numbers) -> dict[str, Any]:
    return {
        "in": list(extents.input),
        "rescale": [numbers["MULTIPLIER"], numbers["SHIFT"]],
        "clamp": [-128, 127],
    }


def _config_of_windows(extents: Extents, _numbers: Numbers) -> dict[str, Any]:
    return {
        "in": list(extents.input),
        "kernel": list(extents.kernel),
        "stride": list(extents.stride),
        "dilation": [1, 1],
        "out": list(extents.output),
        "clamp": [-128, 127],
    }


def _ones(_constant: Constant, numbers: Numbers, _first: int, channels: int) -> NDArray[np.uint8]:
    """A block of weights of 1: bias, multiplier and shift of each channel, then its taps."""
    words = [np.full(channels, n, "<i4") for n in (0, numbers["MULTIPLIER"], numbers["SHIFT"])]
    taps = np.ones(numbers["KERNEL_ROWS"] * numbers["KERNEL_COLUMNS"] * channels, np.uint8)
    return np.concatenate([*(word.view(np.uint8) for word in words), taps])


def _reference(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    p = integers.parameters
    around = ((0, 0), (p["TOP"], p["BOTTOM"]), (p["LEFT"], p["RIGHT"]), (0, 0))
    padded = np.pad(inputs[0].astype(np.int64), around)
    rows, columns = (
        (padded.shape[axis] - p[f"KERNEL_{name}"]) // p[f"STRIDE_{name}"] + 1
        for axis, name in ((1, "ROWS"), (2, "COLUMNS"))
    )
    sums = np.zeros((1, rows, columns, padded.shape[3]), np.int64)
    for y in range(p["KERNEL_ROWS"]):
        for x in range(p["KERNEL_COLUMNS"]):
            taps = padded[:, y :: p["STRIDE_ROWS"], x :: p["STRIDE_COLUMNS"]]
            sums += taps[:, :rows, :columns]
    return saturated(rescaled(sums, p["MULTIPLIER"], p["SHIFT"]))


def _over_image(name: str, *cases: Case, divides: bool = True, variant: str = "") -> Operator:
    return Operator(
        name=f"aten::{name}",
        variant=variant,
        tiling=_whole,
        kernel=LibraryKernel("mean2d", _config_of_mean, f"{__name__}.lowering"),
        prepare=_prepare(_whole, divides),
        reference=_reference,
        cost=_MEAN_COST,
        cases=cases,
    )


def _over_windows(name: str, tiling: TilingOf, *cases: Case, variant: str = "") -> Operator:
    return Operator(
        name=f"aten::{name}",
        variant=variant,
        tiling=tiling,
        kernel=LibraryKernel(
            "depthwise_conv2d", _config_of_windows, f"{__name__}.lowering", weights=_ones
        ),
        prepare=_prepare(tiling, divides=True),
        reference=_reference,
        cost=DEPTHWISE,
        cases=cases,
        sizes="given" if variant else "any",
    )


_AXES = {"dim": [2, 3], "keepdim": True}

FAMILY = Family(
    "average_pooling",
    (
        _over_windows(
            "avg_pool2d",
            _windows,
            Case((1, 6, 9, 9), {"kernel_size": [3, 3], "stride": [2, 2], "padding": [1, 1]}),
            Case((1, 5, 8, 6), {"kernel_size": [2, 2]}),
        ),
        _over_windows(
            "adaptive_avg_pool2d",
            _grid,
            Case((1, 6, 8, 6), {"output_size": [2, 3]}),
            Case((1, 1, 4, 1), {"output_size": [2, 1]}),
            Case((1, 67, 12, 12), {"output_size": [4, 2]}),
            variant="to a grid",
        ),
        _over_image(
            "adaptive_avg_pool2d",
            Case((1, 6, 7, 5), {"output_size": [1, 1]}),
            variant="to one value",
        ),
        _over_image("mean.dim", Case((1, 6, 7, 5), _AXES)),
        _over_image("sum.dim_IntList", Case((1, 6, 7, 5), _AXES), divides=False),
    ),
    __doc__ or "",
    Path(__file__).parent,
)
