"""Fully connected layers with constant weights: linear.

    torch.nn.functional.linear(x, weight, bias)

Each row of the last axis is a pixel of a 1x1 convolution: int8 products are added in int32 to the
bias, each channel has one rescale. The kernel is `conv2d`. A flattened image is read where it lies,
by a kernel of the image's size.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from adfc.operators.builtin import weights
from adfc.operators.builtin.costs import DENSE
from adfc.operators.builtin.family import Family
from adfc.operators.builtin.weights import Weights
from adfc.operators.geometry import Rows
from adfc.operators.library import Extents, LibraryKernel, Numbers
from adfc.operators.operator import Call, Case, Integers, Levels, Operator


def _prepare(call: Call) -> Integers:
    real = call.parameters["weight"].astype(np.float64)
    return weights.quantized(call, real[:, None, None, :])


def _config(extents: Extents, _numbers: Numbers) -> dict[str, Any]:
    return {
        "in": list(extents.input),
        "kernel": [1, 1],
        "stride": [1, 1],
        "dilation": [1, 1],
        "out": list(extents.output),
        "clamp": [-128, 127],
        "accumulate": False,
    }


def _reference(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    held = Weights.of(integers.constant, integers.parameters)
    return held.finished(inputs[0].astype(np.int64) @ held.levels[:, 0, 0].T.astype(np.int64))


def _case(rows: int, inputs: int, outputs: int, bias: bool = True) -> Case:
    held = {"weight": weights.exact(outputs, inputs)}
    if bias:
        held["bias"] = weights.biases(outputs)
    return Case((1, rows, inputs), parameters=held)


FAMILY = Family(
    "linear",
    (
        Operator(
            name="aten::linear",
            tiling=Rows(),
            kernel=LibraryKernel(
                "conv2d",
                _config,
                f"{__name__}.lowering",
                clamps=True,
                weights=weights.dense_block,
                weights_axis=0,
            ),
            prepare=_prepare,
            reference=_reference,
            cost=DENSE,
            cases=(_case(5, 13, 11), _case(1, 1, 1), _case(7, 256, 40, bias=False)),
        ),
    ),
    __doc__ or "",
    Path(__file__).parent,
)
