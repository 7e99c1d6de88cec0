"""One segment of a network: the shortest period for which its stages have room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from adfc.planner.graph import Graph, stored_words
from adfc.planner.pipeline.balance import PRICES, Chosen, Limits, NoWay, Terms, balance
from adfc.planner.pipeline.columns import STREAMS_PER_COLUMN, SURE_STREAMS
from adfc.planner.pipeline.floor import SCRAP_BYTES, Floorplan
from adfc.planner.pipeline.memtiles import Coordinate, NoRoomError
from adfc.planner.pipeline.networks import Network
from adfc.planner.pipeline.segments import PERIOD_STEP, SHORTEST, Segment, all_on, ddr_cycles
from adfc.planner.schedule import Stage
from adfc.spec.devices import Device

STEP = 1.1
"""The next period that is tried, where there is no room for one."""

FINE_STEP = 1.02
"""The same, from the last one for which there was no room."""

LONGER = 1.1
"""By so much a period grows where streams could not be routed."""

MOST_OVER = 8
"""No period is tried that is so many times the one that is estimated: more segments are better."""


@dataclass(frozen=True)
class Array:
    """What there is, and how many images come."""

    device: Device
    tiles: int
    avoid: tuple[tuple[int, int], ...]
    batch: int


@dataclass(frozen=True)
class Asked:
    """Of a segment: no shorter `period` is tried, at most `streams` lead to a column, and whether
    inputs of the network may come to each group of rows by themselves (`gather`)."""

    period: int = 0
    streams: int = STREAMS_PER_COLUMN
    gather: bool = True

    def easier(self, found: int) -> Asked:
        """What to ask where the streams of a plan with this period could not be routed."""
        if self.streams > SURE_STREAMS:
            return replace(self, streams=SURE_STREAMS)
        if self.gather:
            return replace(self, gather=False)
        # What was found can be shorter than what was asked for: no layer has a longer way.
        longest = max(found, self.period, SHORTEST)
        return replace(self, period=int(longest * LONGER) + 1)


@dataclass(frozen=True)
class Stages:
    """Of a segment; `period`: AIE cycles for an image, as planned."""

    chosen: Mapping[str, Chosen]
    stages: Mapping[str, Stage]
    period: int


class SegmentPlanner:
    """Plans segments of a network, those for which there is room only once."""

    def __init__(self, array: Array, network: Network) -> None:
        self._array = array
        self._network = network
        self._known: dict[object, Stages] = {}

    def plan(
        self,
        segment: Segment,
        lanes: Mapping[str, int],
        asked: Asked,
        beyond: frozenset[Coordinate],
    ) -> Stages | str:
        """The shortest period for which there is room; or for what there is none. `lanes`: in how
        many streams inputs come, where they are several; `beyond`: core tiles that other segments
        leave none of."""
        layers = segment.graph.layers
        key = layers[0].name, layers[-1].name, tuple(sorted(lanes.items())), asked, beyond
        if key in self._known:
            return self._known[key]
        room = self._array.device.mem.data_bytes - SCRAP_BYTES
        avoid = frozenset(self._array.avoid) | beyond
        terms = Terms(room, lanes, asked.streams, asked.gather, avoid)
        found = self._plan(segment, terms, asked.period)
        # How long is tried depends on the estimate, which is another one at other prices.
        if not isinstance(found, str):
            self._known[key] = found
        return found

    def _plan(self, segment: Segment, terms: Terms, least: int) -> Stages | str:
        graph = segment.graph
        shortest = max(least, self._shortest(graph))
        slow = max(segment.period, *_from_ddr(graph, terms.lanes).values())
        longest = max(least, MOST_OVER * slow)
        # An estimate is seldom too long.
        likely = max(shortest, int(segment.period / PERIOD_STEP))
        found = self._first(graph, terms, likely, longest)
        if not isinstance(found, str) and shortest < found.period <= likely:
            shorter = self._first(graph, terms, shortest, found.period)
            found = found if isinstance(shorter, str) else shorter
        return found

    def _first(self, graph: Graph, terms: Terms, period: int, longest: int) -> Stages | str:
        """From a period on, the first for which there is room."""
        before, found = period, ""
        while period <= longest and isinstance(found := self._within(graph, terms, period), str):
            before, period = period, int(period * STEP) + 1
        while not isinstance(found, str) and (before := int(before * FINE_STEP) + 1) < period:
            finer = self._within(graph, terms, before)
            if not isinstance(finer, str):
                return finer
        return found

    def _within(self, graph: Graph, terms: Terms, period: int) -> Stages | str:
        """With cascades at one of the prices, or without; or for what there is no room. What one
        core sends for another comes later, so there are pairs only where there is no room
        without."""
        reason: str | NoWay = ""
        priced = (self._network.alone, self._network.priced)
        tries = [
            (prices, ways, Limits())
            for each in priced
            for prices, ways in zip(PRICES, each, strict=True)
        ]
        before: list[Mapping[str, Chosen]] = []
        for prices, ways, limits in [*tries, (PRICES[0], priced[0][0], None)]:
            chosen = balance(graph, ways, period, terms, prices, limits=limits)
            if isinstance(chosen, NoWay):
                reason = chosen
                continue
            if chosen in before:
                continue
            before.append(chosen)
            found = self._floor(graph, terms, chosen)
            if not isinstance(found, str):
                return found
            reason = found
        return str(reason)

    def _floor(self, graph: Graph, terms: Terms, chosen: Mapping[str, Chosen]) -> Stages | str:
        array = self._array
        cores = sum(taken.option.cores for taken in chosen.values())
        if cores > array.tiles:
            return f"{all_on(array.tiles)}: they take {cores:,}"
        try:
            stages = Floorplan(graph, array.device, terms).stages(chosen)
        except NoRoomError as full:
            return full.message
        return Stages(chosen, stages, _period(array.device, graph, chosen, terms.lanes))

    def _shortest(self, graph: Graph) -> int:
        """The first period that is tried: the multiply-accumulates alone take as long."""
        rate = self._array.device.macs["int8_int8"].macs * self._array.tiles
        return max(SHORTEST, sum(layer.macs for layer in graph.layers) // rate)


def _from_ddr(graph: Graph, lanes: Mapping[str, int]) -> dict[str, int]:
    """AIE cycles that an image of each input takes in its streams, at a word a cycle."""
    return {
        name: stored_words(extent) // lanes.get(name, 1) for name, extent in graph.inputs.items()
    }


def _period(
    device: Device, graph: Graph, chosen: Mapping[str, Chosen], lanes: Mapping[str, int]
) -> int:
    """AIE cycles for an image: of the slowest layer, of what comes from DDR in its streams, or of
    DDR itself."""
    together = {
        name for layer in graph.layers if not chosen[layer.name].gathered for name in layer.inputs
    }
    found = [cycles for name, cycles in _from_ddr(graph, lanes).items() if name in together]
    slowest = max(taken.cycles for taken in chosen.values())
    return max([*found, slowest, ddr_cycles(graph, device)])
