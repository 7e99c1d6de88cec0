"""Inputs of pipelined programs that are too much for one stream."""

from __future__ import annotations

from dataclasses import replace

import pytest
from planner_layers import conv, depthwise, plan_pipeline

from adfc.planner import Graph
from adfc.planner.graph import Layer
from adfc.planner.pipeline import Asked
from adfc.planner.pipeline.bands import deal_of, gathered_bytes
from adfc.planner.pipeline.options import options
from adfc.planner.schedule import Stage
from adfc.spec import devices

DEVICE = devices.load("ve2802")
FIRST = replace(
    conv(64, 64, 4, out=16, kernel=7, stride=4, pad=3), name="a", inputs=("%0",), given=True
)
"""4,096 words of input, and 16 x 16 x 16 x 4 x 49 products: 3,136 cycles of one core."""


def first_stage(layer: Layer, *, tiles: int = 304, asked: Asked | None = None) -> tuple[Stage, int]:
    schedule, (period,) = plan_pipeline(
        Graph((layer,)), DEVICE, tiles=tiles, batch=4, asked=(asked,) if asked else ()
    )
    stage = schedule.layers["a"].stage
    assert stage is not None
    return stage, period


def test_a_period_shorter_than_an_input_has_words_takes_several_streams() -> None:
    """Each group of rows has a slab, in which its tiles' windows are the bands of an image."""
    stage, period = first_stage(FIRST)
    assert stage.gathered and period < 64 * 64
    assert len(stage.slabs) <= 6, "shims hand on four streams, two are near"
    (bands,), (depth,) = stage.bands or (1,), stage.depths
    assert depth % bands == 0
    assert Stage.from_json(stage.to_json()) == stage


@pytest.mark.parametrize(
    ("layer", "asked"),
    [
        (FIRST, Asked(gather=False)),
        (FIRST, Asked(period=5000)),
        (replace(depthwise(64, 64, 4, kernel=7), name="a", inputs=("%0",), given=True), None),
    ],
    ids=["not allowed", "slow enough", "channel by channel"],
)
def test_else_it_comes_in_one(layer: Layer, asked: Asked | None) -> None:
    """No shorter period is promised than its words take."""
    stage, period = first_stage(layer, asked=asked)
    assert not stage.gathered
    assert period >= 4096


def test_windows_at_the_edges_have_fewer_rows() -> None:
    """Two groups of 4 tiles of 2 rows: of 2 x 4 - 4 + 7 rows each, 3 of padding above the first.
    The second group reads no padding: its last window is rows 53 to 63."""
    (option,) = [
        o for o in options(FIRST, DEVICE)
        if (o.groups, o.call.rows, o.channel_groups, o.chunks, o.cascade) == (2, 2, 1, 1, 1)
        and not o.paired
    ]  # fmt: skip
    deal = deal_of(FIRST, option)
    assert [w.end - w.first for w in deal.windows(0)] == [8, 11, 11, 11]
    assert [w.end - w.first for w in deal.windows(1)] == [11, 11, 11, 11]
    assert gathered_bytes(deal, 256) == 44 * 256
