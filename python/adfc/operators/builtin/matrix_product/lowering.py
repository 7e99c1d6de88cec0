"""Products of two activations: tosa.matmul on int8, one product for each element of the batch.

Activations have their batch (the heads of attention) between rows and channels on the array, so
transpositions stand around the product; where they undo a permutation of the model, both vanish.
"""

from __future__ import annotations

import math

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Accumulator, Feature, Layout, Value
from adfc.frontend.nodes import arguments, is_feature, rank_of, shape_of


def _operands(node: Node) -> tuple[Node, Node]:
    left, right, *_ = arguments(node).values()
    return left, right


def check(node: Node) -> Refusal | None:
    """Takes two features of one rank and one batch."""
    left, right = _operands(node)
    if not (is_feature(left) and is_feature(right)):
        return Refusal("one of its operands is constant", "use Linear for products with parameters")
    if not 2 <= rank_of(left) == rank_of(right):
        return Refusal("its operands differ in rank", "give both the same batch axes")
    if shape_of(left)[:-2] != shape_of(right)[:-2]:
        return Refusal("its operands differ in their batch axes", "expand them before")
    return None


def emit(emission: Emission, node: Node) -> Accumulator:
    """The int32 products."""
    left, right = (emission.feature(operand) for operand in _operands(node))
    shape = shape_of(node)
    rank = len(shape)
    batch = math.prod(shape[:-2])
    between = (rank - 2, *range(rank - 2), rank - 1)
    first = _batched(emission, left, between, batch, (1, 0, 2))
    # Whichever axis its values lie along: the depth, or the columns.
    across = (rank - 1, *range(rank - 2), rank - 2)
    if emission.last_axis(right) == rank - 2:
        second = _batched(emission, right, across, batch, (1, 2, 0))
    else:
        second = _batched(emission, right, between, batch, (1, 0, 2))
    products = emission.build.matmul(first, second)
    if batch > 1:
        products = emission.build.transpose(products, (1, 0, 2))
    layout = Layout(shape, order=between)
    products = emission.build.reshape(products, layout.value_shape)
    scale = np.asarray(np.float64(left.scale * right.scale))
    return Accumulator(products, layout, scale, mlir_location(node))


def _batched(
    emission: Emission,
    feature: Feature,
    order: tuple[int, ...],
    batch: int,
    permutation: tuple[int, ...],
) -> Value:
    """The feature with its axes in `order`, as rank 3 with the batch in the middle, permuted."""
    shape = feature.layout.shape
    value = emission.in_order(feature, order)
    outer, inner = shape[order[0]], shape[order[-1]]
    if batch == 1 and permutation == (1, 0, 2):
        return emission.build.reshape(value, (1, outer, inner))
    return emission.build.transpose(
        emission.build.reshape(value, (outer, batch, inner)), permutation
    )
