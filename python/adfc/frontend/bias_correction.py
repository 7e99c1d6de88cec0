"""Bias correction: each layer's mean over the calibration samples is that of the float model.

Rounding and clipping of a layer's inputs and weights move the mean of its results; the difference,
one number for each output channel, goes into its bias (Nagel et al., ICCV 2019, section 4.2).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.fx import GraphModule, Node

from adfc.frontend.activations import Values, float_values, isolated_values
from adfc.frontend.export import Sample
from adfc.frontend.nodes import op_name
from adfc.frontend.parameters import WEIGHTED, parameter, replace_parameter, tensor_at

_QUANTIZE = "quantized_decomposed.quantize_per_tensor.default"
_DEQUANTIZE = "quantized_decomposed.dequantize_per_tensor.default"


def correct_biases(graph: GraphModule, float_graph: GraphModule, samples: Sequence[Sample]) -> None:
    """Changes the biases of a quantized graph; layers without one get one.

    A layer is corrected for its own error: it reads the float model's values, rounded.
    """
    layers = [node for node in graph.graph.nodes if op_name(node) in WEIGHTED]
    origins = {n.name: _origin(n) for n in graph.graph.nodes if op_name(n) == _QUANTIZE}
    names = [node.name for node in layers]
    sums: Values = {}
    for sample in samples:
        floats = float_values(float_graph, sample, {*names, *origins.values()})
        exact = {quantize: floats[origin] for quantize, origin in origins.items()}
        found = isolated_values(graph, sample, exact, also=names)
        for node in layers:
            axis = -1 if op_name(node) == "aten.linear.default" else 1
            error = (floats[node.name] - found[node.name]).movedim(axis, 0).flatten(1).mean(dim=1)
            sums[node.name] = sums.get(node.name, torch.zeros_like(error)) + error
    for node in layers:
        _add(graph, node, sums[node.name] / len(samples))
    graph.recompile()


def _origin(node: Node) -> str:
    while op_name(node) in (_QUANTIZE, _DEQUANTIZE) and isinstance(node.args[0], Node):
        node = node.args[0]
    return node.name


def _add(graph: GraphModule, layer: Node, correction: torch.Tensor) -> None:
    bias = layer.args[2] if len(layer.args) > 2 else None
    if isinstance(bias, Node):
        node = parameter(bias)
        if node is not None:
            replace_parameter(graph, node, tensor_at(graph, node) + correction)
        return
    name = f"{layer.name}_corrected_bias"
    graph.register_parameter(name, nn.Parameter(correction, requires_grad=False))
    with graph.graph.inserting_before(layer):
        node = graph.graph.get_attr(name)
    node.meta["val"] = correction
    layer.args = (*layer.args[:2], node, *layer.args[3:])
