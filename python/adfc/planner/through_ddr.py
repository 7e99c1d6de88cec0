"""Why a program runs layer after layer through DDR."""

from __future__ import annotations

from collections.abc import Sequence

from adfc.planner.graph import Graph
from adfc.planner.resident.steps import chain_layers, refusals

ASKED = "asked for with --no-resident"
"""The user wanted it so."""

GIVEN = "the schedule file says so"
"""A schedule file did."""

UNROUTABLE = "not all streams of a resident program could be routed"
"""The router did."""

TOO_LARGE = "weights, tensors or layers of a resident program do not fit the array"
"""The search found no resident program though each layer has a form for one."""

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


def slower(resident: int, through_ddr: int) -> str:
    """The reason where both forms are possible; their estimates in AIE cycles."""
    return (
        f"a resident program would take an estimated {resident:,} cycles, this one {through_ddr:,}"
    )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more:" if more > 0 else ":")
