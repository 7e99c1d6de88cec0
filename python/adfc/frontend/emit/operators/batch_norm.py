"""Batch normalisation: folded into the layer in front of it, never emitted."""

from __future__ import annotations

from torch.fx import Node

from adfc.frontend.emit.emission import Emission
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import GraphValue
from adfc.frontend.nodes import arguments, op_name, rank_of

_FOLDABLE = ("aten.conv2d.default", "aten.conv2d.padding", "aten.linear.default")


def check(node: Node) -> Refusal | None:
    """Takes what can be folded without touching another use of the producer or of its weights."""
    call = arguments(node)
    if call["training"]:
        return Refusal("it is in training mode", "call .eval() before exporting")
    producer = call["input"]
    if not isinstance(producer, Node) or op_name(producer) not in _FOLDABLE:
        return Refusal(
            "it does not follow a convolution or linear layer", "place it right behind one"
        )
    if op_name(producer) == "aten.linear.default" and rank_of(producer.args[0]) != 2:
        return Refusal("it normalises another axis than its linear layer's outputs")
    if len(producer.users) > 1:
        return Refusal("the layer in front of it has other users too", "normalise a copy's output")
    weights = producer.args[1]
    if isinstance(weights, Node) and len(weights.users) > 1:
        return Refusal("the layer in front of it shares its weights", "give each use its own layer")
    return None


def emit(_emission: Emission, node: Node) -> GraphValue:
    """Never called: prepare_pt2e folds what `check` accepts."""
    raise AssertionError(f"{node.format_node()} was not folded")


FAMILY = OperatorFamily(
    name="batch normalisation",
    targets=frozenset({"aten.batch_norm.default"}),
    role=Role.FOLDED,
    check=check,
    emit=emit,
)
