"""Reading and replacing the parameters of layers in a graph."""

from __future__ import annotations

import torch
from torch import nn
from torch.fx import GraphModule, Node

WEIGHTED = frozenset({"aten.conv2d.default", "aten.conv2d.padding", "aten.linear.default"})
"""Layers whose weights have the output channels first."""


def parameter(node: Node) -> Node | None:
    """The get_attr node of a parameter that is read through observers, if it is one."""
    while node.op == "call_module" and isinstance(node.args[0], Node):
        node = node.args[0]
    return node if node.op == "get_attr" else None


def replace_parameter(graph: GraphModule, node: Node, values: torch.Tensor) -> None:
    """Gives a get_attr node's place a new tensor; what held the old one elsewhere keeps it."""
    path, _, name = str(node.target).rpartition(".")
    setattr(graph.get_submodule(path), name, nn.Parameter(values, requires_grad=False))


def tensor_at(graph: GraphModule, node: Node) -> torch.Tensor:
    """The tensor that a get_attr node reads."""
    path, _, name = str(node.target).rpartition(".")
    tensor = getattr(graph.get_submodule(path), name)
    assert isinstance(tensor, torch.Tensor)
    return tensor.detach()
