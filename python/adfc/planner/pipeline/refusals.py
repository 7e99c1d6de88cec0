"""What a pipelined program cannot do."""

from __future__ import annotations

from collections.abc import Sequence

from adfc.errors import CapacityError
from adfc.planner.graph import Graph, Layer
from adfc.planner.pipeline.bands import least_slabs, rows_read
from adfc.planner.pipeline.options import Option, least_core_bytes
from adfc.spec.devices import Device


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


def too_large(layer: Layer, ways: Sequence[Option], device: Device) -> CapacityError:
    """The error for a layer of which `ways` fit core tiles, but no slab of theirs fits a memtile;
    it names what lacks room, with the bytes that it takes and those that there are."""
    hint = "leave --batch out, or use a smaller input"
    if ways:
        least = min(max(least_slabs(layer, way)) for way in ways)
        reason = (
            f"{rows_read(layer.inputs[0], layer)} take at least {least:,} bytes of a memtile, "
            f"which has {device.mem.data_bytes:,}"
        )
    elif (core := least_core_bytes(layer, device)) > device.core.data_bytes:
        reason = (
            f"with whole rows it takes at least {core:,} bytes of a core tile, which has "
            f"{device.core.data_bytes:,}"
        )
    else:
        reason = "no descriptors can send its windows of whole rows"
    return CapacityError(
        f"the network cannot be pipelined on {device.name}: layer '{layer.name}' ({layer.kind}, "
        f"{layer.location}): {reason}",
        hint=hint,
    )
