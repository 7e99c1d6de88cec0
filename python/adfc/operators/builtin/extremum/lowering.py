"""The larger or smaller of two features at one scale: tosa.maximum and tosa.minimum, which take
int32."""

from __future__ import annotations

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Feature
from adfc.frontend.nodes import arguments, is_feature, op_name, shape_of


def check(node: Node) -> Refusal | None:
    """Takes two features."""
    call = arguments(node)
    if not (is_feature(call["self"]) and is_feature(call["other"])):
        return Refusal("one of its operands is no activation", "use clamp for a number")
    return None


def emit(emission: Emission, node: Node) -> Feature:
    """The int8 values; the scale stays."""
    call = arguments(node)
    left, right = emission.feature(call["self"]), emission.feature(call["other"])
    layout, values = emission.in_one_layout(left, right, shape_of(node))
    largest = "max" in op_name(node)
    combine = emission.build.maximum if largest else emission.build.minimum
    best = combine(*(emission.build.widen(value) for value in values))
    levels = emission.build.rescale(best, np.ones(1), 8, per_channel=False)
    return Feature(levels, layout, left.scale)
