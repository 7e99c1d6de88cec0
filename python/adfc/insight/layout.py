"""How near a program's places, routes and memory are to the least that could do."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from adfc.insight.memory import Memory
from adfc.insight.replay import Replay
from adfc.insight.routes import Route
from adfc.planner.graph import WORD, Graph, round_up
from adfc.runtime import Who
from adfc.spec.devices import Device

_WIRES = ("NORTH", "SOUTH", "EAST", "WEST")


@dataclass(frozen=True)
class Wires:
    """Wires between neighbouring switches that the streams take.

    `least`: how many they must take with the tiles where they are; `least_anywhere`: with the tiles
    in any places. Both are bounds, which need not be possible for all streams at once.
    """

    streams: int
    used: int
    least: int
    least_anywhere: int


@dataclass(frozen=True)
class Arena:
    """Bytes of activations in DDR: all that the program takes for them, and the most that are alive
    at a time, which no layout can do without."""

    used: int
    least: int

    @property
    def fragmentation(self) -> float:
        """Share of the used bytes that the best layout might save, at most."""
        return 1 - self.least / self.used if self.used else 0.0


@dataclass(frozen=True)
class Fragmented:
    """The memtile that loses most to fragmentation: bytes that are ever in use, and the most that
    are at a time, which no layout can do without."""

    tile: tuple[int, int]
    used: int
    least: int

    @property
    def fragmentation(self) -> float:
        """Share of the used bytes that the best layout might save, at most."""
        return 1 - self.least / self.used if self.used else 0.0


def most_fragmented(memories: Iterable[Memory], device: Device) -> Fragmented | None:
    """Of the memtiles of a run, the first of those that lose most; None where it uses none."""
    tiles = [
        Fragmented(memory.tile, memory.peak(), memory.alive())
        for memory in memories
        if memory.tile is not None and device.kind(memory.tile[1]) == "mem"
    ]
    return max(tiles, key=lambda tile: (tile.used - tile.least, tile.used), default=None)


def wires(replay: Replay) -> Wires:
    """Of all streams of the control programs, each route counted once."""
    tasks = (*replay.tasks, *(replay.load.tasks if replay.load else ()))
    return wires_of({task.route for task in tasks if task.route is not None})


def wires_of(routes: Set[Route]) -> Wires:
    """Of streams with these routes."""
    return Wires(
        streams=len(routes),
        used=sum(map(_wires_of, routes)),
        least=sum(map(_least_here, routes)),
        least_anywhere=sum(len(_tiles(route)) - 1 for route in routes),
    )


def _wires_of(route: Route) -> int:
    sinks = {sink.tile for sink in route.sinks if sink.row == 0}
    return sum(
        hop.master.split()[0] in _WIRES and not (hop.tile in sinks and hop.master[0] == "S")
        for hop in route.hops
    )


def _tiles(route: Route) -> set[tuple[int, int]]:
    ends: tuple[Who, ...] = (route.source, *route.sinks)
    return {who.tile for who in ends}


def _least_here(route: Route) -> int:
    """A tree spans the box around its ends, and has a wire for each tile but the first."""
    columns, rows = zip(*_tiles(route), strict=True)
    box = max(columns) - min(columns) + max(rows) - min(rows)
    return max(box, len(_tiles(route)) - 1)


def arena(graph: Graph, used: int) -> Arena | None:
    """Of a program through DDR that takes `used` bytes for activations, its layers in the graph's
    order; None where tensors are parts of others, so that who is alive cannot be told."""
    if any(layer.views for layer in graph.layers):
        return None
    last: dict[str, int] = {}
    for index, layer in enumerate(graph.layers):
        for name in (*layer.inputs, layer.streamed or ""):
            last[name] = index
    changes = [0] * (len(graph.layers) + 1)
    for index, layer in enumerate(graph.layers):
        if layer.name in last and not layer.given:
            rows, columns, channels = layer.output
            size = rows * columns * round_up(channels, WORD)
            changes[index] += size
            changes[last[layer.name] + 1] -= size
    alive = most = 0
    for change in changes:
        alive += change
        most = max(most, alive)
    return Arena(used, most)
