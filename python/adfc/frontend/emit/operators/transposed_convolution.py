"""2-d transposed convolution: tosa.transpose_conv2d, int8 x int8 -> int32."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, image_layout, mlir_location
from adfc.frontend.emit.operators.weights import check_operands, quantized_weights
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Accumulator
from adfc.frontend.nodes import arguments, pair, rank_of, shape_of


def check(node: Node) -> Refusal | None:
    """Takes rank-4 inputs with constant weights and padding below the kernel's reach."""
    call = arguments(node)
    if rank_of(call["input"]) != 4:
        return Refusal("its input has no batch axis", "pass a tensor of shape (1, C, H, W)")
    refusal = check_operands(call)
    if refusal is not None:
        return refusal
    padding, reach = pair(call["padding"]), _reach(call, shape_of(call["weight"])[2:])
    if any(pad >= span for pad, span in zip(padding, reach, strict=True)):
        return Refusal("its padding removes whole kernels", "use padding below the kernel's size")
    return None


def _reach(call: dict[str, Any], kernel: tuple[int, ...]) -> tuple[int, int]:
    dilation = pair(call["dilation"])
    return (dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1)


def emit(emission: Emission, node: Node) -> Accumulator:
    """The int32 accumulator."""
    call = arguments(node)
    feature = emission.feature(call["input"])
    weights, bias, scales = quantized_weights(
        emission, node, call["weight"], call["bias"], feature.scale, call["groups"]
    )
    padding, extra = pair(call["padding"]), pair(call["output_padding"])
    kernel = _kernel(weights, call)
    pad = (-padding[0], extra[0] - padding[0], -padding[1], extra[1] - padding[1])
    shape = shape_of(node)
    sums = emission.build.transpose_conv2d(
        emission.as_image(feature),
        kernel,
        bias,
        shape=(shape[0], shape[2], shape[3], shape[1]),
        pad=pad,
        stride=pair(call["stride"]),
    )
    return Accumulator(sums, image_layout(shape), scales, mlir_location(node))


def _kernel(weights: NDArray[np.int8], call: dict[str, Any]) -> NDArray[np.int8]:
    """OHWI weights over all channels, dilated, of weights (I, O / groups, H, W)."""
    groups, (rows, columns) = call["groups"], _reach(call, weights.shape[2:])
    inputs, each = weights.shape[:2]
    dense = np.zeros((groups * each, rows, columns, inputs), np.int8)
    step = pair(call["dilation"])
    for group in range(groups):
        own = slice(group * inputs // groups, (group + 1) * inputs // groups)
        dense[group * each : (group + 1) * each, :: step[0], :: step[1], own] = weights[
            own
        ].transpose(1, 2, 3, 0)
    return dense


FAMILY = OperatorFamily(
    name="transposed convolution",
    targets=frozenset({"aten.conv_transpose2d.input"}),
    role=Role.WEIGHTED,
    weights_axis=1,
    check=check,
    emit=emit,
)
