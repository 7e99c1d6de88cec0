"""Products with constants become fully connected layers.

matmul, mm of a feature and a constant -> linear
matmul, mm of a constant and a feature -> linear, between transpositions
addmm, baddbmm                         -> linear, or a product and a sum
"""

from __future__ import annotations

from typing import Any

import torch
from torch.fx import GraphModule, Node

from adfc.frontend.graph_writer import GraphWriter
from adfc.frontend.nodes import arguments, is_feature, is_parameter, op_name, rank_of

_aten: Any = torch.ops.aten

_PRODUCTS = {"aten.matmul.default", "aten.mm.default"}
_SUMS = {"aten.addmm.default": _aten.mm.default, "aten.baddbmm.default": _aten.bmm.default}


def linear_products(model: GraphModule) -> None:
    """Rewrites `model` in place."""
    for node in list(model.graph.nodes):
        if node.op != "call_function":
            continue
        write = GraphWriter(model, node)
        made: Node | None = None
        if op_name(node) in _PRODUCTS:
            left, right, *_ = arguments(node).values()
            made = _product(write, left, right, None)
        elif op_name(node) in _SUMS:
            made = _sum(write, arguments(node))
        if made is not None:
            write.replace(made)
    model.recompile()


def _product(write: GraphWriter, left: Any, right: Any, bias: Any) -> Node | None:
    if is_feature(left) and is_parameter(right) and rank_of(right) == 2:
        turned = write.parameter(right, lambda tensor: tensor.t().contiguous())
        return write.call(_aten.linear.default, left, turned, bias)
    if is_parameter(left) and is_feature(right) and rank_of(left) == 2 and bias is None:
        if rank_of(right) < 2:
            return None
        turned = write.call(_aten.transpose.int, right, -2, -1)
        made = write.call(_aten.linear.default, turned, left)
        return write.call(_aten.transpose.int, made, -2, -1)
    return None


def _sum(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    """beta * self + alpha * (left @ right)"""
    bias, beta, alpha = call["self"], call["beta"], call["alpha"]
    left, right = (call[name] for name in call if name not in ("self", "beta", "alpha"))
    if beta == alpha == 1 and is_parameter(bias) and rank_of(bias) == 1:
        made = _product(write, left, right, bias)
        if made is not None:
            return made
    made = _product(write, left, right, None)
    if made is None:
        made = write.call(_SUMS[op_name(write.node)], left, right)
    if alpha != 1:
        made = write.call(_aten.mul.Tensor, made, alpha)
    if beta == 0:
        return made
    if beta != 1 and is_parameter(bias):
        bias = write.parameter(bias, lambda tensor: tensor * beta)
    elif beta != 1:
        bias = write.call(_aten.mul.Tensor, bias, beta)
    return write.call(_aten.add.Tensor, made, bias)
