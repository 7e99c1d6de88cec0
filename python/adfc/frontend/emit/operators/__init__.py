"""All operator families: each stands in one file, or in a folder of adfc.operators.builtin."""

from __future__ import annotations

from torch.fx import Node

from adfc.frontend.emit.operators import (
    activation,
    argmax,
    batch_norm,
    channel_shuffle,
    concatenation,
    constant_addition,
    embedding,
    identity,
    package,
    padding,
    permute,
    prelu,
    reshape,
    slicing,
    transposed_convolution,
)
from adfc.frontend.emit.operators.described import built_in
from adfc.frontend.emit.registry import OperatorFamily
from adfc.frontend.nodes import op_name

FAMILIES: tuple[OperatorFamily, ...] = (
    *built_in("convolution"),
    transposed_convolution.FAMILY,
    *built_in("linear"),
    embedding.FAMILY,
    batch_norm.FAMILY,
    activation.FAMILY,
    *built_in("arithmetic"),
    constant_addition.FAMILY,
    *built_in("matrix_product"),
    *built_in("softmax"),
    *built_in("normalization"),
    *built_in("extremum"),
    *built_in("functions"),
    prelu.FAMILY,
    *built_in("max_pooling"),
    *built_in("average_pooling"),
    argmax.FAMILY,
    *built_in("resize"),
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
