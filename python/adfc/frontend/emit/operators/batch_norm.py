"""Batch normalisation: folded into the layer in front of it, else a gain and an offset of each
channel.

Where none can be folded, `row_norms` has computed gain and offset already: channel_affine.
"""

from __future__ import annotations

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, image_layout
from adfc.frontend.emit.operators.channelwise import affine
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Accumulator, Feature
from adfc.frontend.nodes import arguments, is_feature, op_name, rank_of

FOLDABLE = ("aten.conv2d.default", "aten.conv2d.padding", "aten.linear.default")
"""Operators into which prepare_pt2e folds a batch normalisation behind them."""


def check(node: Node) -> Refusal | None:
    """Takes features of shape (1, C) and (1, C, H, W)."""
    call = arguments(node)
    if "gain" in call:
        return None
    if call["training"]:
        return Refusal("it is in training mode", "call .eval() before exporting")
    if not is_feature(call["input"]) or rank_of(call["input"]) not in (2, 4):
        return Refusal("it normalises no tensor of shape (1, C), (1, C, L) or (1, C, H, W)")
    return _check_folding(call["input"])


def _check_folding(producer: Node) -> Refusal | None:
    """Refuses what prepare_pt2e would fold into a layer that something else reads too."""
    if op_name(producer) not in FOLDABLE:
        return None
    if op_name(producer) == "aten.linear.default" and rank_of(producer.args[0]) != 2:
        return Refusal("it normalises another axis than its linear layer's outputs")
    if len(producer.users) > 1:
        return Refusal("the layer in front of it has other users too", "normalise a copy's output")
    weights = producer.args[1]
    if isinstance(weights, Node) and len(weights.users) > 1:
        return Refusal("the layer in front of it shares its weights", "give each use its own layer")
    return None


def emit(emission: Emission, node: Node) -> Accumulator:
    """Gain and offset; where the layer in front can hold them, prepare_pt2e has folded them."""
    call = arguments(node)
    feature = emission.feature(node.args[0])

    def parameter(name: str, default: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        if call[name] is None:
            return np.full_like(variance, default)
        return emission.constant(call[name]).values.astype(np.float64)

    if "gain" in call:
        gain, offset = (
            emission.constant(call[name]).values.astype(np.float64) for name in ("gain", "offset")
        )
    else:
        variance = emission.constant(call["running_var"]).values.astype(np.float64)
        gain = parameter("weight", 1.0) / np.sqrt(variance + call["eps"])
        offset = parameter("bias", 0.0) - gain * parameter("running_mean", 0.0)
    if len(feature.layout.shape) == 4 and feature.layout.image != feature.layout.shape:
        image = emission.as_image(feature)
        feature = Feature(image, image_layout(feature.layout.shape), feature.scale)
    return affine(emission, node, feature, gain, offset)


FAMILY = OperatorFamily(
    name="batch normalisation",
    targets=frozenset({"aten.batch_norm.default", "adfc.channel_affine.default"}),
    role=Role.ELEMENTWISE,
    check=check,
    emit=emit,
)
