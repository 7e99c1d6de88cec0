"""Why a program runs layer after layer through DDR: layers whose form no resident one has."""

from __future__ import annotations

from collections.abc import Sequence

from adfc.planner import Graph
from adfc.planner.resident import plan_resident
from adfc.planner.resident.steps import chain_layers, refusals
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
        for reason in sorted(set(refusals(graph, step))):
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


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more:" if more > 0 else ":")
