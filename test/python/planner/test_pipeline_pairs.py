"""Pairs of cores, of which one sends what both make: four streams lead south from a column."""

from __future__ import annotations

from collections import Counter

from planner_layers import add, conv, named, plan_pipeline

from adfc.planner import Graph, Schedule, fit
from adfc.planner.graph import WORD, round_up
from adfc.planner.pipeline.options import options
from adfc.spec import devices

DEVICE = devices.load("ve2802")
CORE_BYTES = 65536
SENDERS = 4


def test_a_pair_is_of_two_cores_outside_of_cascades() -> None:
    found = options(conv(28, 28, 32, out=64, kernel=3, pad=1), DEVICE)
    pairs = [option for option in found if option.paired]
    assert pairs and not all(option.paired for option in found)
    for option in pairs:
        assert option.cascade == 1
        assert 2 * option.senders == option.cores == option.groups * option.channel_groups


def test_the_core_that_sends_has_room_for_both_results() -> None:
    """Of the widest layer so that some cores have room for their own results only."""
    layer = conv(14, 14, 256, out=512, kernel=1)
    found = [option for option in options(layer, DEVICE) if option.cascade == 1]
    alone = {(option.groups, option.channel_groups) for option in found if not option.paired}
    assert alone - {(option.groups, option.channel_groups) for option in found if option.paired}
    for option in found:
        own = fit.core_bytes(layer, option.call, option.depth)
        other = option.depth[2] * round_up(option.call.output_bytes(), 64) if option.paired else 0
        assert own + other <= CORE_BYTES


def test_a_single_buffer_is_waited_for_while_both_results_are_sent() -> None:
    """A word a cycle. Where each core sends for itself, there is room for two."""
    layer = conv(14, 14, 256, out=512, kernel=1)
    found = options(layer, DEVICE)
    alone = {
        (option.groups, option.channel_groups, option.call, option.chunks): option
        for option in found
        if not option.paired and option.cascade == 1 and option.depth[2] == 2
    }
    seen = 0
    for option in found:
        key = option.groups, option.channel_groups, option.call, option.chunks
        if option.paired and option.depth[2] == 1 and key in alone:
            waited = 2 * option.tiles * option.call.output_bytes() // WORD
            assert option.core_cycles - alone[key].core_cycles == waited
            seen += 1
    assert seen


def residual() -> Graph:
    """Layers of which the cheapest ways take many cores that send."""
    body = conv(28, 28, 64, out=64, kernel=3, pad=1)
    layers = [named(body, "a", "%0")]
    for i in range(8):
        layers += [named(body, f"b{i}", layers[-1].name)]
        layers += [named(add(28, 28, 64), f"s{i}", layers[-1].name, layers[-2].name)]
    return Graph((*layers, named(body, "z", layers[-1].name, given=True)))


def crowded() -> Schedule:
    """A plan for eight columns, which have no room for so many cores that send at that period."""
    avoid = [(column, row) for column in range(8, 38) for row in range(3, 11)]
    schedule, _ = plan_pipeline(residual(), DEVICE, tiles=64, batch=4, avoid=avoid)
    return schedule


def test_where_there_is_room_without_each_core_sends_for_itself() -> None:
    """What another one sends for it comes later."""
    body = conv(16, 16, 16, out=16, kernel=3, pad=1)
    graph = Graph((named(body, "a", "%0"), named(body, "b", "a", given=True)))
    schedule, _ = plan_pipeline(graph, DEVICE, tiles=304, batch=4)
    assert not any(layer.stage and layer.stage.paired for layer in schedule.layers.values())


def test_pairs_stand_above_each_other_and_four_cores_of_a_column_send() -> None:
    """The second core of a pair reaches its southern neighbour's memory (AM020)."""
    schedule = crowded()
    senders: Counter[int] = Counter()
    paired = 0
    for layer in schedule.layers.values():
        stage = layer.stage
        assert stage is not None
        groups, channel_groups = layer.grid[0], layer.grid[1]
        last = stage.cores[stage.cascade - 1 :: stage.cascade]
        share = channel_groups // stage.lanes
        for lane in range(stage.lanes):
            order = [
                s * channel_groups + lane * share + c for s in range(groups) for c in range(share)
            ]
            together = 2 if stage.paired else 1
            for i in range(0, len(order), together):
                column, row = last[order[i]]
                senders[column] += 1
                if stage.paired:
                    assert last[order[i + 1]] == (column, row + 1)
                    paired += 1
    assert paired
    assert max(senders.values()) <= SENDERS


def test_lanes_have_whole_pairs() -> None:
    paired = [layer for layer in crowded().layers.values() if layer.stage and layer.stage.paired]
    assert paired
    for layer in paired:
        if layer.stage:
            assert layer.grid[0] * layer.grid[1] % (2 * layer.stage.lanes) == 0
