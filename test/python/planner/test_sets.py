"""How sets of core tiles are served by hubs, and what sets do that a step leaves over."""

from __future__ import annotations

from dataclasses import replace

import pytest
from planner_layers import conv

from adfc.planner.resident.memory import ACTIVATIONS, Memory
from adfc.planner.resident.partitions import Partition, partitions
from adfc.planner.resident.places import place_weights
from adfc.planner.resident.splits import Demands, splits_of
from adfc.planner.resident.steps import Step
from adfc.spec import devices

DEVICE = devices.load("ve2802")


def test_hubs_serve_neighbouring_sets_as_many_as_can_be() -> None:
    seven = Partition(7, 4, 2)
    assert [seven.hub_of(number) for number in range(7)] == [0, 0, 0, 0, 1, 1, 1]
    assert [list(seven.sets_of_hub(hub)) for hub in range(2)] == [[0, 1, 2, 3], [4, 5, 6]]


def test_more_sets_than_channels_take_joins_that_have_some_left() -> None:
    """Of six channels a join of four cores has one left beside that for inputs, two joins two."""
    assert [n for n in range(1, 12) if Partition(n, 4, 2).is_served] == [2, 3, 4, 5, 6, 7, 8]
    assert [n for n in range(1, 12) if Partition(n, 5, 2).is_served] == [2, 3, 4, 5, 6]
    # Two joins send to two sets each for a hub, which sends to six.
    assert [n for n in range(1, 14) if Partition(n, 1, 1).is_served] == [*range(1, 11)]
    assert not Partition(7, 4, 4, divided=True).is_served  # eight joins
    assert not Partition(7, 4, 2, streamed=True, shared=True).is_served


def test_joins_that_help_need_neighbouring_columns() -> None:
    """Seven joins and two hubs; without every eighth column no nine are beside each other."""
    lowest = DEVICE.core_rows[0]
    apart = [(column, lowest) for column in range(0, DEVICE.columns, 8)]
    assert any(p.sets == 7 for p in partitions(DEVICE, 14, apart[:1]))
    assert not any(p.sets == 7 for p in partitions(DEVICE, 14, apart))


@pytest.mark.parametrize(("groups", "busy", "first"), [(3, 2, 0), (3, 2, 6), (3, 1, 5), (2, 3, 4)])
def test_sets_that_are_left_over_have_nothing_to_do(groups: int, busy: int, first: int) -> None:
    """Of seven sets three groups of rows have two each, two groups three: any one may be left."""
    each = 7 // groups
    members = Partition(7, 4, 2).members(groups, busy, first)
    assert len(set(members)) == groups * busy
    idle = {(first + groups * each + n) % 7 for n in range(7 - groups * each)}
    assert not idle & set(members)


def test_weights_are_shared_out_over_sets_that_take_turns_to_be_idle() -> None:
    """Seven equal layers in three groups of two sets: each set is left over once."""
    partition = Partition(7, 4, 2)
    step = Step(replace(conv(15, 14, 64, out=64, kernel=3, pad=1), name="a", inputs=("%0",)))
    split = next(s for s in splits_of(step, partition, DEVICE, Demands()) if s.grid == (3, 8))
    memory = Memory(ACTIVATIONS[-1], 2432, 1792)
    firsts, tapes = place_weights([split] * 7, partition, memory)
    assert sorted(firsts) == list(range(7))
    assert len({tape.estimate for tape in tapes}) == 1
