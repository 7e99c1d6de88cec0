"""Embeddings: tosa.gather from an int8 table, by int32 indices that are an input of the program."""

from __future__ import annotations

import numpy as np
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import GraphInput, Layout, Rows
from adfc.frontend.nodes import arguments, is_index_input, is_parameter, shape_of


def check(node: Node) -> Refusal | None:
    """Takes a constant table, and indices that are an input."""
    call = arguments(node)
    if not is_parameter(call["weight"]):
        return Refusal("its table is computed at run time", "the table must be a parameter")
    if not is_index_input(call["indices"]):
        return Refusal("its indices are no input of the model", "pass the indices as an input")
    return None


def emit(emission: Emission, node: Node) -> Rows:
    """The rows, once the result's scale is known."""
    call = arguments(node)
    indices = emission.value(call["indices"])
    assert isinstance(indices, GraphInput), "a call that was refused"
    table = emission.constant(call["weight"]).values.astype(np.float64)
    return Rows(indices.argument, table, Layout(shape_of(node)), mlir_location(node))


FAMILY = OperatorFamily(
    name="embedding",
    targets=frozenset({"aten.embedding.default"}),
    role=Role.RESCALING,
    check=check,
    emit=emit,
)
