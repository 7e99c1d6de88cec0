"""Reading fx nodes of an exported graph: name, arguments by schema name, static shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.fx import Node


def op_name(node: Node) -> str:
    """Name of the called operator with its overload: "aten.conv2d.default"."""
    return str(node.target)


def arguments(node: Node) -> dict[str, Any]:
    """All arguments of an operator call by their schema name, defaults filled in."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return dict(node.kwargs)
    values: dict[str, Any] = {}
    for position, argument in enumerate(schema.arguments):
        if argument.name in node.kwargs:
            values[argument.name] = node.kwargs[argument.name]
        elif not argument.kwarg_only and position < len(node.args):
            values[argument.name] = node.args[position]
        else:
            values[argument.name] = argument.default_value
    return values


def tensor_of(value: Any) -> torch.Tensor | None:
    """The (fake) tensor that a node computes; None where there is none."""
    if not isinstance(value, Node):
        return None
    meta = value.meta.get("val")
    return meta if isinstance(meta, torch.Tensor) else None


def shape_of(node: Node) -> tuple[int, ...]:
    """Static shape of the tensor that a node computes."""
    tensor = tensor_of(node)
    if tensor is None:
        raise TypeError(f"{node.format_node()} computes no tensor")
    return tuple(int(size) for size in tensor.shape)


def rank_of(value: Any) -> int:
    """Rank of the tensor that a node computes; -1 where there is none."""
    tensor = tensor_of(value)
    return -1 if tensor is None else tensor.dim()


def is_parameter(value: Any) -> bool:
    """Whether `value` is a constant of the model: a parameter or a buffer."""
    return isinstance(value, Node) and value.op == "get_attr"


def is_feature(value: Any) -> bool:
    """Whether `value` is a floating-point tensor that depends on the model's input."""
    tensor = tensor_of(value)
    return (
        tensor is not None
        and isinstance(value, Node)
        and value.op in ("placeholder", "call_function")
        and tensor.dtype.is_floating_point
    )


def is_index_input(value: Any) -> bool:
    """Whether `value` is an input of the model that holds indices."""
    tensor = tensor_of(value)
    return (
        tensor is not None
        and isinstance(value, Node)
        and value.op == "placeholder"
        and tensor.dtype in (torch.int64, torch.int32)
    )


def pair(value: int | Sequence[int]) -> tuple[int, int]:
    """An (H, W) argument, which ATen lets the user give as one number."""
    if isinstance(value, int):
        return (value, value)
    values = list(value)
    return (values[0], values[-1])
