"""Pipelined programs: what the planner gives each layer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from planner_layers import add, conv, depthwise, named, plan_pipeline

from adfc.errors import CapacityError, InputError
from adfc.planner import Graph, Schedule
from adfc.planner.graph import Layer
from adfc.planner.pipeline import Asked, timeline
from adfc.planner.pipeline.balance import Chosen
from adfc.planner.pipeline.bands import (
    Bands,
    Deal,
    Source,
    bands_of,
    deal_of,
    part_rows,
    whole,
    windows_sent,
)
from adfc.planner.pipeline.columns import Columns
from adfc.planner.pipeline.memtiles import Memtiles, Need, NoRoomError
from adfc.planner.pipeline.messages import (
    Message,
    Part,
    descriptors,
    messages_of,
    rows_as_messages,
    whole_rows,
)
from adfc.planner.pipeline.options import options, scrap_bytes, shared_scrap
from adfc.spec import devices

DEVICE = devices.load("ve2802")


def row_by_row(layer: Layer) -> Chosen:
    """One core that does a row at a time."""
    (option, *_) = [
        o for o in options(layer, DEVICE)
        if (o.senders, o.cascade, o.chunks, o.call.rows) == (1, 1, 1, 1)
    ]  # fmt: skip
    return Chosen(option, 1, option.call.out_channels)


def residual() -> Graph:
    """x -> a -> b, and the sum of a and b."""
    body = conv(16, 16, 16, out=16, kernel=3, pad=1)
    return Graph(
        (
            named(body, "a", "%0"),
            named(body, "b", "a"),
            named(add(16, 16, 16), "s", "a", "b", given=True),
        )
    )


def plan(graph: Graph, *, tiles: int = 304, batch: int = 4) -> tuple[Schedule, int]:
    schedule, periods = plan_pipeline(graph, DEVICE, tiles=tiles, batch=batch)
    return schedule, sum(periods)


def core_count(schedule: Schedule) -> int:
    stages = [(layer, layer.stage) for layer in schedule.layers.values()]
    return sum(layer.grid[0] * layer.grid[1] * stage.cascade for layer, stage in stages if stage)


def test_every_layer_has_cores_of_its_own() -> None:
    schedule, _ = plan(residual())
    cores = [at for layer in schedule.layers.values() if layer.stage for at in layer.stage.cores]
    assert len(cores) == len(set(cores)) == core_count(schedule)
    first, rows = DEVICE.core_rows
    assert all(first <= row < first + rows for _, row in cores)


def test_what_passes_by_a_layer_waits_for_it() -> None:
    """While the sum is at one image, "b" is at the next one or more, and another comes from "a"."""
    schedule, _ = plan(residual())
    stage = schedule.layers["s"].stage
    assert stage is not None and stage.depths[0] >= 3 and stage.depths[1] == 2


def passing(layers: int) -> Graph:
    """x -> a -> so many others of its shape, and the sum of a and the last."""
    body = conv(64, 64, 64, out=64, kernel=3, pad=1)
    names = ["a", *(f"b{i}" for i in range(layers))]
    made = [named(body, name, before) for name, before in zip(names, ["%0", *names], strict=False)]
    return Graph((*made, named(add(64, 64, 64), "s", "a", names[-1], given=True)))


def test_what_no_memtile_can_hold_comes_through_several() -> None:
    """262,144 bytes for each image, of several that are on their way through the layers."""
    schedule, _ = plan(passing(16))
    stage = schedule.layers["s"].stage
    assert stage is not None and stage.relays[0] >= 1 and stage.relays[1] == 0
    assert len(stage.relay_tiles) == stage.relays[0] * len(stage.slabs) // 2
    assert Schedule.from_json(schedule.to_json()) == schedule


def test_what_passes_by_waits_in_bands_for_the_rows_that_others_need_first() -> None:
    """A convolution gets its 8 rows in two bands. Its row 3 reads row 4, and so needs all 8, while
    the sum of it and what it reads has given back 3: 5 wait."""
    body, total = conv(8, 8, 16, out=16, kernel=3, pad=1), add(8, 8, 16)
    chosen, summed = row_by_row(body), row_by_row(total)
    source, ring = timeline.of_input(8, 8000), Bands(8, 1, ring=True)
    begin = timeline.begins(body, chosen, [(source, Bands(2, 4))])
    assert begin[0] == source.sent[4] and begin[3] == source.sent[8]
    result = timeline.of_result(body, chosen, begin, 8000)
    begin = timeline.begins(total, summed, [(source, ring), (result, ring)])
    assert begin[3] >= result.sent[4] >= source.sent[8]
    assert 5 <= timeline.waiting(total, summed, begin, source, ring) <= 8
    assert timeline.waiting(body, chosen, begin[:1] * 8, source, Bands(1, 8)) >= 1


@pytest.mark.parametrize(("cascade", "handover", "tiles"), [(2, 0, 0), (2, 40, 1), (4, 40, 3)])
def test_the_last_core_of_a_cascade_is_behind_where_sums_are_in_memory(
    cascade: int, handover: int, tiles: int
) -> None:
    """Rows come every 1,000 cycles and take as long. A core begins with one when the core before it
    has done its part; until the last has read it, so many more come."""
    layer = conv(8, 8, 16, out=16, kernel=1)
    option = replace(
        row_by_row(layer).option, cascade=cascade, handover=handover,
        core_cycles=8000, act_words=0, weight_words=0, result_words=800,
    )  # fmt: skip
    chosen, source = Chosen(option, 1, 16), timeline.of_input(8, 8000)
    ring = Bands(8, 1, ring=True)
    begin = timeline.begins(layer, chosen, [(source, ring)])
    assert begin == [1000 * row for row in range(1, 9)]
    assert timeline.waiting(layer, chosen, begin, source, ring) == 1 + tiles
    result = timeline.of_result(layer, chosen, begin, 8000)
    assert result.sent[0] == 2000 + 1000 * tiles
    assert result.sent[1:] == tuple(1000 * (row + 1 + tiles) + 100 for row in range(1, 9))


def test_slabs_stand_where_the_lane_that_brings_them_begins() -> None:
    """It begins at the last join: that of the last core of the lane."""
    body = conv(32, 32, 32, out=32, kernel=3, pad=1)
    layers = (named(body, "a", "%0"), named(body, "b", "a", given=True))
    schedule, _ = plan(Graph(layers), tiles=48)
    a, b = (schedule.layers[name].stage for name in "ab")
    assert a is not None and b is not None
    assert len({column for column, _ in a.joins}) > 1, "else all columns are near"
    groups = schedule.layers["a"].grid[1]
    joins = a.joins[-groups:][groups // a.lanes - 1 :: groups // a.lanes]
    found = [column for column, _ in b.slabs[: a.lanes]]
    assert found == [column for column, _ in joins]


def test_no_more_streams_go_north_from_memtiles_than_there_are() -> None:
    """Six of a column (AM020), whichever of its memtiles sends; more where no other column may."""
    need, memtiles = Need((64,), (1,), (1,), north=1), Memtiles(DEVICE, set())
    assert [memtiles.take_near(5, need, "it")[0] for _ in range(8)] == [5] * 6 + [4] * 2
    assert memtiles.take_near(5, Need((64,), (), (1,)), "what goes south")[0] == 5
    assert memtiles.take_near(5, need, "it", reach=0)[0] == 5
    assert memtiles.take_near(8, replace(need, sends=(1,) * 4, north=4), "four")[0] == 8
    assert memtiles.take_near(8, replace(need, sends=(1,) * 3, north=3), "three")[0] == 7


def test_more_tiles_make_the_period_shorter() -> None:
    periods = [plan(residual(), tiles=tiles)[1] for tiles in (3, 8, 32)]
    assert periods[0] > periods[1] > periods[2]


def test_the_plan_uses_no_more_tiles_than_there_are_and_is_the_same_each_time() -> None:
    schedule, _ = plan(residual(), tiles=7)
    assert schedule == plan(residual(), tiles=7)[0]
    assert core_count(schedule) <= 7


def test_a_schedule_says_again_what_it_was_read_from() -> None:
    schedule, _ = plan(residual())
    assert Schedule.from_json(schedule.to_json()) == schedule
    assert schedule.batch == 4


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.pop("batch"), '"stage" is of a pipelined program: "batch" is missing'),
        (lambda d: d.update(batch=257), "batch is 257: it must be a whole number from 1 to 256"),
        (lambda d: d.update(resident={}), '"resident" and "batch" are of two forms of programs'),
    ],
)
def test_a_schedule_of_two_minds_is_refused(
    change: Callable[[dict[str, Any]], object], says: str
) -> None:
    data = json.loads(plan(residual())[0].to_json())
    change(data)
    with pytest.raises(InputError, match=re.escape(says)):
        Schedule.from_json(json.dumps(data))


def test_too_few_tiles_are_an_error_with_a_way_out() -> None:
    """Both that the sum reads would have to come from another segment."""
    says = "no room for all layers on 1 core tiles: together they take at least 3 core tiles, of 1"
    with pytest.raises(CapacityError, match=says) as caught:
        plan(residual(), tiles=1)
    assert "--tiles" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"views": True}, "a part of a tensor"),
        ({"streamed": "a"}, "multiplies two activations"),
        ({"inputs": ("",)}, "reads a constant"),
        ({"activations": 2}, "two channels"),
    ],
)
def test_what_cannot_be_a_stage_is_named_with_its_line(
    change: dict[str, object], reason: str
) -> None:
    layer = replace(named(conv(8, 8, 4, out=8, kernel=3), "odd", "%0"), **change)  # type: ignore[arg-type]
    with pytest.raises(CapacityError, match=rf"'odd' \(conv2d, model.py:1\).*{reason}"):
        plan(Graph((layer,)))


def test_of_many_layers_that_cannot_be_stages_three_are_named() -> None:
    odd = conv(8, 8, 4, out=8, kernel=3)
    layers = [replace(named(odd, f"odd{i}", "%0"), views=True) for i in range(5)]
    with pytest.raises(CapacityError, match=r"'odd2'.*part of a tensor; and 2 more"):
        plan(Graph(tuple(layers)))


LARGE = {
    "core": (
        [named(conv(1024, 1024, 64, out=64, kernel=7, pad=3), "a", "%0", given=True)],
        "layer 'a' (conv2d, model.py:1): with whole rows it takes at least 103,040 bytes of a core "
        "tile, which has 65,536",
    ),
    "memtile": (
        [
            named(conv(512, 256, 4, out=64, kernel=3, pad=1), "a", "%0"),
            named(conv(512, 256, 64, out=64, kernel=7, pad=3), "b", "a", given=True),
        ],
        "layer 'b' (conv2d, model.py:1): the rows of 'a' that layer 'b' reads take at least "
        "3,997,696 bytes of a memtile, which has 524,288",
    ),
    "descriptors": (
        [named(conv(4, 1100, 4, out=4, kernel=1), "a", "%0", given=True)],
        "no descriptors can send its windows of whole rows",
    ),
    "slab": (
        [
            named(conv(256, 64, 4, out=256, kernel=3, pad=1), "a", "%0"),
            named(depthwise(256, 64, 256, kernel=7, pad=3), "b", "a", given=True),
        ],
        "input 'a' that layer 'b' reads, of which 1 image must wait: 524,288 bytes of a memtile, "
        "where 516,096 are left",
    ),
    "cores": (
        [
            *(
                named(
                    conv(32, 32, 64, out=64, kernel=3, pad=1), f"c{i}", f"c{i - 1}" if i else "%0"
                )
                for i in range(36)
            ),
            named(add(32, 32, 64), "s", "c0", "c35", given=True),
        ],
        "no room for all layers on 34 core tiles: together they take at least 37 core tiles, of 34",
    ),
}


@pytest.mark.parametrize("case", LARGE)
def test_what_lacks_room_is_named_with_its_bytes(case: str) -> None:
    layers, says = LARGE[case]
    small = devices.load("ve2302")
    with pytest.raises(CapacityError, match=re.escape(says)):
        plan_pipeline(Graph(tuple(layers)), small, tiles=small.core_tiles, batch=4)


def test_where_all_tiles_may_be_used_nobody_is_told_to_allow_more() -> None:
    """Outputs of 1024 x 1024 x 64 bytes: no memtile holds what a layer reads of them."""
    big = conv(1024, 1024, 64, out=64, kernel=3, pad=1)
    graph = Graph((named(big, "a", "%0"), named(big, "b", "a", given=True)))
    with pytest.raises(CapacityError) as caught:
        plan(graph)
    assert "--tiles" not in (caught.value.hint or "")


def test_options_do_all_rows_and_channels() -> None:
    layer = conv(14, 14, 32, out=40, kernel=3, pad=1)
    for option in options(layer, DEVICE):
        assert option.tiles * option.groups * option.call.rows >= 14
        assert option.channel_groups * option.call.out_channels >= 40
        rows = [m.row for m in messages_of(option, 40, 1, 0) if m.channel == 0]
        assert rows == sorted(rows) and rows[0] == 0


def test_channels_of_a_depthwise_layer_are_divided_evenly() -> None:
    layer = depthwise(8, 8, 24, kernel=3, pad=1)
    assert {o.channel_groups * o.call.out_channels for o in options(layer, DEVICE)} == {24}


def test_rows_that_follow_one_another_are_one_descriptor() -> None:
    rows = [Message(row, 2, 0, 16) for row in (0, 2, 4, 6)]
    assert descriptors(Part((0, 8), (0, 16)), rows, 8, 4) == 1
    assert descriptors(Part((2, 6), (0, 16)), rows, 8, 4) == 3, "dropped, kept, dropped"
    assert whole_rows(Part((3, 5), (0, 16)), rows, 8) == (2, 6)


@pytest.mark.parametrize(
    ("rows", "width", "count"),
    [(1, 1023, 1), (1, 1024, 2), (2, 511, 1), (2, 512, 2), (3, 341, 1), (3, 342, 2)],
)
def test_parts_of_channels_are_one_descriptor_where_it_can_count_their_pixels(
    rows: int, width: int, count: int
) -> None:
    """A descriptor has four dimensions: words, pixels of all rows of a message, and two more. It
    counts to 1023 pixels (AM025: 10 bits); where there are more, each tile of rows has its own."""
    both = [Message(row, rows, c, 8) for row in (0, rows) for c in (0, 8)]
    assert descriptors(Part((0, 2 * rows), (0, 16)), both, 2 * rows, width) == count


def test_parts_of_channels_of_fewer_rows_are_another_descriptor() -> None:
    """Tiles of two rows, then one of one."""
    parts = [Message(row, rows, c, 8) for row, rows in ((0, 2), (2, 2), (4, 1)) for c in (0, 8)]
    assert descriptors(Part((0, 5), (0, 16)), parts, 5, 4) == 2


def test_messages_below_the_last_row_are_dropped() -> None:
    rows = [Message(row, 2, 0, 16) for row in (0, 2, 4)]
    assert descriptors(Part((0, 3), (0, 16)), rows, 3, 4) == 2
    assert whole_rows(Part((0, 3), (0, 16)), rows, 3) == (0, 4)


def test_a_memtile_has_so_many_bytes_channels_and_descriptors() -> None:
    memtiles = Memtiles(DEVICE, set())
    at = (0, 1)
    assert memtiles.take(at, Need((500_000,), (1,), (1,)))
    assert not memtiles.take(at, Need((30_000,))), "524,288 bytes"
    assert memtiles.take((1, 1), Need((), (1,) * 6))
    assert not memtiles.take((1, 1), Need((), (1,))), "six channels that receive"
    assert memtiles.take((2, 1), Need((), (20, 20)))
    assert not memtiles.take((2, 1), Need((), (), (5,))), "24 descriptors for channels of a parity"
    assert memtiles.take_near(0, Need((500_000,)), "it", reach=0) == (0, 2)
    with pytest.raises(NoRoomError, match="it: 500,032 bytes of a memtile, where 24,256 are left"):
        memtiles.take_near(0, Need((500_000,)), "it", reach=0)
    with pytest.raises(
        NoRoomError, match=r"it: 64 bytes .* but not together with 2 locks, 7 channels that"
    ):
        memtiles.take_near(0, Need((64,), (1,) * 7), "it")


def test_cores_that_share_input_channels_stand_one_above_the_other() -> None:
    schedule, _ = plan(residual())
    stages = [layer.stage for layer in schedule.layers.values() if layer.stage]
    pairs = [stage.cores[i : i + 2] for stage in stages if stage.cascade == 2
             for i in range(0, len(stage.cores), 2)]  # fmt: skip
    assert pairs
    assert all(north == (south[0], south[1] + 1) for north, south in pairs)


def test_no_column_has_more_than_four_cores_that_send() -> None:
    columns = Columns(DEVICE, {(0, 4)})
    found = [columns.take(2, {"a"}) for _ in range(5)]
    assert found[0] == ((0, 6), (0, 5)), "the tile to avoid is left out"
    assert [at[-1][0] for at in found if at] == [0, 0, 0, 1, 1]
    single = Columns(DEVICE, set())
    assert [at[0] for at in (single.take(1, {"a"}) for _ in range(5)) if at] == [
        *[(0, row) for row in (3, 4, 5, 6)],
        (1, 3),
    ]


def test_a_core_sends_the_parts_that_others_read_one_behind_the_other() -> None:
    layer = conv(8, 8, 16, out=32, kernel=1)
    (option, *_) = [o for o in options(layer, DEVICE) if o.senders == 1 and o.tiles == 4]
    parts = messages_of(option, 32, 1, 0, 16)
    assert [(m.row, m.rows, m.channel, m.channels) for m in parts[:3]] == [
        (0, 2, 0, 16),
        (0, 2, 16, 16),
        (2, 2, 0, 16),
    ]


def test_what_a_descriptor_drops_goes_to_little_memory() -> None:
    """312 words as 4 x 6 x 13, each run one word further; a prime above 255 cannot be divided."""
    assert scrap_bytes(312) == 4 * (4 + 6 + 13 - 2)
    assert scrap_bytes(257) is None
    assert shared_scrap(312, 2) == scrap_bytes(312)
    assert shared_scrap(257, 2) is None


def test_windows_at_the_edges_of_an_image_take_descriptors_of_their_own() -> None:
    """A kernel of 7 rows of which an image's first and last three rows have padding."""
    layer = conv(16, 16, 4, out=8, kernel=7, pad=3)
    (option, *_) = [
        o for o in options(layer, DEVICE)
        if (o.groups, o.tiles, o.chunks) == (1, 16, 1)
    ]  # fmt: skip
    assert windows_sent(deal_of(layer, option), 0, whole(Source(16))) == 7


