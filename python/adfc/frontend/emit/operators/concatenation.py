"""Concatenation: tosa.concat. All parts share one scale, constants too."""

from __future__ import annotations

from torch.fx import Node

from adfc.frontend.emit.emission import Emission, image_layout
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Feature, Layout
from adfc.frontend.nodes import arguments, is_feature, is_parameter, shape_of


def check(node: Node) -> Refusal | None:
    """Takes features, and constants beside them."""
    parts = arguments(node)["tensors"]
    if not all(is_feature(part) or is_parameter(part) for part in parts):
        return Refusal("one of its parts is no float tensor")
    return None


def may_be_wide(node: Node) -> bool:
    """Images may be int16, of which the bytes are put together."""
    parts = arguments(node)["tensors"]
    return len(shape_of(node)) == 4 and all(is_feature(part) for part in parts)


def emit(emission: Emission, node: Node) -> Feature:
    """The parts behind each other."""
    call = arguments(node)
    parts = [emission.feature(part) for part in call["tensors"]]
    shape = shape_of(node)
    axis = call["dim"] % len(shape)
    if len(shape) == 4:
        axis, layout = (0, 3, 1, 2)[axis], image_layout(shape)
        values = [emission.as_image(part) for part in parts]
    elif all(part.layout.is_line for part in parts):
        axis, layout = (0, 3, 2)[axis], Layout.line(shape)
        values = [part.value for part in parts]
    else:
        layout = Layout(shape)
        values = [emission.as_row_major(part) for part in parts]
    return Feature(emission.build.concat(values, axis), layout, parts[0].scale)


FAMILY = OperatorFamily(
    name="concatenation",
    targets=frozenset({"aten.cat.default", "aten.concat.default"}),
    role=Role.SHARED,
    check=check,
    emit=emit,
    wide=may_be_wide,
)
