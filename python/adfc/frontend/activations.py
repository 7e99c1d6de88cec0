"""The values that a graph's operators compute for one sample, by the names of its nodes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import torch
from torch.fx import GraphModule, Interpreter, Node

from adfc.frontend.export import Sample
from adfc.frontend.nodes import arguments, op_name

_QUANTIZE = "quantized_decomposed.quantize_per_tensor.default"
Values = dict[str, torch.Tensor]


def float_values(graph: GraphModule, sample: Sample, nodes: Collection[str]) -> Values:
    """What the named nodes of a float graph compute."""
    recorder = _Recorder(graph, nodes)
    recorder.run(*sample)
    return recorder.values


def quantized_values(graph: GraphModule, sample: Sample, nodes: Collection[str]) -> Values:
    """What the named quantize nodes of a quantized graph make, as the real numbers they stand for.

    It is torch's simulation of int8: float operators on rounded values.
    """
    recorder = _QuantizedRecorder(graph, nodes)
    recorder.run(*sample)
    return recorder.values


def isolated_values(
    graph: GraphModule,
    sample: Sample,
    exact: Mapping[str, torch.Tensor],
    also: Collection[str] = (),
) -> Values:
    """As `quantized_values`, but each layer's inputs are not those that the layers before it made.

    `exact` has the float value for each quantize node; rounded, it is what the next layers read.
    So a value's error is that of its own layer alone. `also` names further nodes to record, as
    they are.
    """
    recorder = _IsolatedRecorder(graph, exact, also)
    recorder.run(*sample)
    return recorder.values


class _Recorder(Interpreter):
    def __init__(self, graph: GraphModule, nodes: Collection[str]) -> None:
        super().__init__(graph)
        self._nodes = frozenset(nodes)
        self.values: Values = {}

    def run_node(self, n: Node) -> Any:
        with torch.no_grad():
            result = super().run_node(n)
        if n.name in self._nodes:
            self.values[n.name] = self.real(n, result)
        return result

    def real(self, _node: Node, result: torch.Tensor) -> torch.Tensor:
        return result.detach().clone()  # operators in place may overwrite it later


class _QuantizedRecorder(_Recorder):
    def real(self, _node: Node, result: torch.Tensor) -> torch.Tensor:
        if op_name(_node) != _QUANTIZE:
            return super().real(_node, result)
        return result.to(torch.float64) * float(arguments(_node)["scale"])


class _IsolatedRecorder(_QuantizedRecorder):
    def __init__(
        self, graph: GraphModule, exact: Mapping[str, torch.Tensor], also: Collection[str]
    ) -> None:
        super().__init__(graph, {*exact, *also})
        self._exact = exact

    def run_node(self, n: Node) -> Any:
        result = super().run_node(n)
        if n.name not in self._exact or op_name(n) != _QUANTIZE:
            return result
        target: Any = n.target
        return target(self._exact[n.name], *n.args[1:], **n.kwargs)