def test_windows_of_one_row_make_a_ring() -> None:
    """Two groups with tiles of two rows: a band of four, of which a slab keeps two."""
    layer = conv(16, 16, 16, out=16, kernel=1)
    (option, *_) = [
        o for o in options(layer, DEVICE)
        if (o.groups, o.tiles, o.call.rows, o.chunks) == (2, 4, 2, 1)
    ]  # fmt: skip
    bands = bands_of(layer, option, (16, 16), Source(16))
    deal = deal_of(layer, option)
    assert bands == Bands(4, 4, ring=True)
    assert [part_rows(deal, group, bands) for group in (0, 1)] == [(0, 2), (2, 4)]
    assert windows_sent(deal, 0, bands) == 1
    assert bands_of(layer, option, (16, 16), Source(16, message=8)) == Bands(2, 8, ring=True)
    assert bands_of(layer, option, (256, 1), Source(256)) == Bands(1, 256), "another shape"
    assert not bands_of(layer, option, (16, 16), Source(16, exact=False)).ring


def test_windows_of_three_rows_wait_for_the_band_below() -> None:
    """Rows 0 to 7 in two bands: the first tile has padding above it, the last below; row 3 reads
    row 4 of the second band, and after row 4, which reads row 3, the first is given back."""
    deal = Deal(conv(8, 8, 16, out=16, kernel=3, pad=1).rows, 8, 1, 1, 8, chunked=False)
    assert windows_sent(deal, 0, whole(Source(8))) == 3
    assert windows_sent(deal, 0, Bands(2, 4)) == 5, "0, 1 to 2, 3 to 4, 5 to 6, 7"


