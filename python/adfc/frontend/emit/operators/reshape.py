"""Views: the same elements under another shape; emitted only where row-major order is needed."""

from __future__ import annotations

from torch.fx import Node

from adfc.frontend.emit.emission import Emission
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role, any_wide
from adfc.frontend.emit.values import Feature
from adfc.frontend.nodes import is_feature, shape_of


def check(node: Node) -> Refusal | None:
    """Takes float features of any shape."""
    if not is_feature(node.args[0]):
        return Refusal("its input is no float tensor that depends on the model's input")
    return None


def emit(emission: Emission, node: Node) -> Feature:
    """The same feature, viewed under the node's shape."""
    return emission.viewed(emission.feature(node.args[0]), shape_of(node))


FAMILY = OperatorFamily(
    name="reshape",
    targets=frozenset(
        {
            "aten.flatten.using_ints",
            "aten.view.default",
            "aten.reshape.default",
            "aten.squeeze.default",
            "aten.squeeze.dim",
            "aten.squeeze.dims",
            "aten.unflatten.int",
            "aten.unsqueeze.default",
        }
    ),
    role=Role.SHARED,
    check=check,
    emit=emit,
    wide=any_wide,
)
