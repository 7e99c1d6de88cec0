"""Padding by a constant: tosa.pad."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, image_layout
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Feature, Layout
from adfc.frontend.nodes import arguments, is_feature, shape_of
from adfc.model_io import INT8_MAX, INT8_MIN


def check(node: Node) -> Refusal | None:
    """Takes constant padding, and cropping (padding below zero)."""
    call = arguments(node)
    if not is_feature(call["self"]):
        return Refusal("its input is no float tensor that depends on the model's input")
    if call.get("mode", "constant") != "constant":
        return Refusal(f"its mode is '{call['mode']}'", "pad with zeros, or before the model")
    if not np.isfinite(_value(call)):
        return Refusal("its value is not finite")
    return None


def _value(call: dict[str, Any]) -> float:
    return float(call["value"] or 0)


def may_be_wide(node: Node) -> bool:
    """Images may be int16 with zeros around them."""
    return len(shape_of(node)) == 4 and _value(arguments(node)) == 0


def emit(emission: Emission, node: Node) -> Feature:
    """The tensor with the value's nearest level around it."""
    call = arguments(node)
    feature = emission.feature(call["self"])
    rank = len(feature.layout.shape)
    around = [(0, 0)] * rank
    flat = list(call["pad"])
    for i in range(len(flat) // 2):
        around[rank - 1 - i] = (flat[2 * i], flat[2 * i + 1])
    shape = shape_of(node)
    if rank == 4:
        value, layout = emission.as_image(feature), image_layout(shape)
        around = [around[axis] for axis in (0, 2, 3, 1)]
    elif feature.layout.is_line:
        value, layout = feature.value, Layout.line(shape)
        around = [around[0], (0, 0), around[2], around[1]]
    else:
        value, layout = emission.as_row_major(feature), Layout(shape)
    level = int(np.clip(np.rint(_value(call) / feature.scale), INT8_MIN, INT8_MAX))
    return Feature(emission.build.pad(value, around, level), layout, feature.scale)


FAMILY = OperatorFamily(
    name="padding",
    targets=frozenset({"aten.pad.default", "aten.constant_pad_nd.default"}),
    role=Role.SHARED,
    check=check,
    emit=emit,
    wide=may_be_wide,
)
