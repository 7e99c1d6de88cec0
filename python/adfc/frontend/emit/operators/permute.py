"""Permutations of axes: noted in the layout; emitted only where somebody needs another order."""

from __future__ import annotations

from torch.fx import Node

from adfc.frontend.emit.emission import Emission
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Feature, Layout
from adfc.frontend.nodes import arguments, is_feature, op_name, rank_of, shape_of


def check(node: Node) -> Refusal | None:
    """Takes float features of any shape."""
    if not is_feature(node.args[0]):
        return Refusal("its input is no float tensor that depends on the model's input")
    return None


def _dims(node: Node) -> tuple[int, ...]:
    """Axis i of the result is axis dims[i] of the operand."""
    call, rank = arguments(node), rank_of(node)
    name = op_name(node)
    if name == "aten.permute.default":
        return tuple(axis % rank for axis in call["dims"])
    axes = list(range(rank))
    if rank > 1:
        first, second = (call["dim0"], call["dim1"]) if "dim0" in call else (0, 1)
        axes[first], axes[second] = axes[second], axes[first]
    return tuple(axes)


def emit(emission: Emission, node: Node) -> Feature:
    """The same value, whose axes have other names."""
    feature = emission.feature(node.args[0])
    dims = _dims(node)
    value, order = emission.ordered(feature)
    return Feature(
        value,
        Layout(shape_of(node), order=tuple(dims.index(axis) for axis in order)),
        feature.scale,
    )


FAMILY = OperatorFamily(
    name="permutation",
    targets=frozenset(
        {
            "aten.permute.default",
            "aten.transpose.int",
            "aten.t.default",
        }
    ),
    role=Role.SHARED,
    check=check,
    emit=emit,
)
