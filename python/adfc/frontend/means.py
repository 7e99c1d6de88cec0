"""Means and sums over axes, as what averages or weighs them.

over the positions of (N, T, C)      -> over an image of one column
over the rows or columns of an image -> avg_pool2d
over the channels of an image        -> conv2d with equal weights
over the last axis, or several axes  -> linear with equal weights
softmax over another axis            -> between transpositions
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch.fx import GraphModule, Node

from adfc.frontend.graph_writer import GraphWriter
from adfc.frontend.nodes import arguments, is_feature, op_name, rank_of, shape_of

_aten: Any = torch.ops.aten


def reduce_along_axes(model: GraphModule) -> None:
    """Rewrites `model` in place."""
    for node in list(model.graph.nodes):
        name = op_name(node) if node.op == "call_function" else ""
        if name in ("aten.mean.dim", "aten.sum.dim_IntList"):
            _reduce(GraphWriter(model, node), arguments(node), mean="mean" in name)
        elif name in ("aten.softmax.int", "aten._softmax.default"):
            _turn_softmax(GraphWriter(model, node), arguments(node))
    model.graph.eliminate_dead_code()


def _reduce(write: GraphWriter, call: dict[str, Any], *, mean: bool) -> None:
    source, rank = call["self"], rank_of(call["self"])
    same_type = call["dtype"] in (None, torch.float32)
    if not is_feature(source) or not same_type or call["dim"] is None or shape_of(source)[0] != 1:
        return
    axes = sorted({axis % rank for axis in call["dim"]})
    if not axes or 0 in axes or (rank == 4 and axes == [2, 3]):
        return
    made = _reduced(write, source, axes, mean=mean)
    write.replace(write.call(_aten.view.default, made, list(shape_of(write.node))))


def _reduced(write: GraphWriter, source: Node, axes: Sequence[int], *, mean: bool) -> Node:
    shape, rank = shape_of(source), rank_of(source)
    count = math.prod(shape[axis] for axis in axes)
    if rank == 3 and axes == [1]:
        lines = write.call(_aten.permute.default, source, [0, 2, 1])
        image = write.call(_aten.unsqueeze.default, lines, 3)
        over = _aten.mean.dim if mean else _aten.sum.dim_IntList
        return write.call(over, image, [2, 3])
    if rank == 4 and axes in ([2], [3]):
        kernel = [shape[2], 1] if axes == [2] else [1, shape[3]]
        divisor = None if mean else 1
        return write.call(
            _aten.avg_pool2d.default, source, kernel, kernel, [0, 0], False, True, divisor
        )
    weight = torch.full((1, count), 1 / count if mean else 1.0)
    if rank == 4 and axes == [1]:
        kernel = write.parameter_of(weight.reshape(1, count, 1, 1))
        return write.call(_aten.conv2d.default, source, kernel)
    kept = [axis for axis in range(rank) if axis not in axes]
    if [*kept, *axes] != list(range(rank)):
        source = write.call(_aten.permute.default, source, [*kept, *axes])
    rows = write.call(_aten.reshape.default, source, [1, math.prod(shape) // count, count])
    return write.call(_aten.linear.default, rows, write.parameter_of(weight))


def _turn_softmax(write: GraphWriter, call: dict[str, Any]) -> None:
    source = call["self"]
    last = rank_of(source) - 1
    if not is_feature(source) or call["dim"] % (last + 1) == last:
        return
    axis = call["dim"]
    turned = write.call(_aten.transpose.int, source, axis, -1)
    made = write.call(_aten.softmax.int, turned, -1)
    write.replace(write.call(_aten.transpose.int, made, axis, -1))
