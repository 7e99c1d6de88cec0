"""Operators that put a tensor together from parts of tensors become slices and concatenations.

stack                              -> unsqueeze each, concatenate
repeat, expand                     -> concatenate copies; a broadcast repeats by itself
roll                               -> the last part, then the first
pad (reflect, replicate, circular) -> the parts around the tensor
every n-th row or column           -> a maximum over windows of one element
the maximum of an image            -> max_pool2d over all of it
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.fx import GraphModule, Node

from adfc.frontend.graph_writer import GraphWriter
from adfc.frontend.nodes import arguments, is_feature, op_name, rank_of, shape_of, tensor_of

_aten: Any = torch.ops.aten
_MOST_PARTS = 64
"""Of one concatenation; what needs more is refused (assumed: more is no longer sensible)."""


def join_parts(model: GraphModule) -> None:
    """Rewrites `model` in place."""
    for node in list(model.graph.nodes):
        name = op_name(node) if node.op == "call_function" else ""
        if name not in _FORMS or tensor_of(node) is None:
            continue
        made = _FORMS[name](GraphWriter(model, node), arguments(node))
        if made is not None:
            node.replace_all_uses_with(made)
            model.graph.erase_node(node)


def _stack(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    if not all(is_feature(part) for part in call["tensors"]):
        return None
    axis = call["dim"] % len(shape_of(write.node))
    rows = [write.call(_aten.unsqueeze.default, part, axis) for part in call["tensors"]]
    return write.joined(rows, axis)


def _repeat(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    return _copies(write, call["self"], list(call["repeats"]))


def _expand(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    source = call["self"]
    if not is_feature(source):
        return None
    if all(_broadcasts(user, write.node) for user in write.node.users):
        return source
    shape, wide = shape_of(source), shape_of(write.node)
    before = len(wide) - len(shape)
    return _copies(
        write, source, [w // s for w, s in zip(wide, (1,) * before + shape, strict=True)]
    )


def _broadcasts(user: Node, expanded: Node) -> bool:
    """Whether `user` gives the same without the expansion."""
    if op_name(user) not in ("aten.add.Tensor", "aten.sub.Tensor", "aten.mul.Tensor"):
        return False
    shapes = [
        shape_of(arguments(source)["self"] if source is expanded else source)
        for source in user.all_input_nodes
    ]
    return tuple(torch.broadcast_shapes(*shapes)) == shape_of(user)


def _copies(write: GraphWriter, source: Any, repeats: list[int]) -> Node | None:
    if not is_feature(source) or any(not 1 <= count <= _MOST_PARTS for count in repeats):
        return None
    made: Node = source
    for _ in range(len(repeats) - rank_of(source)):
        made = write.call(_aten.unsqueeze.default, made, 0)
    for axis, count in enumerate(repeats):
        made = write.joined([made] * count, axis)
    return made


def _roll(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    if not is_feature(call["self"]) or not call["dims"]:
        return None
    made = call["self"]
    for shift, axis in zip(call["shifts"], call["dims"], strict=True):
        extent = shape_of(made)[axis]
        first = extent - shift % extent
        if first < extent:
            parts = [_slice(write, made, axis, first, extent), _slice(write, made, axis, 0, first)]
            made = write.joined(parts, axis)
    return made


def _slice(write: GraphWriter, source: Node, axis: int, start: int, end: int) -> Node:
    return write.call(_aten.slice.Tensor, source, axis, start, end)


def _pad(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    if call["mode"] not in _AROUND or not is_feature(call["self"]):
        return None
    made, flat = call["self"], list(call["pad"])
    if not all(0 <= width <= _MOST_PARTS // 2 for width in flat):
        return None
    for index in range(len(flat) // 2):
        axis = rank_of(made) - 1 - index
        before, after = flat[2 * index : 2 * index + 2]
        ranges = _AROUND[call["mode"]](shape_of(made)[axis], before, after)
        whole = made
        parts = [whole if r is None else _slice(write, whole, axis, *r) for r in ranges]
        made = write.joined(parts, axis)
    return made


_Ranges = list[tuple[int, int] | None]
"""Parts of an axis, from the first element to before the last; None is all of it."""


def _reflected(extent: int, before: int, after: int) -> _Ranges:
    first = [(i, i + 1) for i in range(before, 0, -1)]
    return [*first, None, *((i, i + 1) for i in range(extent - 2, extent - 2 - after, -1))]


def _replicated(extent: int, before: int, after: int) -> _Ranges:
    return [*[(0, 1)] * before, None, *[(extent - 1, extent)] * after]


def _circular(extent: int, before: int, after: int) -> _Ranges:
    around: _Ranges = [(extent - before, extent), None, (0, after)]
    return [part for part in around if part is None or part[0] < part[1]]


_AROUND: dict[str, Callable[[int, int, int], _Ranges]] = {
    "reflect": _reflected,
    "replicate": _replicated,
    "circular": _circular,
}


def _strided(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    source, step = call["self"], call["step"]
    if step == 1 or not is_feature(source) or rank_of(source) != 4 or call["dim"] % 4 < 2:
        return None
    axis = call["dim"] % 4
    dense = write.call(_aten.slice.Tensor, source, axis, call["start"], call["end"])
    stride = [step if axis == each else 1 for each in (2, 3)]
    return write.call(_aten.max_pool2d.default, dense, [1, 1], stride)


def _largest(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    source = call["self"]
    if not is_feature(source) or rank_of(source) != 4 or {a % 4 for a in call["dim"]} != {2, 3}:
        return None
    made = write.call(_aten.max_pool2d.default, source, list(shape_of(source)[2:]))
    return made if call["keepdim"] else write.call(_aten.flatten.using_ints, made, 1)


def _pixel_shuffle(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    source, factor = call["self"], call["upscale_factor"]
    if not is_feature(source) or rank_of(source) != 4:
        return None
    n, c, h, w = shape_of(source)
    made = write.call(_aten.view.default, source, [n, c // factor**2, factor, factor, h, w])
    made = write.call(_aten.permute.default, made, [0, 1, 4, 2, 5, 3])
    return write.call(_aten.reshape.default, made, list(shape_of(write.node)))


def _pixel_unshuffle(write: GraphWriter, call: dict[str, Any]) -> Node | None:
    source, factor = call["self"], call["downscale_factor"]
    if not is_feature(source) or rank_of(source) != 4:
        return None
    n, c, h, w = shape_of(source)
    shape = [n, c, h // factor, factor, w // factor, factor]
    made = write.call(_aten.view.default, source, shape)
    made = write.call(_aten.permute.default, made, [0, 1, 3, 5, 2, 4])
    return write.call(_aten.reshape.default, made, list(shape_of(write.node)))


_FORMS: dict[str, Callable[[GraphWriter, dict[str, Any]], Node | None]] = {
    "aten.stack.default": _stack,
    "aten.repeat.default": _repeat,
    "aten.expand.default": _expand,
    "aten.expand_as.default": _expand,
    "aten.roll.default": _roll,
    "aten.pad.default": _pad,
    "aten.slice.Tensor": _strided,
    "aten.amax.default": _largest,
    "aten.pixel_shuffle.default": _pixel_shuffle,
    "aten.pixel_unshuffle.default": _pixel_unshuffle,
}
