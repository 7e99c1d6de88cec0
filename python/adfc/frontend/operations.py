"""The operators of a TOSA module with their places: what debug tables are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adfc.frontend.boundary import ENTRY
from adfc.frontend.mlir import ir

_FILE = re.compile(r'"(?P<file>[^"]+)":(?P<line>\d+):\d+')
_NAME = re.compile(r'"(?P<name>[^"]*)"(?!:\d)')
_CONSTANTS = ("tosa.const", "tosa.const_shape")


@dataclass(frozen=True)
class Operation:
    """One TOSA operator that is no constant.

    `label` is its location's name ("layer1.0.conv1"), `file` and `line` the user's, where known.
    `inputs` are the numbers (in the module's order, constants left out) of those it takes from.
    """

    tosa: str
    label: str
    file: str
    line: int
    inputs: tuple[int, ...]


def operations_of(text: str) -> tuple[Operation, ...]:
    """The operators of TOSA text that a front end made or `parse_tosa` accepted."""
    with ir.Context():
        module = ir.Module.parse(text)
        function = next(
            op
            for op in module.body.operations
            if op.operation.name == "func.func" and op.name.value == ENTRY
        )
        found: list[Operation] = []
        numbers: dict[Any, int] = {}
        for op in function.entry_block.operations:
            name = str(op.operation.name)
            if name in _CONSTANTS or name.startswith("func."):
                continue
            inputs = tuple(numbers[v] for v in op.operation.operands if v in numbers)
            for result in op.operation.results:
                numbers[result] = len(found)
            found.append(_operation(name, str(op.operation.location), inputs))
    return tuple(found)


def _operation(name: str, location: str, inputs: tuple[int, ...]) -> Operation:
    file = _FILE.search(location)
    label = _NAME.search(_FILE.sub("", location))
    return Operation(
        name,
        label["name"] if label else "",
        file["file"] if file else "",
        int(file["line"]) if file else 0,
        inputs,
    )


def by_layer(
    operations: Sequence[Operation], layers: Sequence[str]
) -> Mapping[str, tuple[Operation, ...]]:
    """The operators that each layer computes.

    A layer has its own name's operators, one that does several ("conv1 + add") those of each name.
    What carries another name (a relu) was fused into the
    layer whose value it takes, or else into the one that takes its value.
    """
    known = {part: layer for layer in layers for part in layer.split(" + ")}
    known |= {layer: layer for layer in layers}
    owner = [known.get(op.label, "") for op in operations]
    for number, op in enumerate(operations):
        if not owner[number]:
            owner[number] = next((owner[i] for i in op.inputs if owner[i]), "")
    for number in reversed(range(len(operations))):
        for source in operations[number].inputs:
            owner[source] = owner[source] or owner[number]
    found: dict[str, tuple[Operation, ...]] = {}
    for op, layer in zip(operations, owner, strict=True):
        if layer:
            found[layer] = (*found.get(layer, ()), op)
    return found
