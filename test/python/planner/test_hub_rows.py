"""Which rows the hubs keep where each keeps only what its sets read."""

from __future__ import annotations

from dataclasses import replace

from planner_layers import conv

from adfc.planner.graph import Graph, Layer
from adfc.planner.hub import Tensor, fits_hub
from adfc.planner.resident.hub_rows import Part, RowSplit, kept_parts, rows_read
from adfc.planner.resident.partitions import Partition
from adfc.planner.resident.splits import Demands, Split, splits_of
from adfc.planner.resident.steps import Step
from adfc.planner.resident.tensors import hub_tensors
from adfc.spec import devices

DEVICE = devices.load("ve2802")
THREE = Partition(sets=3, cores=1, hubs=3, divided=True)


def layer(of: Layer, name: str, source: str) -> Layer:
    return replace(of, name=name, inputs=(source,))


def split_of(step: Step, partition: Partition, groups: int, rows: int, parts: int = 1) -> Split:
    """A legal split of `step` with so many groups of rows, rows of a tile, tiles of channels."""
    found = splits_of(step, partition, DEVICE, Demands())
    return next(s for s in found if (s.grid[0], s.rows, s.parts) == (groups, rows, parts))


FIRST = Step(layer(conv(14, 14, 16, out=16, kernel=3, pad=1), "a", "%0"))
SECOND = Step(layer(conv(14, 14, 16, out=16, kernel=3, pad=1), "b", "a"))
POINT = Step(layer(conv(14, 14, 16, out=16, kernel=1), "b", "a"))


def test_a_hub_keeps_its_own_rows_and_those_that_windows_reach_into() -> None:
    """14 rows in three groups of five (the last has four), one row a tile. A 3x3 window reaches one
    row further on both sides: rows 0 to 5, 4 to 10, 9 to 13."""
    split = split_of(FIRST, THREE, 3, 1)
    reads = [rows_read(SECOND, split, THREE, hub, skip=False) for hub in range(3)]
    assert reads == [(0, 6), (4, 11), (9, 14)]
    assert kept_parts(FIRST, split, THREE, reads) == [
        Part(0, 6, 6, foreign=True),
        Part(4, 7, 7, foreign=True),
        Part(9, 5, 5, foreign=True),
    ]


def test_whole_messages_are_kept() -> None:
    """With tiles of five rows every hub needs its neighbours' whole messages."""
    split = split_of(FIRST, THREE, 3, 5)
    reads = [rows_read(SECOND, split, THREE, hub, skip=False) for hub in range(3)]
    parts = kept_parts(FIRST, split, THREE, reads)
    assert [(part.first, part.rows, part.messages) for part in parts] == [
        (0, 10, 2),
        (0, 15, 3),
        (5, 10, 2),
    ]


def test_tiles_of_channels_are_messages_of_their_own_where_there_is_one_tile_of_rows() -> None:
    """16 channels in two tiles: twice as many messages with one tile of five rows, but not with
    five of one row."""
    for rows, messages in ((5, 2 * 2), (1, 6)):
        split = split_of(FIRST, THREE, 3, rows, parts=2)
        reads = [rows_read(SECOND, split, THREE, hub, skip=False) for hub in range(3)]
        assert kept_parts(FIRST, split, THREE, reads)[0].messages == messages
        assert split.output == rows * 14 * (8 if rows == 5 else 16)
    final = splits_of(FIRST, THREE, DEVICE, Demands(final=True))
    assert {s.sends for s in final} == {1}


def test_windows_of_one_row_read_what_the_own_sets_made() -> None:
    split = split_of(POINT, THREE, 3, 1)
    reads = [rows_read(POINT, split, THREE, hub, skip=False) for hub in range(3)]
    assert reads == [(0, 5), (5, 10), (10, 14)]
    assert not any(part.foreign for part in kept_parts(POINT, split, THREE, reads))


def test_groups_over_several_hubs_need_all_rows() -> None:
    """Two groups on four sets, one hub each: hubs 0 and 1 serve the first group's sets."""
    partition = Partition(sets=4, cores=1, hubs=4, divided=True)
    rows = RowSplit.of(POINT, split_of(POINT, partition, 2, 1), partition)
    assert [list(rows.groups_of_hub(hub, partition)) for hub in range(4)] == [[0], [0], [1], [1]]
    assert rows.hubs_of_group(0, partition) == {0, 1}


def test_a_divided_tensor_takes_what_the_fullest_hub_keeps() -> None:
    """Seven of 14 rows of 14 x 16 bytes, besides the network's input, which each hub has whole."""
    split = split_of(FIRST, THREE, 3, 1)
    tensors = hub_tensors(Graph((FIRST.head, SECOND.head)), [FIRST, SECOND], [split, split], THREE)
    assert tensors
    assert [(t.name, t.size) for t in tensors] == [("%0", 14 * 14 * 16), ("a", 7 * 14 * 16)]


def test_rows_of_other_hubs_sets_come_up_to_a_step_early() -> None:
    """What ends with step 1 may be overwritten in step 2 by its own hub's sets, which have done
    step 1, but not by those of another hub."""
    old = Tensor("a", 64, 16, 0, 1, None)
    new = Tensor("b", 64, 16, 2, 3, None)
    assert fits_hub([old, new], 64, 64)
    assert not fits_hub([old, replace(new, ahead=True)], 127, 64)
    assert fits_hub([old, replace(new, ahead=True, first=3)], 64, 64)


def test_channels_beyond_all_cores_take_rounds() -> None:
    """Twelve groups of four channels on six cores: two rounds, each with messages of its own."""
    depthwise = replace(
        conv(14, 14, 48, out=48, kernel=3, pad=1), name="d", inputs=("a",), channelwise=True
    )
    partition = Partition(sets=3, cores=2, hubs=3, divided=True)
    found = splits_of(Step(depthwise), partition, DEVICE, Demands())
    split = next(s for s in found if s.grid == (1, 12))
    assert (split.rounds, split.groups_of_round, split.head.out_channels) == (2, 6, 4)
    rows = RowSplit.of(Step(depthwise), split, partition)
    assert rows.messages == 2 * 3


def test_a_step_that_does_not_read_what_the_one_before_makes_may_be_ahead() -> None:
    """Nothing keeps its sets from it while others are at the step before."""
    partition = Partition(sets=2, cores=1, hubs=1)
    split = split_of(FIRST, partition, 2, 1)
    steps = [
        FIRST,
        Step(layer(FIRST.head, "b", "%0")),
        Step(layer(FIRST.head, "c", "b")),
        Step(layer(FIRST.head, "d", "c")),
        Step(layer(FIRST.head, "e", "a")),
    ]
    tensors = hub_tensors(Graph(tuple(s.head for s in steps)), steps, [split] * 5, partition)
    assert tensors
    assert [(t.name, t.ahead) for t in tensors] == [
        ("%0", False),
        ("a", False),
        ("b", True),
        ("c", False),
    ]
