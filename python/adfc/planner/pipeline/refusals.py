"""What a pipelined program cannot do."""

from __future__ import annotations

from adfc.planner.graph import Graph, Layer


def refusal(layer: Layer) -> str:
    """Why a layer cannot be a stage of a pipeline; "" where it can."""
    if layer.views:
        return "reads or makes a part of a tensor"
    if layer.streamed is not None or layer.column_weights:
        return "multiplies two activations"
    if "" in layer.inputs:
        return "reads a constant as an activation"
    if layer.activations > 2 or (layer.activations == 2 and layer.has_weights):
        return "reads more than a core's two channels can bring"
    return ""


def refusals(graph: Graph) -> list[str]:
    """One line for each layer that cannot be a stage, with its place."""
    return [
        f"layer '{layer.name}' ({layer.kind}, {layer.location}) {refusal(layer)}"
        for layer in graph.layers
        if refusal(layer)
    ]
