"""Rows that a core keeps from tile to tile, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from planner_layers import add, conv

from adfc.planner.cost import Call
from adfc.planner.graph import Axis, Layer
from adfc.planner.resident.carried import carried_rows, later_call
from adfc.planner.resident.messages import Message, busy_cycles
from adfc.planner.resident.partitions import Partition
from adfc.planner.resident.splits import Demands, Split, splits_of
from adfc.planner.resident.steps import Step
from adfc.planner.schedule import LayerSchedule, ResidentSchedule
from adfc.spec import devices

DEVICE = devices.load("ve2802")
TWO = Partition(sets=2, cores=1, hubs=1)
STEM = replace(conv(16, 16, 16, out=16, kernel=3, pad=1), name="a", inputs=("%0",))


def pool(span: int, stride: int, pad: int) -> Layer:
    axis = Axis(16, stride, span, pad)
    return Layer(
        "p", "max_pool2d", 1, True, (16, 16, 16), (8, 8, 16), axis, axis, 0, 0, 0, 0, 0, "m:1",
        inputs=("a",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("span", "pad", "shared"),
    [(3, 1, 1), (4, 1, 2), (2, 0, 0)],
)
def test_a_later_tile_has_the_rows_that_windows_of_two_tiles_share(
    span: int, pad: int, shared: int
) -> None:
    step = Step(STEM, pool(span, 2, pad))
    first = Call(2 + span, 17, 16, 16)  # of two rows of the pooling
    assert carried_rows(step, first, 2, alone=True) == shared
    assert later_call(first, shared).rows == 2 + span - shared
    assert carried_rows(step, first, 1, alone=True) == 0
    assert carried_rows(step, first, 2, alone=False) == 0


def test_only_windows_of_a_chained_layer_share_rows() -> None:
    call = Call(5, 16, 16, 16)
    assert carried_rows(Step(STEM), call, 2, alone=True) == 0
    total = replace(add(16, 16, 16), name="s", inputs=("a", "%1"))
    assert carried_rows(Step(STEM, total, skip=True), call, 2, alone=True) == 0


def split_of(demands: Demands) -> Split:
    """Two rows of the pooling at a time, on two sets."""
    found = splits_of(Step(STEM, pool(3, 2, 1)), TWO, DEVICE, demands)
    return next(s for s in found if (s.grid, s.rows, s.chunks, s.parts) == ((2, 1), 2, 1, 1))


def test_the_first_step_computes_shared_rows_once() -> None:
    """A first tile is a task of its own, for which only the first step's channels have room."""
    opens, other = split_of(Demands(opens=True)), split_of(Demands())
    assert other.later == 0 < opens.later < opens.cycles[0] == other.cycles[0]
    # The four fresh rows of 17 pixels and 16 channels lie in scratch memory besides.
    assert opens.scratch == other.scratch + 4 * 17 * 16
    assert opens.busy[0] < other.busy[0]


def test_the_first_tile_may_take_longer() -> None:
    assert busy_cycles([Message(100, 150)], tiles=3, first=[Message(120, 200)]) == 120 + 200 + 300


def test_schedules_say_it() -> None:
    layer = LayerSchedule((2, 1), (5, 17, 16, 16), (2, 1, 1), (1, 1), 1, 500, later=400)
    assert layer.to_json()["later"] == 400
    assert LayerSchedule.from_json(layer.to_json()) == layer
    resident = ResidentSchedule(2, 1, 1, 2176, (2496, 2), 256, buffers=3)
    assert resident.to_json()["buffers"] == 3
    assert ResidentSchedule.from_json(resident.to_json()) == resident
