"""Pipelined programs: into how many segments a network is cut, and what a plan is chosen by."""

from __future__ import annotations

from itertools import pairwise

import pytest
from planner_layers import add, conv, named, plan_pipeline

from adfc.planner import Graph, Schedule
from adfc.planner.pipeline import Asked
from adfc.planner.pipeline.balance import Prices, cheapest_first
from adfc.planner.pipeline.options import Option, options
from adfc.planner.pipeline.plan import FILLING, SET_UP_CYCLES
from adfc.planner.pipeline.segments import ddr_cycles
from adfc.spec import devices

DEVICE = devices.load("ve2802")


def chain(count: int, size: int, channels: int) -> Graph:
    """So many convolutions, one behind the other."""
    body = conv(size, size, channels, out=channels, kernel=3, pad=1)
    names = ["%0", *(f"c{i}" for i in range(count))]
    return Graph(
        tuple(
            named(body, name, before, given=name == names[-1]) for before, name in pairwise(names)
        )
    )


def plan(graph: Graph, tiles: int, batch: int, segments: int = 0) -> tuple[Schedule, int, int]:
    """A plan, its number of segments, and about how many cycles an inference takes."""
    asked = (Asked(),) * segments
    schedule, periods = plan_pipeline(graph, DEVICE, tiles=tiles, batch=batch, asked=asked)
    stages = [layer.stage for layer in schedule.layers.values() if layer.stage]
    cores = sum(len(stage.cores) for stage in stages) if len(periods) > 1 else 0
    return schedule, len(periods), (batch + FILLING) * sum(periods) + SET_UP_CYCLES * cores


def test_a_network_that_stays_may_count_any_number_of_images() -> None:
    """Of 64 images, a task's queue could not count the calls of a row each."""
    graph = chain(2, 32, 32)
    assert plan(graph, 8, 64)[0].layers == plan(graph, 8, 4)[0].layers


def test_no_more_segments_than_there_must_be_where_one_is_enough() -> None:
    assert plan(chain(3, 16, 16), 3, 16)[1] == 1


def test_segments_are_as_many_as_make_an_inference_short() -> None:
    """Four layers on two core tiles: not all have room."""
    graph = chain(4, 16, 32)
    for batch in (2, 16, 64):
        _, chosen, cycles = plan(graph, 2, batch)
        assert chosen > 1
        assert cycles == min(plan(graph, 2, batch, count)[2] for count in (2, 3, 4))


@pytest.mark.parametrize("tiles", [3, *range(6, 14)])
def test_segments_share_the_core_tiles_that_there_are(tiles: int) -> None:
    body = conv(16, 16, 32, out=32, kernel=3, pad=1)
    wide = conv(16, 16, 32, out=256, kernel=1)
    graph = Graph(
        (
            named(body, "a", "%0"),
            named(body, "b", "a"),
            named(wide, "c", "b"),
            named(conv(16, 16, 256, out=32, kernel=1), "d", "c"),
            named(add(16, 16, 32), "s", "b", "d"),
            *(named(body, f"e{i}", f"e{i - 1}" if i else "s", given=i == 5) for i in range(6)),
        )
    )
    schedule, segments, _ = plan(graph, tiles, 16)
    stages = [layer.stage for layer in schedule.layers.values() if layer.stage]
    assert len({at for stage in stages for at in stage.cores}) <= tiles
    assert segments > 1 or tiles >= 11


def test_ddr_moves_what_goes_into_a_segment_and_out_of_it() -> None:
    """8 x 8 pixels of 16 and of 32 bytes, at 15,600 MB/s and 1,250 MHz: 3,072 bytes in 246.2
    cycles; what stays between does not count."""
    graph = Graph(
        (
            named(conv(8, 8, 16, out=32, kernel=3, pad=1), "a", "%0"),
            named(conv(8, 8, 32, out=32, kernel=3, pad=1), "b", "a"),
            named(add(8, 8, 32), "s", "a", "b", given=True),
        )
    )
    assert ddr_cycles(graph, DEVICE) == 247


def test_where_senders_are_dear_fewer_cores_send() -> None:
    """Cores of a cascade, of which one sends, instead of single ones."""
    layer = conv(14, 14, 1024, out=256, kernel=1)
    ways = options(layer, DEVICE)

    def cheapest(prices: Prices) -> Option:
        return next(o for o in cheapest_first(layer, ways, prices) if o.stage_cycles <= 60_000)

    cheap, dear = cheapest(Prices(3, 0, 4)), cheapest(Prices(3, 18, 4))
    assert dear.senders < cheap.senders and dear.cores >= cheap.cores
