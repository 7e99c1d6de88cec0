"""The debug tables of an image: each layer's way back to the user's Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adfc.driver.files import portable_path
from adfc.frontend import TosaModel
from adfc.frontend.operations import Operation, by_layer, operations_of


def debug_layers(tosa: TosaModel, layers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The compiler's table of layers, with the operators that each of them computes (`ops`)."""
    operations = by_layer(operations_of(tosa.text), [str(layer["name"]) for layer in layers])
    return [
        {
            **layer,
            "file": portable_path(layer["file"]),
            "ops": [_op(tosa, op) for op in operations.get(str(layer["name"]), ())],
        }
        for layer in layers
    ]


def _op(tosa: TosaModel, op: Operation) -> dict[str, Any]:
    return {
        "tosa": op.tosa,
        "name": op.label,
        "aten": list(tosa.operators.get(op.label, ())),
        "file": portable_path(op.file),
        "line": op.line,
    }
