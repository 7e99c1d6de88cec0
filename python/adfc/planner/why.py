"""Why a layer is scheduled as it is: what else there was, and what each would have cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from adfc.errors import InputError
from adfc.planner.bounds import ResidentStep, is_way, resident_steps
from adfc.planner.cost import LayerCost, kernel_bound
from adfc.planner.graph import Graph, Layer
from adfc.planner.schedule import ResidentSchedule, Schedule
from adfc.planner.search import Candidate, candidate_of, candidates, plan_layers
from adfc.spec.devices import Device

DDR, RESIDENT = "through DDR", "resident"
"""The two forms of a program."""


@dataclass(frozen=True)
class Way:
    """A way to do a layer: its form, its split, and its estimated AIE `cycles`.

    `grid` and `tile` as in LayerSchedule; `parts`: cycles by what they go to; `bound`: one of
    adfc.planner.bounds.BOUNDS; `chosen`: the program does it; `shares`: cores that share the input
    channels of each group.
    """

    form: str
    grid: tuple[int, int]
    tile: tuple[int, int, int, int]
    rounds: int
    cycles: int
    bound: str
    parts: dict[str, int]
    chosen: bool
    shares: int = 1


@dataclass(frozen=True)
class Why:
    """The ways to do one layer, the cheapest first: of each form and number of cores the cheapest,
    and the chosen one.

    `layers`: the layers of the resident step, which are done together. `considered`: how many ways
    each form has. `notes`: what decided beyond the layer.
    """

    layer: str
    layers: tuple[str, ...]
    ways: tuple[Way, ...]
    considered: dict[str, int]
    notes: tuple[str, ...]


def explain_layer(
    graph: Graph, schedule: Schedule, device: Device, name: str, why_through_ddr: str = ""
) -> Why:
    """Plan `name` once more, and tell what the choice was between.

    Of layers that are done together, as reports name them ("a + b"), any. `why_through_ddr`: why
    the schedule is not resident, where that is known. Raises InputError.
    """
    parts = (name, *name.split(" + "))
    layer = next((layer for layer in graph.layers if layer.name in parts), None)
    if layer is None:
        names = ", ".join(layer.name for layer in graph.layers)
        raise InputError(f"there is no layer '{name}'", hint=f"layers: {names}")
    name = layer.name
    ways = list(_ways_through_ddr(layer, schedule, device))
    considered = {DDR: len(ways)}
    layers: tuple[str, ...] = (name,)
    if schedule.resident is None:
        notes = [f"{DDR}: {why_through_ddr}"] if why_through_ddr else []
    else:
        step = _step_of(graph, schedule, schedule.resident, device, name)
        layers = tuple(part.name for part in (step.step.head, step.step.tail) if part)
        ways += _resident_ways(step, schedule, device)
        considered[RESIDENT] = len(step.ways)
        notes = list(_why_resident(graph, schedule, schedule.resident, device))
    ways.sort(key=lambda way: way.cycles)
    return Why(name, layers, tuple(_best_of_grids(ways)), considered, tuple(notes))


def _best_of_grids(ways: Iterable[Way]) -> list[Way]:
    """Of each form, grid and sharing the cheapest, and what is chosen."""
    seen: set[tuple[str, tuple[int, int], int]] = set()
    kept: list[Way] = []
    for way in ways:
        key = way.form, way.grid, way.shares
        if key not in seen or way.chosen:
            kept.append(way)
        seen.add(key)
    return kept


# ---- through DDR


def _ways_through_ddr(layer: Layer, schedule: Schedule, device: Device) -> Iterable[Way]:
    chosen = schedule.layers[layer.name] if schedule.resident is None else None
    met = False
    for candidate in candidates(layer, device, schedule.tiles):
        is_chosen = chosen == candidate.schedule
        met |= is_chosen
        yield _way(layer, candidate, device, is_chosen)
    if chosen is not None and not met:
        yield _way(layer, candidate_of(layer, chosen, device), device, True)


def _way(layer: Layer, candidate: Candidate, device: Device, chosen: bool) -> Way:
    plan, cost = candidate.schedule, candidate.cost
    bound = cost.bound(kernel_bound(layer, plan.tile, device))
    return Way(DDR, plan.grid, plan.tile, plan.rounds, cost.cycles, bound, _parts(cost), chosen)


def _parts(cost: LayerCost) -> dict[str, int]:
    parts = {
        "fill": cost.fill,
        "compute": cost.compute,
        "stream": cost.stream,
        "DDR": cost.ddr,
        "drain": cost.drain,
        "control": cost.control,
    }
    return {name: cost.rounds * cycles for name, cycles in parts.items()}


# ---- resident


def _step_of(
    graph: Graph, schedule: Schedule, resident: ResidentSchedule, device: Device, name: str
) -> ResidentStep:
    return next(
        step
        for step in resident_steps(graph, schedule, resident, device)
        if name in (step.step.head.name, step.step.tail.name if step.step.tail else None)
    )


def _resident_ways(step: ResidentStep, schedule: Schedule, device: Device) -> Iterable[Way]:
    chosen = schedule.layers[step.step.head.name]
    for way in step.ways:
        head = way.head
        weights, busy = step.cycles(way) - way.ends, way.busy_cycles(step.memory)
        parts = {"compute": busy, "fill": way.ends, "control": way.control}
        if weights > busy and step.cycles(way) > way.control:
            parts["weights' stream"] = weights
        yield Way(
            RESIDENT,
            way.grid,
            head.tile,
            1,
            step.cycles(way),
            step.bound(way, device),
            parts,
            is_way(way, chosen),
            way.shares,
        )


def _why_resident(
    graph: Graph, schedule: Schedule, resident: ResidentSchedule, device: Device
) -> Iterable[str]:
    total = 0
    for step in resident_steps(graph, schedule, resident, device):
        chosen = schedule.layers[step.step.head.name]
        total += next((step.cycles(way) for way in step.ways if is_way(way, chosen)), 0)
    other = plan_layers(graph, device, tiles=schedule.tiles, avoid=schedule.avoid)[1]
    yield (
        f"the whole network: an estimated {total:,} cycles resident, {other:,} layer after layer "
        "through DDR"
    )
    yield (
        "resident: cores, their memory and the room for weights are shared out once for all "
        "layers, so that one may be done in a dearer way than it could be alone"
    )
