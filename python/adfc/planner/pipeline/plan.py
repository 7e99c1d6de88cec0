"""The shortest period for which there is room: a schedule for a batch of images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace

from adfc.errors import CapacityError
from adfc.planner.graph import Graph, Layer, stored_words
from adfc.planner.pipeline.balance import Chosen, Limits, NoWay, Terms, balance, cheapest_first
from adfc.planner.pipeline.bands import least_slabs
from adfc.planner.pipeline.chains import Chain, chains_of, joined
from adfc.planner.pipeline.columns import STREAMS_PER_COLUMN, SURE_STREAMS
from adfc.planner.pipeline.floor import SCRAP_BYTES, Floorplan
from adfc.planner.pipeline.memtiles import NoRoomError
from adfc.planner.pipeline.options import Option, options
from adfc.planner.pipeline.refusals import refusals, too_large
from adfc.planner.pipeline.segments import (
    MOST_SEGMENTS,
    Needs,
    Segment,
    all_on,
    cut,
    from_ddr,
)
from adfc.planner.schedule import LayerSchedule, Schedule, Stage
from adfc.planner.search import check_tiles
from adfc.spec.devices import Device

STEP = 1.02
"""The next period that is tried, where there is no room for one."""

LONGER = 1.1
"""By so much a period grows where streams could not be routed."""

SHORTEST = 1000
"""AIE cycles: no shorter period is tried, as setting up more cores would take longer than a batch
of images gains (about 4,600 cycles a core, measured with digits on 14 and on 88 of them)."""

LONG_STEP = 1.1
"""The same for periods of more than `NEAR` times the one that is estimated."""

NEAR = 4

MOST_OVER = 32
"""No period is tried that is so many times the one that is estimated: more segments are better."""


_NAMED = 3
"""So many layers that cannot be stages are named."""


def plan_pipeline(
    graph: Graph,
    device: Device,
    *,
    tiles: int,
    batch: int,
    avoid: Sequence[tuple[int, int]] = (),
    asked: Sequence[Asked] = (),
) -> tuple[Schedule, tuple[int, ...]]:
    """A schedule with a stage for each layer, and the periods of its segments: modelled AIE cycles
    for an image.

    `asked`: there are as many segments, for where streams could not be routed. Raises
    CapacityError, which names what is in the way, where the network cannot be pipelined.
    """
    check_tiles(device, tiles, avoid)
    unfit = refusals(graph)
    if unfit:
        more = len(unfit) - _NAMED
        raise CapacityError(
            "the network cannot be pipelined: "
            + "; ".join(unfit[:_NAMED])
            + (f"; and {more} more" if more > 0 else ""),
            hint="leave --batch out",
        )
    array = _Array(device, tiles, tuple(avoid), batch)
    plans: list[tuple[Schedule, tuple[int, ...]]] = []
    reason = ""
    for network in _networks(graph, device, batch):
        found = _plan_network(array, network, asked)
        if isinstance(found, str):
            reason = found
        else:
            plans.append(found)
    if plans:
        return min(plans, key=lambda plan: sum(plan[1]))
    raise CapacityError(
        f"the network cannot be pipelined on {device.name}: there is no room for {reason}",
        hint="leave --batch out, or use "
        + ("more --tiles or " if tiles < device.core_tiles - len(set(avoid)) else "")
        + "a smaller batch",
    )


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
class _Network:
    """Layers, of which some are chains, and the ways of each by its name."""

    graph: Graph
    chains: Mapping[str, Chain]
    ways: Mapping[str, Sequence[Option]]


@dataclass(frozen=True)
class _Array:
    """What there is, and how many images come."""

    device: Device
    tiles: int
    avoid: tuple[tuple[int, int], ...]
    batch: int


def _networks(graph: Graph, device: Device, batch: int) -> Iterator[_Network]:
    """With poolings chained to the layers before them, where any fit so, and without."""
    plain = _ways(graph.layers, device, batch, {})
    chains = chains_of(graph)
    chained = _ways((chain.layer() for chain in chains.values()), device, batch, chains)
    fit = {name: chain for name, chain in chains.items() if chained[name]}
    if fit:
        ways = {**plain, **{name: chained[name] for name in fit}}
        yield _Network(joined(graph, fit), fit, ways)
    yield _Network(graph, {}, plain)


def _plan_network(
    array: _Array, network: _Network, asked: Sequence[Asked]
) -> tuple[Schedule, tuple[int, ...]] | str:
    """In as few segments as there must be; or for what there is no room."""
    needs = Needs(network.graph, network.ways, array.device, array.tiles)
    reason = needs.lacking()
    for count in [len(asked)] if asked else range(1, MOST_SEGMENTS + 1):
        segments = cut(network.graph, needs, count)
        if segments is None:
            continue
        found = _plan_segments(array, network, segments, asked or (Asked(),) * count)
        if not isinstance(found, str):
            return found
        reason = found
    return reason


def _plan_segments(
    array: _Array, network: _Network, segments: Sequence[Segment], asked: Sequence[Asked]
) -> tuple[Schedule, tuple[int, ...]] | str:
    """Each by itself; or for what there is no room."""
    layers: dict[str, LayerSchedule] = {}
    periods: list[int] = []
    lanes: dict[str, int] = {}
    room = array.device.mem.data_bytes - SCRAP_BYTES
    for number, (segment, least) in enumerate(zip(segments, asked, strict=True)):
        inputs = {name: count for name, count in lanes.items() if name in segment.graph.inputs}
        terms = Terms(room, array.batch, inputs, least.streams, least.gather)
        found = _plan_segment(array, segment, network.ways, terms, least.period)
        if isinstance(found, str):
            return found
        chosen, stages = found
        for name, taken in chosen.items():
            stage = replace(stages[name], segment=number)
            layers.update(_schedules(name, taken, stage, network.chains.get(name)))
        lanes = {from_ddr(name): taken.lanes for name, taken in chosen.items()}
        periods.append(_period(segment.graph, chosen, inputs))
    schedule = Schedule(array.device.name, array.tiles, array.avoid, layers, batch=array.batch)
    return schedule, tuple(periods)


def _plan_segment(
    array: _Array,
    segment: Segment,
    ways: Mapping[str, Sequence[Option]],
    terms: Terms,
    least_period: int,
) -> tuple[dict[str, Chosen], dict[str, Stage]] | str:
    """The shortest period for which there is room; or for what there is none."""
    graph = segment.graph
    shortest = _shortest(graph, array.device, array.tiles)
    period = max(least_period, shortest)
    reason: str | NoWay = ""
    slow = max(segment.period, *_from_ddr(graph, terms.lanes).values())
    while period < max(least_period, MOST_OVER * slow) + 1:
        for given in (Limits(), None):
            chosen = balance(graph, ways, period, terms, limits=given)
            if isinstance(chosen, NoWay):
                reason = chosen
            elif (cores := sum(taken.option.cores for taken in chosen.values())) > array.tiles:
                reason = f"{all_on(array.tiles)}: they take {cores:,}"
            else:
                try:
                    return chosen, Floorplan(graph, array.device, array.avoid, terms).stages(chosen)
                except NoRoomError as full:
                    reason = full.message
        period = int(period * (STEP if period < NEAR * segment.period else LONG_STEP)) + 1
    return str(reason)


def _ways(
    layers: Iterable[Layer], device: Device, batch: int, chains: Mapping[str, Chain]
) -> dict[str, list[Option]]:
    """All ways of each layer that fit; layers of one shape share theirs. Raises CapacityError where
    one that is no chain has none."""
    known: dict[tuple[Layer, Chain | None], list[Option]] = {}
    ways: dict[str, list[Option]] = {}
    for layer in layers:
        chain = chains.get(layer.name)
        key = layer.shape(), chain.shape() if chain else None
        if key not in known:
            found = options(replace(layer, given=False), device, batch=batch, chain=chain)
            room = device.mem.data_bytes
            fit = [
                way for way in found if all(size <= room for size in least_slabs(layer, way, batch))
            ]
            if not fit and not chain:
                raise too_large(replace(layer, given=False), found, device, batch=batch)
            known[key] = cheapest_first(layer, fit)
        ways[layer.name] = known[key]
    return ways


def _from_ddr(graph: Graph, lanes: Mapping[str, int]) -> dict[str, int]:
    """AIE cycles that an image of each input takes in its streams, at a word a cycle."""
    return {
        name: stored_words(extent) // lanes.get(name, 1) for name, extent in graph.inputs.items()
    }


def _period(graph: Graph, chosen: Mapping[str, Chosen], lanes: Mapping[str, int]) -> int:
    """AIE cycles for an image: of the slowest layer, or of what comes from DDR in its streams."""
    together = {
        name for layer in graph.layers if not chosen[layer.name].gathered for name in layer.inputs
    }
    found = [cycles for name, cycles in _from_ddr(graph, lanes).items() if name in together]
    return max([*found, *(taken.cycles for taken in chosen.values())])


def _shortest(graph: Graph, device: Device, tiles: int) -> int:
    """The multiply-accumulates alone take as long, or what goes with each image."""
    rate = device.macs["int8_int8"].macs
    return max(SHORTEST, sum(layer.macs for layer in graph.layers) // (rate * tiles))


def _schedules(
    name: str, chosen: Chosen, stage: Stage, chain: Chain | None
) -> dict[str, LayerSchedule]:
    """Of a layer by its name; of both layers of a chain."""
    option = chosen.option
    whole = LayerSchedule(
        grid=(option.groups, option.channel_groups),
        tile=astuple(option.call),
        depth=option.depth,
        memtiles=(1, 1),
        rounds=1,
        cycles=option.call_cycles,
        stage=stage,
    )
    if chain is None:
        return {name: whole}
    tail = replace(
        whole,
        tile=astuple(chain.outer(option.call)),
        cycles=option.tail_cycles,
        chained=True,
        stage=None,
    )
    return {
        chain.head.name: replace(whole, tile=astuple(chain.inner(option.call))),
        name: tail,
    }
