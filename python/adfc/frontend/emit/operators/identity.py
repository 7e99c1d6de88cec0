"""Operators that do nothing in inference."""

from __future__ import annotations

from torch.fx import Node

from adfc.frontend.emit.emission import Emission
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role, any_wide
from adfc.frontend.emit.values import Feature
from adfc.frontend.nodes import arguments, is_feature


def check(node: Node) -> Refusal | None:
    """Takes dropout in inference mode, and copies."""
    if not is_feature(node.args[0]):
        return Refusal("its input is no float tensor that depends on the model's input")
    if arguments(node).get("train"):
        return Refusal("it is in training mode", "call .eval() before exporting")
    return None


def emit(emission: Emission, node: Node) -> Feature:
    """The input itself."""
    return emission.feature(node.args[0])


FAMILY = OperatorFamily(
    name="identity",
    targets=frozenset(
        {
            "aten.alias.default",
            "aten.clone.default",
            "aten.contiguous.default",
            "aten.detach.default",
            "aten.detach_.default",
            "aten.dropout.default",
            "aten.dropout_.default",
            "aten.feature_dropout.default",
            "aten.feature_dropout_.default",
        }
    ),
    role=Role.SHARED,
    check=check,
    emit=emit,
    wide=any_wide,
)
