"""Where a network is cut, of which not all layers have room on the array at a time.

All images of a batch go through a segment, and the next one follows. What it reads of the one
before is a single tensor, which goes through DDR.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from adfc.planner.graph import WORD, Graph, Layer, ceil_div, stored_words
from adfc.planner.pipeline.columns import SENDERS_PER_COLUMN
from adfc.planner.pipeline.options import Ways
from adfc.spec.devices import Device

MOST_SEGMENTS = 4
"""Segments that are tried: each sets up the array anew, and loads its weights again."""

WEIGHTS_SHARE = 0.75
"""Of the memtiles, for weights, at most: the rest is for slabs and joins (assumed)."""

SHORTEST = 100
"""AIE cycles: no shorter period is tried, as each message takes a DMA some to start (assumed)."""

PERIOD_STEP = 1.1
"""From one period to the next for which what layers need is estimated: an estimate may be so many
times too long."""

_PERIODS = [int(SHORTEST * PERIOD_STEP**step) for step in range(125)]
"""AIE cycles for which what layers need is estimated."""


@dataclass(frozen=True)
class Segment:
    """The layers [first, end) of a network, which are on the array together; `period`: AIE cycles
    for an image, estimated or as planned."""

    graph: Graph
    first: int
    end: int
    period: int


def cut(graph: Graph, periods: Periods, count: int) -> list[Segment] | None:
    """So many segments, of which the periods are the shortest in sum; None where a segment would
    not fit, or there are not so many places to cut."""
    places = [0, *_places(graph), len(graph.layers)]
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for _ in range(count):
        longer: dict[int, tuple[int, tuple[int, ...]]] = {}
        for first, (before, cuts) in best.items():
            for end in (place for place in places if place > first):
                period = periods.of(first, end)
                if period and (end not in longer or before + period < longer[end][0]):
                    longer[end] = before + period, (*cuts, end)
        best = longer
    if len(graph.layers) not in best:
        return None
    ends = best[len(graph.layers)][1]
    return [
        Segment(_between(graph, first, end), first, end, periods.of(first, end))
        for first, end in zip((0, *ends[:-1]), ends, strict=True)
    ]


def crossing(graph: Graph, place: int) -> set[str]:
    """Results of layers before a place that layers behind it read."""
    made = {layer.name for layer in graph.layers[:place]}
    return {name for layer in graph.layers[place:] for name in layer.inputs if name in made}


def all_on(tiles: int) -> str:
    """What has no room, for errors."""
    return f"all layers on {tiles} core tiles"


def from_ddr(name: str) -> str:
    """What an earlier segment's result is called where it comes from DDR: a layer may be called 0,
    as the network's first input is ("%0")."""
    return f"%'{name}'"


def _places(graph: Graph) -> list[int]:
    """Where a single tensor would go through DDR."""
    return [i for i in range(1, len(graph.layers)) if len(crossing(graph, i)) == 1]


def _between(graph: Graph, first: int, end: int) -> Graph:
    """The layers [first, end) as a graph of their own."""
    earlier, later = crossing(graph, first), crossing(graph, end)
    return Graph(
        tuple(
            replace(
                layer,
                inputs=tuple(from_ddr(n) if n in earlier else n for n in layer.inputs),
                given=layer.given or layer.name in later,
            )
            for layer in graph.layers[first:end]
        )
    )


def ddr_cycles(graph: Graph, device: Device) -> int:
    """AIE cycles in which DDR moves what a segment reads and makes of an image."""
    words = sum(stored_words(extent) for extent in graph.inputs.values())
    words += sum(stored_words(layer.output) for layer in graph.layers if layer.given)
    return ceil_div(WORD * words * device.clock_mhz, device.cycles("ddr_mbytes_per_second"))


class Periods:
    """Of segments: estimated, which is mostly too short, or as planned where that is known: behind
    one segment, which then stands for others, too."""

    def __init__(self, needs: Sequence[Needs]) -> None:
        self._needs = needs
        self._planned: dict[tuple[int, int], int] = {}

    def of(self, first: int, end: int) -> int:
        """AIE cycles for an image, at the prices for which they are the fewest; 0: there is no room
        for the segment."""
        if (first, end) not in self._planned:
            found = [needs.period(first, end) for needs in self._needs]
            return min((period for period in found if period), default=0)
        return self._planned[first, end]

    def plan(self, segment: Segment, period: int) -> bool:
        """A segment turned out to have this period, 0: no room. Whether that is news."""
        key = segment.first, segment.end
        news = key not in self._planned
        self._planned.setdefault(key, period)
        return news


class Needs:
    """What layers need at least, for each period; their `ways` are the cheapest first."""

    def __init__(self, graph: Graph, ways: Ways, device: Device, tiles: int) -> None:
        self._graph = graph
        self._device = device
        self._ways = ways
        self._tiles = tiles
        self._senders = SENDERS_PER_COLUMN * device.columns
        memtiles = device.mem_rows[1] * device.columns
        self._weights = int(WEIGHTS_SHARE * memtiles * device.mem.data_bytes)
        self._known: dict[tuple[int, int], tuple[int, int] | None] = {}
        self._periods: dict[tuple[int, int], int] = {}

    def lacking(self) -> str:
        """For which layers there is no room at once, and what they take more of than there is."""
        layers = [(layer, self._ways[layer.name]) for layer in self._graph.layers]
        cores = sum(min(way.cores for way in ways) for _, ways in layers)
        senders = sum(min(way.senders for way in ways) for _, ways in layers)
        weights = sum(ways[0].weights_bytes(layer) for layer, ways in layers)
        over = [
            f"{taken:,} {what}, of {room:,}"
            for taken, what, room in (
                (cores, "core tiles", self._tiles),
                (senders, "core tiles that send a result", self._senders),
                (weights, "bytes of weights in memtiles", self._weights),
            )
            if taken > room
        ]
        told = f": together they take at least {'; '.join(over)}" if over else ""
        return all_on(self._tiles) + told

    def period(self, first: int, end: int) -> int:
        """The shortest for which the cores of these layers have room, and DDR time; 0: there is
        none."""
        if (first, end) not in self._periods:
            shortest = self._shortest(self._graph.layers[first:end])
            if shortest:
                moved = ddr_cycles(_between(self._graph, first, end), self._device)
                shortest = max(shortest, moved)
            self._periods[first, end] = shortest
        return self._periods[first, end]

    def _shortest(self, layers: Sequence[Layer]) -> int:
        size = sum(self._ways[layer.name][0].weights_bytes(layer) for layer in layers)
        if size > self._weights:
            return 0
        at = bisect_left(_PERIODS, True, key=lambda period: self._have_room(layers, period))
        return _PERIODS[at] if at < len(_PERIODS) else 0

    def _have_room(self, layers: Sequence[Layer], period: int) -> bool:
        cores = senders = 0
        for layer in layers:
            found = self._cheapest(layer, period)
            if found is None:
                return False
            cores, senders = cores + found[0], senders + found[1]
        return cores <= self._tiles and senders <= self._senders

    def _cheapest(self, layer: Layer, period: int) -> tuple[int, int] | None:
        """Cores and senders of the way that takes the least of the array."""
        # Equal layers share their ways, which are the cheapest first.
        key = id(self._ways[layer.name]), period
        if key not in self._known:
            fast = (way for way in self._ways[layer.name] if way.stage_cycles <= period)
            way = next(fast, None)
            self._known[key] = None if way is None else (way.cores, way.senders)
        return self._known[key]
