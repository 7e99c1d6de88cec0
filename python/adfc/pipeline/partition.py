"""Cuts a graph into segments for the array and for the host.

What the array cannot compute is the host's, and nothing else, but for operators that have no place
on the array then: views of what the host computed, and operators of the array that would read a
tensor no program can take as its input.

Every operator gets a level: one more than its producers' where those are the other side's. Even
levels are the array's, odd ones the host's; a level is a segment, and depends on lower ones alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch.fx import Graph, GraphModule, Node

from adfc.errors import ModelError, UnsupportedOp
from adfc.frontend.emit.operators import family_of
from adfc.frontend.locations import source_of
from adfc.frontend.nodes import is_parameter, op_name, tensor_of
from adfc.frontend.support import check_inputs, refused_calls

_VIEWS = ("reshape", "permute", "identity")
"""Operator families that compute nothing."""

GETITEM = "<built-in function getitem>"


@dataclass(frozen=True)
class Segment:
    """A part of the model; `inputs` and `outputs` are the names of the values it reads and makes.

    `ops` are the host's operators, with the reasons for it; empty for the array.
    """

    graph: GraphModule
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    ops: tuple[UnsupportedOp, ...]

    @property
    def on_host(self) -> bool:
        """Whether the host computes it."""
        return bool(self.ops)


def partition(model: GraphModule) -> tuple[Segment, ...]:
    """The segments of a checked-out graph, in the order of their work.

    One segment for the array where it can do all. Raises ModelError for an input of the model
    that no program can take.
    """
    host: dict[Node, UnsupportedOp] = dict(refused_calls(model))
    while True:
        levels = _levels(model, host)
        segments = [
            _segment(model, [n for n in levels if levels[n] == level], host)
            for level in sorted(set(levels.values()))
        ]
        more = _misplaced(model, levels, segments, host)
        if not more:
            return tuple(segments)
        host.update(more)


def _levels(model: GraphModule, host: Mapping[Node, UnsupportedOp]) -> dict[Node, int]:
    levels: dict[Node, int] = {}
    for node in model.graph.nodes:
        if node.op == "call_function":
            side = int(node in host)
            before = [
                levels[source] + (levels[source] % 2 != side)
                for source in node.all_input_nodes
                if source in levels
            ]
            levels[node] = max(before, default=side)
    return levels


def _segment(
    model: GraphModule, nodes: Sequence[Node], host: Mapping[Node, UnsupportedOp]
) -> Segment:
    inside = set(nodes)
    graph = Graph()
    copies: dict[Node, Node] = {}
    inputs: list[str] = []

    def copied(source: Node) -> Node:
        if source not in copies:
            if is_parameter(source):
                copies[source] = graph.node_copy(source)
            else:
                copies[source] = graph.placeholder(source.name)
                copies[source].meta = dict(source.meta)
                inputs.append(source.name)
        return copies[source]

    for node in nodes:  # parameters and inputs stand before all calls
        for source in node.all_input_nodes:
            if source not in inside:
                copied(source)
    for node in nodes:
        copies[node] = graph.node_copy(node, copied)
    results = [node for node in nodes if any(user not in inside for user in node.users)]
    graph.output(tuple(copies[node] for node in results))
    ops = tuple(host[node] for node in nodes if node in host and op_name(node) != GETITEM)
    return Segment(
        GraphModule(model, graph), tuple(inputs), tuple(node.name for node in results), ops
    )


def _misplaced(
    model: GraphModule,
    levels: Mapping[Node, int],
    segments: Sequence[Segment],
    host: Mapping[Node, UnsupportedOp],
) -> dict[Node, UnsupportedOp]:
    """Operators of the array that have no place there in this partition, and why."""
    by_name = {node.name: node for node in model.graph.nodes}
    numbers = dict(zip(sorted(set(levels.values())), segments, strict=True))
    found: dict[Node, UnsupportedOp] = {}
    for level, segment in numbers.items():
        own = [node for node in levels if levels[node] == level and node not in host]
        if segment.on_host or not own:
            continue
        if all(_is_view(node) for node in own):
            found.update((node, _moved(node, "it is a view of what the host has")) for node in own)
            continue
        try:
            check_inputs(segment.graph)
        except ModelError as error:
            bad = _inputs_at_fault(segment, by_name)
            if not bad:
                raise
            found.update(
                (node, _moved(node, error.message))
                for node in own
                if any(source in bad for source in node.all_input_nodes)
            )
        for node in own:
            tensor = tensor_of(node)
            if (
                node.name in segment.outputs
                and tensor is not None
                and not tensor.is_floating_point()
            ):
                found[node] = _moved(node, f"its result is {tensor.dtype}")
    return found


def _inputs_at_fault(segment: Segment, by_name: Mapping[str, Node]) -> set[Node]:
    """Values of other segments that no program can take as an input."""
    bad: set[Node] = set()
    for name in segment.inputs:
        node = by_name[name]
        alone = Graph()
        placeholder = alone.placeholder(name)
        placeholder.meta = dict(node.meta)
        alone.output((placeholder,))
        try:
            check_inputs(GraphModule(torch.nn.Module(), alone))
        except ModelError:
            if node.op == "call_function":
                bad.add(node)
    return bad


def _is_view(node: Node) -> bool:
    family = family_of(node)
    return family is not None and family.name in _VIEWS


def _moved(node: Node, reason: str) -> UnsupportedOp:
    source = source_of(node)
    return UnsupportedOp(op_name(node), source.module_path, source.place, reason)
