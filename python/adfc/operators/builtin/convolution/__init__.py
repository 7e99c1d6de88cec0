"""Convolutions of images with constant weights: conv2d.

    torch.nn.functional.conv2d(x, weight, bias, stride=2, padding=1)

int8 products are added in int32 to the bias; each channel has one rescale to the result's scale.
The kernel is `conv2d`: a product of matrices. Where each channel has weights for itself alone
(groups as many as channels) it is `depthwise_conv2d`; other groups are a dense convolution whose
weights are zero between them. A call may also see some input channels only, and keep the sums for
the next; that is the same kernel, which is described here with all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.operators.builtin import weights
from adfc.operators.builtin.costs import DENSE, DEPTHWISE
from adfc.operators.builtin.family import Family
from adfc.operators.builtin.weights import Weights
from adfc.operators.geometry import Filters, Windows
from adfc.operators.library import Extents, LibraryKernel, Numbers
from adfc.operators.operator import Call, Case, Integers, Levels, Operator

Shapes = tuple[tuple[int, ...], ...]
_FIELDS = ("KERNEL", "STRIDE", "DILATION", "BEFORE", "AFTER")


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    first, *rest = [value] if isinstance(value, int) else list(value)
    return first, rest[0] if rest else first


def _around(arguments: Mapping[str, Any], kernel: tuple[int, int]) -> tuple[int, int, int, int]:
    padding, dilation = arguments["padding"], _pair(arguments["dilation"])
    if padding == "valid":
        return (0, 0, 0, 0)
    if padding == "same":
        # PyTorch puts the odd element behind.
        totals = [step * (size - 1) for step, size in zip(dilation, kernel, strict=True)]
        (top, bottom), (left, right) = ((n // 2, n - n // 2) for n in totals)
        return (top, bottom, left, right)
    rows, columns = _pair(padding)
    return (rows, rows, columns, columns)


def _dense(arguments: Mapping[str, Any], shapes: Shapes) -> Filters:
    kernel = _pair(shapes[1][2:])
    stride, dilation = _pair(arguments["stride"]), _pair(arguments["dilation"])
    return Filters(kernel, stride, _around(arguments, kernel), dilation)


def _depthwise(arguments: Mapping[str, Any], shapes: Shapes) -> Windows:
    filters = _dense(arguments, shapes)
    return Windows(filters.kernel, filters.stride, filters.padding)


def _prepare(call: Call) -> Integers:
    real, groups = call.parameters["weight"].astype(np.float64), call.arguments["groups"]
    filters = _dense(call.arguments, ((), real.shape))
    outputs, inputs = real.shape[:2]
    if inputs > 1 and groups > 1:
        whole = np.zeros((outputs, groups * inputs, *real.shape[2:]))
        for group, rows in enumerate(np.split(np.arange(outputs), groups)):
            whole[rows, group * inputs : (group + 1) * inputs] = real[rows]
        real = whole
    pads = filters.padding
    pairs = (filters.kernel, filters.stride, filters.dilation, pads[::2], pads[1::2])
    numbers = {
        f"{name}_{axis}": pair[i]
        for name, pair in zip(_FIELDS, pairs, strict=True)
        for i, axis in enumerate(("ROWS", "COLUMNS"))
    }
    return weights.quantized(call, real.transpose(0, 2, 3, 1), **numbers)


def _config(extents: Extents, numbers: Numbers) -> dict[str, Any]:
    return {
        "in": list(extents.input),
        "kernel": list(extents.kernel),
        "stride": list(extents.stride),
        "dilation": [numbers["DILATION_ROWS"], numbers["DILATION_COLUMNS"]],
        "out": list(extents.output),
        "clamp": [-128, 127],
    }


def _config_of_dense(extents: Extents, numbers: Numbers) -> dict[str, Any]:
    return {**_config(extents, numbers), "accumulate": False}


def _taps(image: Levels, p: Numbers) -> list[tuple[int, int, NDArray[np.int64]]]:
    """(row and column of the kernel, the values that it meets there)."""
    around = [(0, 0), *((p[f"BEFORE_{n}"], p[f"AFTER_{n}"]) for n in ("ROWS", "COLUMNS")), (0, 0)]
    padded = np.pad(image.astype(np.int64), around)
    reach = [p[f"DILATION_{n}"] * (p[f"KERNEL_{n}"] - 1) for n in ("ROWS", "COLUMNS")]
    found: list[tuple[int, int, NDArray[np.int64]]] = []
    for y in range(p["KERNEL_ROWS"]):
        for x in range(p["KERNEL_COLUMNS"]):
            top, left = y * p["DILATION_ROWS"], x * p["DILATION_COLUMNS"]
            bottom = padded.shape[1] - reach[0] + top
            right = padded.shape[2] - reach[1] + left
            rows = slice(top, bottom, p["STRIDE_ROWS"])
            found.append((y, x, padded[:, rows, left : right : p["STRIDE_COLUMNS"]]))
    return found


def _sums_of_dense(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    held = Weights.of(integers.constant, integers.parameters)
    taps = _taps(inputs[0], integers.parameters)
    products = [values @ held.levels[:, y, x].T.astype(np.int64) for y, x, values in taps]
    return held.finished(np.stack(products).sum(axis=0))


def _sums_of_depthwise(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    held = Weights.of(integers.constant, integers.parameters)
    taps = _taps(inputs[0], integers.parameters)
    products = [values * held.levels[:, y, x, 0] for y, x, values in taps]
    return held.finished(np.stack(products).sum(axis=0))


def _case(
    image: tuple[int, int, int],
    shape: tuple[int, int, int, int],
    bias: bool = True,
    **arguments: Any,
) -> Case:
    held = {"weight": weights.exact(*shape)}
    if bias:
        held["bias"] = weights.biases(shape[0])
    return Case((1, *image), arguments, parameters=held)


def _operator(name: str, *cases: Case, depthwise: bool = False) -> Operator:
    tiling: Callable[[Mapping[str, Any], Shapes], Any] = _depthwise if depthwise else _dense
    return Operator(
        name=f"aten::{name}",
        variant="a kernel for each channel" if depthwise else "of all channels",
        tiling=tiling,
        kernel=LibraryKernel(
            "depthwise_conv2d" if depthwise else "conv2d",
            _config if depthwise else _config_of_dense,
            f"{__name__}.lowering",
            clamps=True,
            weights=weights.depthwise_block if depthwise else weights.dense_block,
            weights_axis=0,
        ),
        prepare=_prepare,
        reference=_sums_of_depthwise if depthwise else _sums_of_dense,
        cost=DEPTHWISE if depthwise else DENSE,
        cases=cases,
        sizes="given",
    )


FAMILY = Family(
    "convolution",
    (
        _operator(
            "conv2d",
            _case((6, 9, 7), (11, 6, 3, 3), stride=[2, 2], padding=[1, 1]),
            _case((3, 5, 6), (8, 3, 1, 1), bias=False),
            _case((8, 9, 11), (12, 4, 3, 2), dilation=[2, 3], groups=2),
            _case((1, 1, 1), (1, 1, 1, 1)),
            _case((32, 26, 26), (24, 32, 3, 3), padding=[1, 1]),
        ),
        _operator("conv2d.padding", _case((6, 8, 7), (9, 6, 3, 3), padding="same")),
        _operator(
            "conv2d",
            _case((6, 9, 7), (6, 1, 3, 3), stride=[2, 2], padding=[1, 1], groups=6),
            _case((17, 5, 6), (17, 1, 2, 3), bias=False, groups=17),
            _case((32, 28, 28), (32, 1, 3, 3), padding=[1, 1], groups=32),
            depthwise=True,
        ),
    ),
    __doc__ or "",
    Path(__file__).parent,
)
