"""Global average pooling: an int32 sum over the image and one rescale.

An average over smaller windows would round twice (tosa.avg_pool2d rounds to int8 at the input's
scale), so it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Accumulator, Layout
from adfc.frontend.nodes import arguments, is_feature, op_name, pair, rank_of, shape_of

_HINT = "use AdaptiveAvgPool2d(1), or a window that covers the whole image"


def check(node: Node) -> Refusal | None:
    """Takes averages over the whole of an image."""
    call = arguments(node)
    source = call["self"]
    if not is_feature(source) or rank_of(source) != 4:
        return Refusal("its input is no image of shape (1, C, H, W)", _HINT)
    covers = {
        "aten.adaptive_avg_pool2d.default": _adaptive_covers,
        "aten.avg_pool2d.default": _window_covers,
        "aten.mean.dim": _mean_covers,
    }[op_name(node)]
    if not covers(call, shape_of(source)[2:]):
        return Refusal("it does not average over the whole image", _HINT)
    return None


def _adaptive_covers(call: dict[str, Any], _extents: Sequence[int]) -> bool:
    return pair(call["output_size"]) == (1, 1)


def _window_covers(call: dict[str, Any], extents: Sequence[int]) -> bool:
    divisor = call["divisor_override"]
    return (
        pair(call["kernel_size"]) == tuple(extents)
        and pair(call["padding"]) == (0, 0)
        and divisor in (None, extents[0] * extents[1])
    )


def _mean_covers(call: dict[str, Any], _extents: Sequence[int]) -> bool:
    axes = call["dim"]
    return axes is not None and {axis % 4 for axis in axes} == {2, 3} and call["dtype"] is None


def emit(emission: Emission, node: Node) -> Accumulator:
    """The int32 sum over H and W; its scale holds the division."""
    feature = emission.feature(arguments(node)["self"])
    n, c, h, w = feature.layout.shape
    wide = emission.build.widen(emission.as_image(feature))
    total = emission.build.reduce_sum(emission.build.reduce_sum(wide, axis=1), axis=2)
    layout = Layout(shape_of(node), (n, c, 1, 1))
    scale = np.asarray(np.float64(feature.scale / (h * w)))
    return Accumulator(total, layout, scale, mlir_location(node))


FAMILY = OperatorFamily(
    name="global average",
    targets=frozenset(
        {"aten.adaptive_avg_pool2d.default", "aten.avg_pool2d.default", "aten.mean.dim"}
    ),
    role=Role.RESCALING,
    check=check,
    emit=emit,
)
