"""Channel shuffle: a 1x1 convolution with weights 0 and 1, which the matrix unit does exactly."""

from __future__ import annotations

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, image_layout
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Feature
from adfc.frontend.nodes import arguments, is_feature, rank_of, shape_of


def check(node: Node) -> Refusal | None:
    """Takes images."""
    source = arguments(node)["self"]
    if not is_feature(source) or rank_of(source) != 4:
        return Refusal("its input is no image of shape (1, C, H, W)")
    return None


def emit(emission: Emission, node: Node) -> Feature:
    """The int8 channels in their new order."""
    call = arguments(node)
    feature = emission.feature(call["self"])
    shape, groups = shape_of(node), call["groups"]
    channels = shape[1]
    order = np.arange(channels).reshape(groups, channels // groups).T.reshape(-1)
    weights = np.eye(channels, dtype=np.int8)[order].reshape(channels, 1, 1, channels)
    sums = emission.build.conv2d(emission.as_image(feature), weights, np.zeros(channels, np.int32))
    levels = emission.build.rescale(sums, np.ones(1), 8, per_channel=False)
    return Feature(levels, image_layout(shape), feature.scale)


FAMILY = OperatorFamily(
    name="channel shuffle",
    targets=frozenset({"aten.channel_shuffle.default"}),
    role=Role.SHARED,
    check=check,
    emit=emit,
)
