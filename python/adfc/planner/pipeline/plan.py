"""A schedule for a batch of images: in one segment where all layers have room, else in several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from adfc.errors import CapacityError
from adfc.planner.graph import Graph
from adfc.planner.pipeline.balance import Chosen
from adfc.planner.pipeline.chains import Chain
from adfc.planner.pipeline.columns import SENDERS_PER_COLUMN
from adfc.planner.pipeline.networks import Network, networks
from adfc.planner.pipeline.refusals import refusals
from adfc.planner.pipeline.segment_plan import Array, Asked, SegmentPlanner
from adfc.planner.pipeline.segments import (
    MOST_SEGMENTS,
    PERIOD_STEP,
    Needs,
    Periods,
    Segment,
    cut,
    from_ddr,
)
from adfc.planner.schedule import LayerSchedule, Schedule, Stage
from adfc.planner.search import check_tiles
from adfc.spec.devices import Device

SET_UP_CYCLES = 5_200
"""AIE cycles that setting up a core takes, with all that goes with it (assumed, from resnet50 with
other segments than now: 3,070,906 cycles of control with nothing else in progress, 588 cores)."""

MOST_CUTS = 12
"""So often a network is cut anew, as the periods of its segments turn out."""

FILLING = 15
"""Periods until the first image has left (assumed: between 13 of resnet18 and 30 of resnet8, in
docs/throughput.md)."""

_NAMED = 3
"""So many layers that cannot be stages are named."""


def plan_pipelines(
    graph: Graph,
    device: Device,
    *,
    tiles: int,
    batch: int,
    avoid: Sequence[tuple[int, int]] = (),
    asked: Sequence[Asked] = (),
) -> list[tuple[Schedule, tuple[int, ...]]]:
    """Schedules with a stage for each layer, and the periods of their segments: modelled AIE cycles
    for an image. The best is the first; where it has several segments, the best of other numbers
    follow, as far as they were thought to be better.

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
    found = _plans(Array(device, tiles, tuple(avoid), batch), graph, asked)
    if not isinstance(found, str):
        best: dict[int, _Plan] = {}
        for plan in sorted(found, key=lambda plan: plan.cycles):
            best.setdefault(len(plan.periods), plan)
        return [(plan.schedule, plan.periods) for plan in best.values()]
    raise CapacityError(
        f"the network cannot be pipelined on {device.name}: there is no room for {found}",
        hint=", or use ".join(
            [
                "leave --batch out",
                *(["more --tiles"] if tiles < device.core_tiles - len(set(avoid)) else []),
            ]
        ),
    )


@dataclass(frozen=True)
class _Plan:
    """A schedule, and the periods of its segments."""

    schedule: Schedule
    periods: tuple[int, ...]

    @property
    def cycles(self) -> int:
        """AIE cycles of an inference, about: several segments are set up in each."""
        stages = [layer.stage for layer in self.schedule.layers.values() if layer.stage]
        cores = sum(len(stage.cores) for stage in stages) if len(self.periods) > 1 else 0
        return _passing(self.schedule.batch or 1, sum(self.periods)) + SET_UP_CYCLES * cores


def _passing(batch: int, period: float) -> int:
    """AIE cycles, about, in which so many images go through, one a period."""
    return int((batch + FILLING) * period)


def _plans(array: Array, graph: Graph, asked: Sequence[Asked]) -> list[_Plan] | str:
    """In one segment, or else in several numbers of them; or for what there is no room."""
    found: list[_Plan] | str = ""
    planned = list(networks(graph, array.device))
    if len(asked) < 2:
        found = _in_segments(array, planned, [1], asked)
        if asked or not isinstance(found, str):
            return found
    # Segments with chained layers are taken, where there are any.
    counts = [len(asked)] if asked else range(2, MOST_SEGMENTS + 1)
    for network in planned:
        found = _in_segments(array, [network], counts, asked) or found
        if not isinstance(found, str):
            break
    return found


