"""Why a program runs layer after layer through DDR: layers whose form no resident one has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adfc.planner import Graph
from adfc.planner.graph import Layer
from adfc.planner.resident import plan_resident
from adfc.planner.resident.steps import chain_layers, is_possible
from adfc.planner.schedule import Schedule
from adfc.spec.devices import Device

ASKED = "asked for with --no-resident"
"""The user wanted it so."""

GIVEN = "the schedule file says so"
"""A schedule file did."""

UNROUTABLE = "not all streams of a resident program could be routed"
"""The router did."""

_NAMED = 3
"""So many layers are named for each reason."""


def unfit_layers(graph: Graph) -> str:
    """The layers that a resident program cannot do, by reason; "" where there are none."""
    layers: dict[str, list[str]] = {}
    for step in chain_layers(graph):
        reasons = {reason for layer in (step.head, step.tail) for reason in _reasons(graph, layer)}
        if not reasons and not is_possible(graph, step):
            reasons = {"has a form that only programs through DDR have"}
        for reason in sorted(reasons):
            layers.setdefault(reason, []).append(step.head.name)
    if any(layer.scratch for layer in graph.layers):
        names = [layer.name for layer in graph.layers if layer.scratch]
        layers["needs scratch memory"] = names
    return "; ".join(f"{_listed(names)} {reason}" for reason, names in layers.items())


def why_through_ddr(graph: Graph, schedule: Schedule, *, asked: bool) -> str:
    """Why a schedule of the planner's is not resident; "" where it is, and where only planning
    again would tell: the network does not fit, or is not faster so."""
    if schedule.resident is not None:
        return ""
    return ASKED if asked else unfit_layers(graph)


def planned_again(graph: Graph, schedule: Schedule, device: Device) -> str:
    """The reason where `why_through_ddr` has none: the search for a resident schedule, once more.

    Takes as long as planning does. "" where the schedule is resident.
    """
    if schedule.resident is not None:
        return ""
    unfit = unfit_layers(graph)
    if unfit:
        return unfit
    found = plan_resident(graph, device, tiles=schedule.tiles, avoid=schedule.avoid)
    if found is None:
        return "weights, tensors or layers of a resident program do not fit the array"
    return f"a resident program would take an estimated {found[1]:,} cycles"


def _reasons(graph: Graph, layer: Layer | None) -> Iterable[str]:
    """As adfc.planner.resident.steps.is_possible has them."""
    if layer is None:
        return
    if layer.streamed is not None:
        yield "multiplies two activations"
    if layer.column_weights:
        yield "has weights of its own for each column"
    if layer.all_channels:
        yield "needs all channels of a pixel in one call"
    if "" in layer.inputs:
        yield "reads a constant as an activation"
    if layer.views:
        yield "reads or makes a part of a tensor"
    if layer.rows.upsample != 1 or layer.columns.upsample != 1:
        yield "makes an image larger"
    if layer.given and any(layer.name in other.inputs for other in graph.layers):
        yield "makes an output that another layer reads"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more:" if more > 0 else ":")
