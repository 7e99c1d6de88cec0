"""Normalisations over groups of channels become one over rows.

group_norm, instance_norm
-> the elements of each group as a row, layer_norm, a gain and an offset of each channel
layer_norm over several axes -> their elements as a row, layer_norm
x * rsqrt(mean(x^2) + eps) over the last axis -> rms_norm
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.fx import GraphModule, Node

from adfc.frontend.composites import CHANNEL_AFFINE
from adfc.frontend.graph_writer import GraphWriter
from adfc.frontend.nodes import arguments, is_feature, is_parameter, op_name, rank_of, shape_of

_aten: Any = torch.ops.aten


def row_norms(model: GraphModule) -> None:
    """Rewrites `model` in place."""
    for node in list(model.graph.nodes):
        rewrite = _NORMS.get(op_name(node)) if node.op == "call_function" else None
        if rewrite is None:
            continue
        write = GraphWriter(model, node)
        made = rewrite(write, arguments(node))
        if made is not None:
            write.replace(made)
    model.graph.eliminate_dead_code()


def _group_norm(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    return _by_groups(write, call, call["num_groups"])


def _instance_norm(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    if not call["use_input_stats"]:
        return None
    return _by_groups(write, call, shape_of(call["input"])[1])


def _by_groups(write: GraphWriter, call: dict[str, Any], groups: int) -> Node | None:
    source = call["input"]
    weight, bias = call["weight"], call["bias"]
    constant = all(value is None or is_parameter(value) for value in (weight, bias))
    if not is_feature(source) or not constant:
        return None
    shape = shape_of(source)
    row = math.prod(shape[1:]) // groups
    made = write.call(_aten.view.default, source, [shape[0], groups, row])
    made = write.call(_aten.layer_norm.default, made, [row], None, None, call["eps"])
    made = write.call(_aten.view.default, made, list(shape))
    if weight is None and bias is None:
        return made
    gain = torch.ones(shape[1]) if weight is None else write.value(weight)
    offset = torch.zeros(shape[1]) if bias is None else write.value(bias)
    return _affine(write, made, gain, offset)


def _affine(write: GraphWriter, source: Node, gain: torch.Tensor, offset: torch.Tensor) -> Node:
    return write.call(CHANNEL_AFFINE, source, write.constant(gain), write.constant(offset))


def _batch_norm(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    """torchao looks for layers to fold into wherever it sees one, which takes it a minute."""
    source = call["input"]
    parts = [call[name] for name in ("weight", "bias", "running_mean", "running_var")]
    constant = all(value is None or is_parameter(value) for value in parts)
    if call["training"] or not constant or not is_feature(source) or rank_of(source) not in (2, 4):
        return None
    if any(name in op_name(source) for name in ("conv", "linear")):
        return None
    weight, bias, mean, variance = (
        None if value is None else write.value(value) for value in parts
    )
    if mean is None or variance is None:
        return None
    gain = torch.rsqrt(variance + call["eps"])
    gain = gain if weight is None else gain * weight
    offset = -mean * gain
    return _affine(write, source, gain, offset if bias is None else offset + bias)


def _layer_norm(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    source, axes = call["input"], len(call["normalized_shape"])
    if axes == 1 or not is_feature(source):
        return None
    shape = shape_of(source)
    row = math.prod(shape[-axes:])
    weight, bias = (
        write.parameter(call[name], torch.flatten) if is_parameter(call[name]) else call[name]
        for name in ("weight", "bias")
    )
    made = write.call(_aten.view.default, source, [*shape[:-axes], row])
    made = write.call(_aten.layer_norm.default, made, [row], weight, bias, call["eps"])
    return write.call(_aten.view.default, made, list(shape))


def _root_mean_square(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    for source, factor in ((call["self"], call["other"]), (call["other"], call["self"])):
        epsilon = _epsilon_of_root(source, factor)
        if epsilon is not None:
            row = [shape_of(source)[-1]]
            return write.call(_aten.rms_norm.default, source, row, None, epsilon)
    return None


def _epsilon_of_root(source: Any, factor: Any) -> float | None:
    """eps, where `factor` is rsqrt(mean(source^2, -1, keepdim) + eps)."""
    if not is_feature(source) or not is_feature(factor) or op_name(factor) != "aten.rsqrt.default":
        return None
    total = factor.args[0]
    if not isinstance(total, Node) or op_name(total) != "aten.add.Tensor":
        return None
    mean, epsilon = total.args[:2]
    if not isinstance(mean, Node) or not isinstance(epsilon, (int, float)):
        return None
    if op_name(mean) != "aten.mean.dim":
        return None
    call = arguments(mean)
    square, last = call["self"], len(shape_of(source)) - 1
    over_rows = call["keepdim"] and [axis % (last + 1) for axis in call["dim"] or ()] == [last]
    if not over_rows or not isinstance(square, Node):
        return None
    squares = {
        "aten.pow.Tensor_Scalar": (source, 2),
        "aten.square.default": (source,),
        "aten.mul.Tensor": (source, source),
    }
    return float(epsilon) if squares.get(op_name(square)) == square.args else None


_NORMS: dict[str, Callable[[GraphWriter, dict[str, Any]], Node | None]] = {
    "aten.batch_norm.default": _batch_norm,
    "aten.group_norm.default": _group_norm,
    "aten.instance_norm.default": _instance_norm,
    "aten.layer_norm.default": _layer_norm,
    "aten.mul.Tensor": _root_mean_square,
}
