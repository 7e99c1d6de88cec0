"""The choice between the two forms of a program: resident, or layer after layer through DDR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adfc.errors import CapacityError
from adfc.planner.graph import Graph
from adfc.planner.resident import plan_resident
from adfc.planner.schedule import Schedule
from adfc.planner.search import check_tiles, plan_layers
from adfc.planner.through_ddr import ASKED, TOO_LARGE, slower, unfit_layers
from adfc.spec.devices import Device


@dataclass(frozen=True)
class Choice:
    """A schedule, and why it is not resident ("" where it is)."""

    schedule: Schedule
    why_through_ddr: str = ""


def choose(
    graph: Graph,
    device: Device,
    *,
    tiles: int,
    avoid: Sequence[tuple[int, int]] = (),
    resident: bool | None = None,
) -> Choice:
    """The schedule with fewer modelled cycles for an inference once the weights are loaded.

    `resident`: only a program that keeps weights and activations on the array (True), or only one
    that brings them from DDR for each layer (False). Raises as `adfc.planner.plan`, and
    CapacityError where `resident` is True and the network does not stay on the device.
    """
    check_tiles(device, tiles, avoid)
    staying = None
    # What a resident program keeps of scratch memory is not planned for yet.
    if resident is not False and not any(layer.scratch for layer in graph.layers):
        staying = plan_resident(graph, device, tiles=tiles, avoid=avoid)
    if resident is True:
        if staying is None:
            raise CapacityError(
                f"the network cannot stay on {device.name} with {tiles} core tiles: its weights, "
                "its tensors or one of its layers do not fit",
                hint="leave --resident out, or use more --tiles",
            )
        return Choice(staying[0])
    if staying is not None and not _could_be_better(graph, device, tiles, staying[1]):
        return Choice(staying[0])
    schedule, cycles = plan_layers(graph, device, tiles=tiles, avoid=avoid)
    if staying is None:
        return Choice(schedule, ASKED if resident is False else unfit_layers(graph) or TOO_LARGE)
    return (
        Choice(staying[0]) if staying[1] <= cycles else Choice(schedule, slower(staying[1], cycles))
    )


def _could_be_better(graph: Graph, device: Device, tiles: int, cycles: int) -> bool:
    """Whether the multiply-accumulates alone leave `cycles` to a program through DDR."""
    rate = device.macs["int8_int8"].macs
    return sum(layer.macs for layer in graph.layers) // (rate * tiles) < cycles // 4
