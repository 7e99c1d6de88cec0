"""Two neighbouring cores of a set that share a step's input channels."""

from __future__ import annotations

from dataclasses import replace

import pytest
from planner_layers import add, conv, depthwise

from adfc.planner.graph import Graph, Layer
from adfc.planner.kernel_cost import handover_cycles
from adfc.planner.resident.memory import Memory
from adfc.planner.resident.partitions import Partition, has_pairs
from adfc.planner.resident.places import place_weights
from adfc.planner.resident.program_size import step_words
from adfc.planner.resident.search import as_schedule
from adfc.planner.resident.splits import Demands, Split, splits_of
from adfc.planner.resident.steps import Step
from adfc.planner.why import RESIDENT, explain_layer
from adfc.spec import devices

DEVICE = devices.load("ve2802")
PARTITION = Partition(sets=1, cores=4, hubs=1)
CONV = replace(conv(7, 7, 64, out=64, kernel=3, pad=1), name="a", inputs=("%0",), given=True)


def shared(step: Step, partition: Partition = PARTITION) -> list[Split]:
    found = splits_of(step, partition, DEVICE, Demands(paired=True))
    return [split for split in found if split.handover]


def by_hand() -> Split:
    """Two pairs do 32 channels each, in four tiles of eight, with four chunks of 16 channels."""
    wanted = ((1, 2), 7, 4, 16)
    return next(
        s for s in shared(Step(CONV)) if (s.grid, s.rows, s.parts, s.head.in_channels) == wanted
    )


def test_what_two_cores_take_that_share_input_channels() -> None:
    split = by_hand()
    # Of four chunks each has two; the eastern ones send.
    assert (split.chunks, split.members, split.shares, split.tapes) == (2, 2, 2, 4)
    assert split.tile_blocks == 2 * 4
    # 7 x 7 x 8 sums of four bytes, 32 bytes a cycle.
    assert split.handover == handover_cycles(1568, DEVICE)
    assert split.handover - handover_cycles(32, DEVICE) == 48
    # What a call makes, 392 bytes, and four tiles' sums, each from a multiple of 64 bytes on.
    assert split.scratch == 448 + 4 * 1600


def test_each_core_lets_the_other_s_chunks_go() -> None:
    """A window has 9 x 9 x 16 bytes, 324 words. The eastern core has the second one at 648, and is
    done with it four calls later. Only then is its buffer free for the fourth, which it has 324
    later. In that it takes sums over before each of four calls; the first come when the other
    core's first call has ended, which began 324 before. Each tile's result is copied."""
    split, call = by_hand(), by_hand().cycles[0]
    copy = -(-392 // DEVICE.store_bytes) + 20
    last = max(0, call - 324) + 4 * (split.handover + call + copy)
    assert call > 100
    assert split.busy[0] == 648 + 4 * call + 324 + last


def test_a_core_s_tape_has_its_own_chunks() -> None:
    """3 x 3 x 16 x 8 weights and 8 x 12 bytes of parameters take 1,248 bytes, two buffers."""
    memory = Memory(10240, 640, 1792)
    _, (tape,) = place_weights([by_hand()], PARTITION, memory)
    assert tape.sent == 8 * 2
    (alone,) = {
        s.buffers(memory)
        for s in splits_of(Step(CONV), PARTITION, DEVICE, Demands())
        if (s.grid, s.rows, s.parts, s.head.in_channels) == ((1, 2), 7, 4, 16)
    }
    assert alone == 2 * tape.sent


def test_words_of_a_core_that_takes_sums_over() -> None:
    """Loops for the tiles, and for variants. Two chunks, each with two windows' three words and
    four calls of 3 + 6 words with their weights' 2 + 1; four calls of 3 + 2 that add; four copies
    of 7, with 2 locks each."""
    words = 3 + 3 + 3 + 2 * (2 * 3 + 4 * (9 + 3)) + 4 * 5 + 4 * (7 + 2)
    assert step_words(Step(CONV), by_hand(), 1) == words


@pytest.mark.parametrize(
    "step",
    [
        Step(depthwise(7, 7, 64, kernel=3, pad=1)),
        Step(add(7, 7, 64)),
        Step(replace(CONV, input=(7, 7, 12))),
    ],
    ids=["depthwise", "sum", "three chunks of four channels"],
)
def test_what_has_no_chunks_to_share_is_not_shared(step: Step) -> None:
    assert not shared(step)


def test_sums_of_more_than_the_cascade_takes_are_not_handed_on() -> None:
    """16,384 bytes are 4,096 sums: of 8 channels 512 pixels."""
    large = replace(conv(33, 16, 64, out=32, kernel=1), name="a", inputs=("%0",))
    rows = {s.rows for s in shared(Step(large)) if s.head.out_channels == 8}
    assert rows and max(rows) * 16 * 8 * 4 <= 16384
    alone = splits_of(Step(large), PARTITION, DEVICE, Demands())
    assert any(s.rows * 16 * 8 * 4 > 16384 for s in alone if s.head.out_channels == 8)


def test_sets_that_are_no_pairs_share_nothing() -> None:
    """Six cores take three pairs of neighbouring columns. A set of 3 has a pair and a half; without
    every second column there is none."""
    lowest = DEVICE.core_rows[0]
    second = [(column, lowest) for column in range(0, DEVICE.columns, 2)]
    assert has_pairs(Partition(3, 2, 1), DEVICE, ())
    assert not has_pairs(Partition(2, 3, 1), DEVICE, ())
    assert not has_pairs(Partition(3, 2, 1), DEVICE, second)
    # 38 columns, of which 37 are taken: two runs may leave one over each, and the cut a third.
    assert has_pairs(Partition(7, 4, 2), DEVICE, ())
    assert not has_pairs(Partition(7, 4, 2), DEVICE, [(20, lowest)])


def test_a_schedule_tells_who_shares() -> None:
    memory = Memory(10240, 1280, 1792)
    layers = as_schedule(DEVICE, 4, (), PARTITION, memory, [Step(CONV)], [by_hand()]).layers
    assert layers["a"].handover == by_hand().handover
    assert layers["a"].members == 0
    assert layers["a"].to_json()["handover"] == by_hand().handover


def test_ways_tell_who_shares() -> None:
    """A way of two pairs stands beside one of two cores."""
    graph = Graph((CONV,))
    memory = Memory(10240, 1280, 1792)
    schedule = as_schedule(DEVICE, 4, (), PARTITION, memory, [Step(CONV)], [by_hand()])
    ways = [way for way in explain_layer(graph, schedule, DEVICE, "a").ways if way.form == RESIDENT]
    (chosen,) = (way for way in ways if way.chosen)
    assert (chosen.grid, chosen.shares) == ((1, 2), 2)
    assert any((way.grid, way.shares) == ((1, 2), 1) for way in ways)


def test_int16_sums_are_not_handed_on() -> None:
    wide: Layer = replace(CONV, element_bytes=(2, 2))
    assert wide.wide
    assert not shared(Step(wide))
