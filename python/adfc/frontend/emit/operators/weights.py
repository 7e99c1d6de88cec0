"""What convolution and linear share: int8 weights, integer biases, accumulators that hold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.fx import Node

from adfc.errors import ModelError
from adfc.frontend.emit.emission import Emission
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.locations import source_of
from adfc.frontend.nodes import is_feature, is_parameter

LARGEST_SUM = {8: 2**31 - 1, 16: 2**47 - 1}
"""The largest accumulator for activations of so many bits: int32, int48 (TOSA 1.0, CONV2D)."""


def check_operands(arguments: dict[str, Any]) -> Refusal | None:
    """Refuses anything but a float feature, constant weights and a constant or no bias."""
    if not is_feature(arguments["input"]):
        return Refusal("its input does not depend on the model's input")
    if not is_parameter(arguments["weight"]):
        return Refusal("its weights are computed at run time", "weights must be parameters")
    bias = arguments["bias"]
    if bias is not None and not is_parameter(bias):
        return Refusal("its bias is computed at run time", "biases must be parameters")
    return None


def quantized_weights(
    emission: Emission,
    node: Node,
    weight: Any,
    bias: Any,
    input_scale: float,
    transposed_groups: int = 0,
    bits: int = 8,
) -> tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.float64]]:
    """(weights as stored, bias in accumulator steps, accumulator scale per output channel).

    Where `transposed_groups` is above 0 the weights are (inputs, outputs / groups, ...) and each of
    that many groups uses the same scales. `bits` are the input's. Raises ModelError where a sum
    over the weights might leave the accumulator.
    """
    constant = emission.constant(weight)
    weights, weight_scales = constant.values, constant.scales
    if weights.dtype != np.int8 or weight_scales is None:
        raise ModelError(f"the weights of '{source_of(node).label}' were not quantized")
    scales = np.tile(weight_scales, max(1, transposed_groups)) * input_scale
    steps = np.zeros(len(scales))
    if bias is not None:
        steps = np.rint(emission.constant(bias).values.astype(np.float64) / scales)
    source = source_of(node)
    if not (np.isfinite(scales).all() and np.isfinite(steps).all()):
        raise ModelError(
            f"'{source.label}' ({source.place}): its weights or bias are not all finite",
            hint="load weights without NaN and infinity",
        )
    # An input level is at most 128 in magnitude, or 32768.
    magnitudes = np.abs(weights.astype(np.int64))
    if transposed_groups:
        inputs, each = weights.shape[:2]
        grouped = magnitudes.reshape(transposed_groups, inputs // transposed_groups, each, -1)
        magnitudes = grouped.transpose(0, 2, 1, 3)
    products = (1 << (bits - 1)) * magnitudes.reshape(len(scales), -1).sum(axis=1)
    reach = products + np.abs(steps)
    if not (reach <= LARGEST_SUM[bits]).all():
        channel = int(np.argmax(reach))
        raise ModelError(
            f"'{source.label}' ({source.place}): output channel {channel} may overflow "
            f"{32 if bits == 8 else 48} bits",
            hint="its bias is far larger than its products; check the weights and the calibration",
        )
    return weights, steps.astype(np.int64), scales