def _in_segments(
    array: Array, planned: Iterable[Network], counts: Iterable[int], asked: Sequence[Asked]
) -> list[_Plan] | str:
    """Each network cut into so many segments; or for what there is no room."""
    plans: list[_Plan] = []
    reason = ""
    for network in planned:
        needs = [Needs(network.graph, ways, array.device, array.tiles) for ways in network.priced]
        cutter = _Cutter(array, network, SegmentPlanner(array, network), Periods(needs))
        for count in counts:
            found = cutter.plans(asked or (Asked(),) * count, plans)
            plans += found if not isinstance(found, str) else []
            reason = found if isinstance(found, str) and found else reason
        reason = reason or needs[0].lacking()
    return plans or reason


@dataclass(frozen=True)
class _Cutter:
    """Cuts a network where the periods are the shortest in sum, plans the segments, and cuts again
    with the periods that they turn out to have."""

    array: Array
    network: Network
    planner: SegmentPlanner
    periods: Periods

    def plans(self, asked: Sequence[Asked], known: Sequence[_Plan]) -> list[_Plan] | str:
        """In as many segments, each better than the `known` plans may be; or for what there is no
        room."""
        found: list[_Plan] = []
        reason = ""
        for _ in range(MOST_CUTS):
            segments = cut(self.network.graph, self.periods, len(asked))
            if segments is None or not self._can_be_best(segments, [*known, *found]):
                break
            plan, news = self._joined(segments, asked)
            if isinstance(plan, str):
                reason = plan
            else:
                found.append(plan)
            if not news:
                break
        return found or reason

    def _can_be_best(self, segments: Sequence[Segment], known: Sequence[_Plan]) -> bool:
        period = sum(segment.period for segment in segments) / PERIOD_STEP
        return all(_passing(self.array.batch, period) < plan.cycles for plan in known)

    def _joined(
        self, segments: Sequence[Segment], asked: Sequence[Asked]
    ) -> tuple[_Plan | str, bool]:
        """One segment after the other, or for what there is no room; and whether that was not known
        of all of them."""
        layers: dict[str, LayerSchedule] = {}
        periods: list[int] = []
        lanes: dict[str, int] = {}
        used: dict[tuple[int, int], None] = {}
        news = False
        for number, (segment, least) in enumerate(zip(segments, asked, strict=True)):
            inputs = {name: count for name, count in lanes.items() if name in segment.graph.inputs}
            found = self.planner.plan(segment, inputs, least, _beyond(self.array, used))
            news |= self.periods.plan(segment, 0 if isinstance(found, str) else found.period)
            if isinstance(found, str):
                return found, news
            for name, taken in found.chosen.items():
                stage = replace(found.stages[name], segment=number)
                layers.update(_schedules(name, taken, stage, self.network.chains.get(name)))
            used |= dict.fromkeys(at for stage in found.stages.values() for at in stage.cores)
            lanes = {from_ddr(name): taken.lanes for name, taken in found.chosen.items()}
            periods.append(found.period)
        array = self.array
        schedule = Schedule(array.device.name, array.tiles, array.avoid, layers, batch=array.batch)
        return _Plan(schedule, tuple(periods)), news


def _beyond(array: Array, used: Iterable[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """Core tiles that would be one too many: all but those that segments before use, and as many
    others as may be used besides, of which as many can send as there are."""
    first, rows = array.device.core_rows
    sending = range(first, first + min(SENDERS_PER_COLUMN, rows))
    others = range(sending.stop, first + rows)
    columns = range(array.device.columns)
    every = [(column, row) for part in (sending, others) for column in columns for row in part]
    order = dict.fromkeys([*used, *(at for at in every if at not in array.avoid)])
    return frozenset([*order][array.tiles :]) if used else frozenset()


def _schedules(
    name: str, chosen: Chosen, stage: Stage, chain: Chain | None
) -> dict[str, LayerSchedule]:
    """Of a layer by its name; of both layers of a chain."""
    option = chosen.option
    whole = LayerSchedule(
        grid=(option.groups, option.channel_groups),
        tile=option.call.tile,
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
        tile=chain.outer(option.call).tile,
        cycles=option.tail_cycles,
        chained=True,
        stage=None,
    )
    return {
        chain.head.name: replace(whole, tile=chain.inner(option.call).tile),
        name: tail,
    }
