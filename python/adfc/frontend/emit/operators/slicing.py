"""Parts of a feature: tosa.slice."""

from __future__ import annotations

from torch.fx import Node

from adfc.frontend.emit.emission import Emission, image_layout
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Feature, Layout
from adfc.frontend.nodes import arguments, is_feature, op_name, shape_of


def check(node: Node) -> Refusal | None:
    """Takes neighbouring elements of float features."""
    call = arguments(node)
    if not is_feature(call["self"]):
        return Refusal("its input is no float tensor that depends on the model's input")
    if call.get("step", 1) != 1:
        return Refusal(f"it takes every {call['step']}th element", "use a step of 1")
    if 0 in shape_of(node):
        return Refusal("its result is empty")
    return None


def may_be_wide(node: Node) -> bool:
    """Images may be int16, of which the bytes are taken."""
    return len(shape_of(node)) == 4


def emit(emission: Emission, node: Node) -> Feature:
    """The elements from `start`; a selected axis is dropped."""
    feature = emission.feature(node.args[0])
    source, (axis, start, size) = feature.layout.shape, _range(node, feature.layout.shape)
    shape = tuple(size if i == axis else extent for i, extent in enumerate(source))
    if len(shape) == 4:
        value_axis, layout, value = (0, 3, 1, 2)[axis], image_layout(shape), None
        value = emission.as_image(feature)
    elif feature.layout.is_line:
        value_axis, layout, value = (0, 3, 2)[axis], Layout.line(shape), feature.value
    else:
        value_axis, layout, value = axis, Layout(shape), emission.as_row_major(feature)
    part = Feature(emission.build.slice(value, value_axis, start, size), layout, feature.scale)
    return emission.viewed(part, shape_of(node))


def _range(node: Node, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """(axis, first element, elements) that a call takes of a tensor of that shape."""
    call = arguments(node)
    axis = call["dim"] % len(shape)
    extent = shape[axis]
    if op_name(node) == "aten.select.int":
        return axis, call["index"] % extent, 1
    if op_name(node) == "aten.narrow.default":
        return axis, call["start"] % extent, call["length"]
    start, end = call["start"] or 0, call["end"]
    start = min(max(start + extent if start < 0 else start, 0), extent)
    end = extent if end is None else min(end + extent if end < 0 else end, extent)
    return axis, start, end - start


FAMILY = OperatorFamily(
    name="slicing",
    targets=frozenset({"aten.slice.Tensor", "aten.select.int", "aten.narrow.default"}),
    role=Role.SHARED,
    check=check,
    emit=emit,
    wide=may_be_wide,
)