def test_where_not_all_layers_have_room_they_take_turns() -> None:
    """Three layers on two tiles: what crosses must be one tensor, "a"."""
    schedule, periods = plan_pipeline(residual(), DEVICE, tiles=2, batch=4)
    stages = {name: layer.stage for name, layer in schedule.layers.items()}
    assert {name: stage and stage.segment for name, stage in stages.items()} == {
        "a": 0,
        "b": 1,
        "s": 1,
    }
    assert len(periods) == 2
    assert Schedule.from_json(schedule.to_json()) == schedule
    longer = plan_pipeline(
        residual(), DEVICE, tiles=2, batch=4, asked=(Asked(periods[0]), Asked(periods[1] + 1))
    )
    assert longer[0].layers["a"] == schedule.layers["a"] and len(longer[1]) == 2


def test_a_layer_called_0_is_not_the_first_input() -> None:
    """Of the second segment two inputs differ in size: the network's, and what the first made."""

    def slabs(name: str) -> list[tuple[tuple[int, int], ...]]:
        layers = (
            named(conv(8, 8, 16, out=32, kernel=3, pad=1), "y", "%1"),
            named(conv(8, 8, 32, out=32, kernel=3, pad=1), name, "y"),
            named(conv(10, 10, 64, out=32, kernel=3), "p", "%0"),
            named(add(8, 8, 32), "s", "p", name, given=True),
        )
        stages = [layer.stage for layer in plan(Graph(layers), tiles=2)[0].layers.values()]
        assert [stage and stage.segment for stage in stages] == [0, 0, 1, 1]
        return [stage.slabs for stage in stages if stage]

    assert slabs("0") == slabs("z")


def test_an_image_comes_again_in_the_lanes_in_which_it_went() -> None:
    assert rows_as_messages(2, 16, 2) == [
        [Message(0, 1, 0, 8), Message(1, 1, 0, 8)],
        [Message(0, 1, 8, 8), Message(1, 1, 8, 8)],
    ]


def test_where_streams_find_no_way_fewer_are_asked_for_and_then_longer_periods() -> None:
    first = Asked().easier(2000)
    assert first == Asked(0, 6), "six northbound streams lead to a column"
    assert first.easier(2000) == Asked(0, 6, gather=False), "an input is one stream"
    assert first.easier(2000).easier(2000) == Asked(2201, 6, gather=False)


def test_each_try_asks_for_a_longer_period_than_the_one_before() -> None:
    """Where all layers are faster than what was asked for, and than what is ever planned."""
    asked = Asked(0, 6, gather=False)
    for least in (100, 110, 121, 133):
        asked = asked.easier(70)
        assert asked.period > least
