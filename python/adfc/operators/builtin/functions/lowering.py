"""Functions of one number: tosa.table.

There are 256 int8 levels, so any function is a table of its results, computed by PyTorch itself in
float64. A clamp behind the function goes into the table.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.fx import Node

from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.emit.values import Lookup
from adfc.frontend.nodes import arguments, is_feature, op_name


def check(node: Node) -> Refusal | None:
    """Takes float features, and finite numbers for whatever else the function takes."""
    if not is_feature(node.args[0]):
        return Refusal("its input is no float tensor that depends on the model's input")
    return check_constants(node)


def check_constants(node: Node) -> Refusal | None:
    """Refuses other tensors, and functions that some number has no value of."""
    if len(node.all_input_nodes) > 1:
        return Refusal("it takes two tensors that depend on the input or on the weights")
    name, call = op_name(node), arguments(node)
    numbers = [value for value in call.values() if isinstance(value, (int, float))]
    if not all(math.isfinite(number) for number in numbers):
        return Refusal("one of its constants is not finite")
    if name == "aten.div.Tensor" and call["other"] == 0:
        return Refusal("it divides by zero")
    exponent = call.get("exponent", 1)
    if isinstance(exponent, torch.Tensor) or exponent < 0 or exponent != int(exponent):
        return Refusal("its exponent is no natural number, so some numbers have no power")
    return None


def emit(emission: Emission, node: Node) -> Lookup:
    """The function, which becomes a table once its result's scale is known."""
    feature = emission.feature(node.args[0])
    rest, options = node.args[1:], dict(node.kwargs)
    target: Any = node.target

    def function(values: torch.Tensor) -> torch.Tensor:
        return target(values, *rest, **options)

    return Lookup(feature.value, feature.layout, feature.scale, function, mlir_location(node))
