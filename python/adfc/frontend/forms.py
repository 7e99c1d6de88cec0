"""Brings an exported graph into the form that the operator families know.

    split, chunk, unbind + getitem   -> slices, selections
    operators on (N, C, L)           -> the same on (N, C, 1, L)
    view, transpose, view            -> channel_shuffle, where they are one

New nodes keep the metadata of those whose place they take, so that errors name the user's line.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch.fx import GraphModule, Node

from adfc.frontend.emit.operators import activation, identity
from adfc.frontend.graph_writer import GraphWriter
from adfc.frontend.nodes import arguments, is_feature, op_name, rank_of, shape_of, tensor_of
from adfc.operators import builtin

_aten: Any = torch.ops.aten


def unify_forms(model: GraphModule) -> None:
    """Rewrites `model` in place."""
    for node in list(model.graph.nodes):
        if node.op != "call_function":
            continue
        name = op_name(node)
        if name in _PARTS:
            _unpack(node, _PARTS[name](node))
        elif name in _LINES and is_feature(node.args[0]) and rank_of(node.args[0]) == 3:
            _LINES[name](GraphWriter(model, node))
        elif name.startswith(("aten.view", "aten.reshape")):
            _shuffle(model, node)
    _cancel_squeezes(model)
    model.graph.eliminate_dead_code()
    model.recompile()


# Several results


def _split_parts(node: Node) -> list[tuple[Any, ...]]:
    call = arguments(node)
    axis, start, parts = call["dim"], 0, list[tuple[Any, ...]]()
    for part in node.meta["val"]:
        size = int(part.shape[axis])
        parts.append((_aten.slice.Tensor, axis, start, start + size))
        start += size
    return parts


def _unbind_parts(node: Node) -> list[tuple[Any, ...]]:
    axis = arguments(node)["dim"]
    return [(_aten.select.int, axis, index) for index in range(len(node.meta["val"]))]


_PARTS: dict[str, Callable[[Node], list[tuple[Any, ...]]]] = {
    "aten.split.Tensor": _split_parts,
    "aten.split_with_sizes.default": _split_parts,
    "aten.split.sizes": _split_parts,
    "aten.chunk.default": _split_parts,
    "aten.tensor_split.sections": _split_parts,
    "aten.unbind.int": _unbind_parts,
}


def _unpack(node: Node, parts: list[tuple[Any, ...]]) -> None:
    """Each getitem of `node` becomes a call of its own."""
    for user in list(node.users):
        if user.target is not operator.getitem:
            continue
        target, *rest = parts[user.args[1]]  # type: ignore[index]
        val = user.meta["val"]
        user.target, user.args = target, (node.args[0], *rest)
        user.meta = {**node.meta, "val": val}


# Lines: (N, C, L)


def _as_image(rewriter: GraphWriter, node: Any) -> Node:
    return rewriter.call(_aten.unsqueeze.default, node, 2)


def _weighted(target: Any) -> Callable[[GraphWriter], None]:
    def change(rewriter: GraphWriter) -> None:
        call = arguments(rewriter.node)
        weight = call["weight"]
        if not isinstance(weight, Node) or weight.op != "get_attr":
            return
        options = {
            name: _widened(value, 0 if "padding" in name else 1)
            for name, value in call.items()
            if name in ("stride", "padding", "output_padding", "dilation")
        }
        kernel = rewriter.parameter(weight, lambda tensor: tensor.unsqueeze(2))
        image = _as_image(rewriter, call["input"])
        made = rewriter.call(target, image, kernel, call["bias"], **options, groups=call["groups"])
        rewriter.replace(rewriter.call(_aten.squeeze.dim, made, 2))

    return change


def _widened(value: Any, rows: int) -> Any:
    """An argument for columns as one for rows and columns."""
    if isinstance(value, str):
        return value
    return [rows, int(value if isinstance(value, int) else value[0])]


def _pooled(target: Any) -> Callable[[GraphWriter], None]:
    def change(rewriter: GraphWriter) -> None:
        call = arguments(rewriter.node)
        kernel = _widened(call["kernel_size"], 1)
        stride = _widened(call["stride"], 1) if call["stride"] else kernel
        options = {"padding": _widened(call["padding"], 0), "ceil_mode": call["ceil_mode"]}
        if "dilation" in call:
            options["dilation"] = _widened(call["dilation"], 1)
        else:
            options["count_include_pad"] = call["count_include_pad"]
        image = _as_image(rewriter, call["self"])
        made = rewriter.call(target, image, kernel, stride, **options)
        rewriter.replace(rewriter.call(_aten.squeeze.dim, made, 2))

    return change


def _adaptive(rewriter: GraphWriter) -> None:
    call = arguments(rewriter.node)
    image = _as_image(rewriter, call["self"])
    made = rewriter.call(_aten.adaptive_avg_pool2d.default, image, _widened(call["output_size"], 1))
    rewriter.replace(rewriter.call(_aten.squeeze.dim, made, 2))


def _normalised(rewriter: GraphWriter) -> None:
    node = rewriter.node
    image = _as_image(rewriter, node.args[0])
    made = rewriter.call(_aten.batch_norm.default, image, *node.args[1:], **node.kwargs)
    rewriter.replace(rewriter.call(_aten.squeeze.dim, made, 2))


def _averaged(rewriter: GraphWriter) -> None:
    """A mean over the positions of a line, whose producer makes lines as images."""
    call = arguments(rewriter.node)
    axes, source = call["dim"], call["self"]
    line = isinstance(source, Node) and "squeeze" in op_name(source)
    if not line or axes is None or {axis % 3 for axis in axes} != {2} or call["dtype"] is not None:
        return
    image = _as_image(rewriter, source)
    made = rewriter.call(_aten.mean.dim, image, [2, 3], call["keepdim"])
    rewriter.replace(rewriter.call(_aten.squeeze.dim, made, 2) if call["keepdim"] else made)


_LINES: dict[str, Callable[[GraphWriter], None]] = {
    "aten.conv1d.default": _weighted(_aten.conv2d.default),
    "aten.conv1d.padding": _weighted(_aten.conv2d.padding),
    "aten.conv_transpose1d.default": _weighted(_aten.conv_transpose2d.input),
    "aten.max_pool1d.default": _pooled(_aten.max_pool2d.default),
    "aten.avg_pool1d.default": _pooled(_aten.avg_pool2d.default),
    "aten.adaptive_avg_pool1d.default": _adaptive,
    "aten.batch_norm.default": _normalised,
    "aten.mean.dim": _averaged,
}


_UNARY = activation.FAMILY.targets | identity.FAMILY.targets | builtin.targets("functions")


def _is_squeeze(node: Any) -> bool:
    return isinstance(node, Node) and op_name(node) == "aten.squeeze.dim" and node.args[1:] == (2,)


def _is_unsqueeze(node: Node) -> bool:
    return op_name(node) == "aten.unsqueeze.default" and node.args[1:] == (2,)


def _cancel_squeezes(model: GraphModule) -> None:
    """Images stay images between operators on lines: what squeezes and unsqueezes is left out, also
    around functions of one number."""
    for node in list(model.graph.nodes):
        if op_name(node) in _UNARY and _is_squeeze(node.args[0]):
            rewriter, squeeze = GraphWriter(model, node), node.args[0]
            image = rewriter.call(node.target, squeeze.args[0], *node.args[1:], **node.kwargs)
            rewriter.replace(rewriter.call(_aten.squeeze.dim, image, 2))
        elif _is_unsqueeze(node) and _is_squeeze(node.args[0]):
            node.replace_all_uses_with(node.args[0].args[0])


# Channel shuffle


def _behind_copies(node: Any) -> Any:
    while isinstance(node, Node) and op_name(node) in identity.FAMILY.targets:
        node = node.args[0]
    return node


def _shuffle(model: GraphModule, node: Node) -> None:
    """(N, C, H, W) -> (N, g, C / g, H, W), axes 1 and 2 swapped, -> (N, C, H, W)"""
    swap = _behind_copies(node.args[0])
    if not isinstance(swap, Node) or op_name(swap) not in (
        "aten.transpose.int",
        "aten.permute.default",
    ):
        return
    first = _behind_copies(swap.args[0])
    if not isinstance(first, Node) or not op_name(first).startswith(("aten.view", "aten.reshape")):
        return
    source = first.args[0]
    if not isinstance(source, Node) or tensor_of(source) is None:
        return
    shape, grouped = shape_of(source), shape_of(first)
    order = list(range(len(grouped)))
    if op_name(swap) == "aten.permute.default":
        order = [axis % len(grouped) for axis in swap.args[1]]  # type: ignore[union-attr]
    else:
        one, other = (int(axis) % len(grouped) for axis in swap.args[1:3])  # type: ignore[arg-type]
        order[one], order[other] = order[other], order[one]
    same = len(shape) == 4 and shape_of(node) == shape and len(grouped) == 5
    if not same or order != [0, 2, 1, 3, 4] or grouped[3:] != shape[2:] or grouped[0] != shape[0]:
        return
    rewriter = GraphWriter(model, node)
    rewriter.replace(rewriter.call(_aten.channel_shuffle.default, source, grouped[1]))
