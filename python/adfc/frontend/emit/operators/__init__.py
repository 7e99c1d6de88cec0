"""All operator families; each stands in one file."""

from __future__ import annotations

from torch.fx import Node

from adfc.frontend.emit.operators import (
    activation,
    addition,
    average,
    batch_norm,
    channel_shuffle,
    concatenation,
    constant_addition,
    convolution,
    embedding,
    extremum,
    identity,
    linear,
    matmul,
    max_pool,
    multiplication,
    normalization,
    package,
    padding,
    permute,
    pointwise,
    prelu,
    reshape,
    resize,
    slicing,
    softmax,
    transposed_convolution,
)
from adfc.frontend.emit.registry import OperatorFamily
from adfc.frontend.nodes import op_name

FAMILIES: tuple[OperatorFamily, ...] = (
    convolution.FAMILY,
    transposed_convolution.FAMILY,
    linear.FAMILY,
    embedding.FAMILY,
    batch_norm.FAMILY,
    activation.FAMILY,
    addition.FAMILY,
    constant_addition.FAMILY,
    multiplication.FAMILY,
    matmul.FAMILY,
    softmax.FAMILY,
    normalization.FAMILY,
    extremum.FAMILY,
    pointwise.FAMILY,
    prelu.FAMILY,
    max_pool.FAMILY,
    average.FAMILY,
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
