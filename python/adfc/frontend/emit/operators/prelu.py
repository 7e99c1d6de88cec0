"""PReLU: a table where all slopes are equal, else relu(x) + slope[c] * min(x, 0)."""

from __future__ import annotations

import numpy as np
import torch
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, image_layout, mlir_location
from adfc.frontend.emit.operators.channelwise import affine
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Accumulator, Feature, Lookup
from adfc.frontend.nodes import arguments, is_feature, is_parameter
from adfc.model_io import INT8_MAX, INT8_MIN
from adfc.operators.builtin.arithmetic.addition import summed


def check(node: Node) -> Refusal | None:
    """Takes constant slopes."""
    call = arguments(node)
    if not is_feature(call["self"]):
        return Refusal("its input is no float tensor that depends on the model's input")
    if not is_parameter(call["weight"]):
        return Refusal("its slopes are computed at run time", "slopes must be parameters")
    return None


def emit(emission: Emission, node: Node) -> Accumulator | Lookup:
    """A table, or the sum of both sides of zero."""
    call = arguments(node)
    feature = emission.feature(call["self"])
    slopes = emission.constant(call["weight"]).values.astype(np.float64).reshape(-1)
    if (slopes == slopes[0]).all():
        slope = float(slopes[0])

        def function(values: torch.Tensor) -> torch.Tensor:
            return torch.where(values < 0, slope * values, values)

        return Lookup(feature.value, feature.layout, feature.scale, function, mlir_location(node))
    if len(feature.layout.shape) == 4:
        feature = Feature(
            emission.as_image(feature), image_layout(feature.layout.shape), feature.scale
        )
    build = emission.build
    above = Feature(build.clamp(feature.value, 0, INT8_MAX), feature.layout, feature.scale)
    below = Feature(build.clamp(feature.value, INT8_MIN, 0), feature.layout, feature.scale)
    sloped = affine(emission, node, below, slopes, np.zeros_like(slopes))
    # |slope * x| is at most 128 levels of this scale.
    scale = feature.scale * float(np.exp2(np.ceil(np.log2(max(np.abs(slopes).max(), 2.0**-20)))))
    return summed(emission, node, above, emission.quantize(sloped, scale))


FAMILY = OperatorFamily(
    name="prelu",
    targets=frozenset({"aten.prelu.default"}),
    role=Role.ELEMENTWISE,
    check=check,
    emit=emit,
)
