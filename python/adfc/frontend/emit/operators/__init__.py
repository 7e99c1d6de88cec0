"""All operator families: each stands in one file, or in a folder of adfc.operators.builtin."""

from __future__ import annotations

from torch.fx import Node

from adfc.frontend.emit.operators import (
    activation,
    batch_norm,
    channel_shuffle,
    concatenation,
    constant_addition,
    convolution,
    embedding,
    identity,
    linear,
    matmul,
    normalization,
    package,
    padding,
    permute,
    prelu,
    reshape,
    resize,
    slicing,
    softmax,
    transposed_convolution,
)
from adfc.frontend.emit.operators.described import built_in
from adfc.frontend.emit.registry import OperatorFamily
from adfc.frontend.nodes import op_name

FAMILIES: tuple[OperatorFamily, ...] = (
    convolution.FAMILY,
    transposed_convolution.FAMILY,
    linear.FAMILY,
    embedding.FAMILY,
    batch_norm.FAMILY,
    activation.FAMILY,
    *built_in("arithmetic"),
    constant_addition.FAMILY,
    matmul.FAMILY,
    softmax.FAMILY,
    normalization.FAMILY,
    *built_in("extremum"),
    *built_in("functions"),
    prelu.FAMILY,
    *built_in("max_pooling"),
    *built_in("average_pooling"),
    resize.FAMILY,
    concatenation.FAMILY,
    slicing.FAMILY,
    channel_shuffle.FAMILY,
    padding.FAMILY,
    reshape.FAMILY,
    permute.FAMILY,
    identity.FAMILY,
)

_BY_TARGET = {target: family for family in FAMILIES for target in family.targets}


def family_of(node: Node) -> OperatorFamily | None:
    """The family that handles a node's operator; None where there is none."""
    if node.op != "call_function":
        return None
    name = op_name(node)
    return _BY_TARGET.get(name) or package.family_of(name)
