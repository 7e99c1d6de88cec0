"""Pools whose windows differ become regular ones, side by side.

    avg_pool2d whose windows at the border count fewer elements (ceil_mode, padding not counted)
    adaptive_avg_pool2d to sizes that do not divide the image's
    adaptive_max_pool2d
    -> regular pools of parts of the image, concatenated

Exact: each result has the elements and the divisor that PyTorch gives it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch.fx import GraphModule, Node

from adfc.frontend.graph_writer import GraphWriter
from adfc.frontend.nodes import arguments, is_feature, op_name, pair, rank_of, shape_of

_aten: Any = torch.ops.aten


@dataclass(frozen=True)
class _Window:
    """Elements `start` to before `end` along an axis; `count` is its part of the divisor."""

    start: int
    end: int
    count: int

    @property
    def size(self) -> int:
        return self.end - self.start


_Run: TypeAlias = list[_Window]
"""Neighbouring windows of one size and count, each as far from the one before."""


def regular_pools(model: GraphModule) -> None:
    """Rewrites `model` in place."""
    for node in list(model.graph.nodes):
        name = op_name(node) if node.op == "call_function" else ""
        source = node.args[0] if node.args else None
        if not name.startswith("aten.") or not is_feature(source) or rank_of(source) != 4:
            continue
        if name == "aten.avg_pool2d.default" and _counts_differ(arguments(node)):
            _replace_average(GraphWriter(model, node), _window_axes(node))
        elif name == "aten.adaptive_avg_pool2d.default" and not _divides(node):
            _replace_average(GraphWriter(model, node), _adaptive_axes(node))
        elif name == "aten.adaptive_max_pool2d.default":
            _replace_maximum(GraphWriter(model, node), _adaptive_axes(node))


def _counts_differ(call: dict[str, Any]) -> bool:
    uncounted = pair(call["padding"]) != (0, 0) and not call["count_include_pad"]
    return call["ceil_mode"] or (uncounted and call["divisor_override"] is None)


def _window_axes(node: Node) -> list[list[_Window]]:
    """The windows over rows, and over columns, of an avg_pool2d."""
    call, axes = arguments(node), list[list[_Window]]()
    kernel, padding = pair(call["kernel_size"]), pair(call["padding"])
    stride = pair(call["stride"]) if call["stride"] else kernel
    for axis in range(2):
        extent, pad = shape_of(call["self"])[2 + axis], padding[axis]
        windows: list[_Window] = []
        for index in range(shape_of(node)[2 + axis]):
            first = index * stride[axis] - pad
            last = min(first + kernel[axis], extent + pad)
            start, end = max(first, 0), min(last, extent)
            count = last - first if call["count_include_pad"] else end - start
            windows.append(_Window(start, end, count))
        axes.append(windows)
    return axes


def _divides(node: Node) -> bool:
    outputs = pair(arguments(node)["output_size"])
    extents = shape_of(arguments(node)["self"])[2:]
    return all(extent % output == 0 for extent, output in zip(extents, outputs, strict=True))


def _adaptive_axes(node: Node) -> list[list[_Window]]:
    """The windows over rows, and over columns, of an adaptive pool."""
    extents = shape_of(arguments(node)["self"])[2:]
    axes: list[list[_Window]] = []
    for extent, outputs in zip(extents, pair(arguments(node)["output_size"]), strict=True):
        ends = [(i * extent // outputs, -(-(i + 1) * extent // outputs)) for i in range(outputs)]
        axes.append([_Window(start, end, end - start) for start, end in ends])
    return axes


def _runs(windows: Sequence[_Window]) -> list[_Run]:
    runs: list[_Run] = []
    for window in windows:
        run = runs[-1] if runs else []
        alike = run and (run[0].size, run[0].count) == (window.size, window.count)
        step = window.start - run[-1].start if run else 0
        if alike and step > 0 and (len(run) == 1 or step == _stride(run)):
            run.append(window)
        else:
            runs.append([window])
    return runs


def _stride(run: _Run) -> int:
    return run[1].start - run[0].start if len(run) > 1 else run[0].size


_Pool: TypeAlias = Callable[[Node, _Run, _Run], Node]
"""(a part of the image, runs of rows and columns in it) -> the pool of it"""


def _side_by_side(write: GraphWriter, axes: list[list[_Window]], pool: _Pool) -> Node:
    """The pools of all runs of rows and columns, put together."""
    image = arguments(write.node)["self"]
    rows: list[Node] = []
    for row_run in _runs(axes[0]):
        strip = _part(write, image, 2, row_run)
        columns = [pool(_part(write, strip, 3, run), row_run, run) for run in _runs(axes[1])]
        rows.append(write.joined(columns, 3))
    return write.joined(rows, 2)


def _part(write: GraphWriter, image: Node, axis: int, run: _Run) -> Node:
    start, end = run[0].start, run[-1].end
    if (start, end) == (0, shape_of(image)[axis]):
        return image
    return write.call(_aten.slice.Tensor, image, axis, start, end)


def _replace_average(write: GraphWriter, axes: list[list[_Window]]) -> None:
    override = arguments(write.node).get("divisor_override")

    def pool(part: Node, rows: _Run, columns: _Run) -> Node:
        kernel, stride = [rows[0].size, columns[0].size], [_stride(rows), _stride(columns)]
        divisor = override or rows[0].count * columns[0].count
        return write.call(
            _aten.avg_pool2d.default, part, kernel, stride, [0, 0], False, True, divisor
        )

    write.replace(_side_by_side(write, axes, pool))


def _replace_maximum(write: GraphWriter, axes: list[list[_Window]]) -> None:
    """Unless somebody reads the positions of the maxima."""
    users = list(write.node.users)
    if not all(user.target is operator.getitem and user.args[1] == 0 for user in users):
        return

    def pool(part: Node, rows: _Run, columns: _Run) -> Node:
        kernel, stride = [rows[0].size, columns[0].size], [_stride(rows), _stride(columns)]
        return write.call(_aten.max_pool2d.default, part, kernel, stride)

    made = _side_by_side(write, axes, pool)
    for user in users:
        user.replace_all_uses_with(made)
        write.model.graph.erase_node(user)
    write.model.graph.erase_node(write.node)
