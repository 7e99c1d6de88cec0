"""Weights that come from DDR for each inference: what DDR brings, what is kept, how long it takes.

Units, rings and tasks are worked out by hand from the rules in StreamedTape.h.
"""

from __future__ import annotations

import pytest

from adfc.planner.resident.partitions import partitions
from adfc.planner.resident.streamed_tape import StreamedTape
from adfc.planner.resident.streaming import streamed_cycles
from adfc.planner.tape import Tape
from adfc.spec import devices


def tape_of(*steps: tuple[int, int, int], quantum: int = 1216) -> StreamedTape:
    """Of steps with so many blocks of so many buffers, so many times."""
    tape = Tape(quantum)
    for index, (blocks, quanta, times) in enumerate(steps):
        tape.add(blocks, quanta, times, index)
    return StreamedTape(tape)


def test_a_small_tape_has_small_units() -> None:
    """32 buffers fill 32 units of one buffer, which are the ring."""
    tape = tape_of((8, 4, 1))
    assert (tape.unit, tape.units, tape.ring, tape.unused) == (1216, 32, 32, 0)


def test_a_large_tape_fills_the_memtile() -> None:
    """2,560 buffers: 63 units of 8 x 1216 bytes would be more than 508 KB, 53 are not; 320 units go
    round a ring of 40 eight times."""
    tape = tape_of((640, 4, 1))
    assert (tape.unit, tape.units, tape.ring, tape.unused) == (9728, 320, 40, 0)
    assert tape.size == 320 * 9728


def test_units_behind_the_last_section_make_whole_rounds() -> None:
    """59 units of 9,728 bytes, a prime number: two rounds of a ring of 30."""
    tape = tape_of((118, 4, 1))
    assert (tape.units, tape.ring, tape.unused) == (59, 30, 1)


def test_what_is_needed_again_comes_once() -> None:
    once, again = tape_of((8, 4, 1)), tape_of((8, 4, 7))
    assert again.size == once.size


def test_what_is_needed_again_and_is_too_much_to_keep_comes_again() -> None:
    """41 blocks of 4,864 bytes are 199,424, more than three eighths of a tape's 520,192."""
    once, again = tape_of((41, 4, 1)), tape_of((41, 4, 7))
    assert again.size >= 7 * 41 * 4864
    assert once.size < again.size


def test_a_queue_takes_the_tasks_of_two_steps() -> None:
    """What is sent again takes two tasks, what is skipped for alignment one: six in two steps."""
    assert tape_of((1, 1, 4), (1, 2, 2), (1, 4, 3)).fits_queue()
    assert not tape_of((1, 1, 3), (1, 2, 3), (1, 4, 3)).fits_queue()


@pytest.mark.parametrize(
    ("work", "room", "expected"),
    [
        # DDR is faster than the steps.
        ([(100, 10), (200, 20)], 1000, 300),
        # 3,000 bytes at 10 a cycle, whatever the steps take.
        ([(100, 1000), (100, 2000)], 3000, 300),
        # What the second step needs comes while the first one is at work.
        ([(100, 0), (10, 1000)], 1000, 110),
    ],
)
def test_cycles_of_steps_whose_weights_come(
    work: list[tuple[int, int]], room: int, expected: int
) -> None:
    assert streamed_cycles(work, room, 10.0) == expected


def test_stacks_where_columns_are_few() -> None:
    """ve2302 has 17 columns of two core tiles: 10 columns with both, four joins and a hub leave
    two; without stacks 10 cores are most. ve2802's 38 columns have room for 24 of 28 cores."""
    small = list(partitions(devices.load("ve2302"), 28, ()))
    assert max(p.sets * p.cores for p in small) == 20
    assert all(p.sets * p.cores // p.stack + p.sets + p.hubs <= 17 for p in small)
    # Five columns of four: without memtiles of their own for outputs, four columns have cores.
    tiny = list(partitions(devices.load("npu1"), 20, ()))
    assert max(p.sets * p.cores for p in tiny) == 16
    assert all(p.shared for p in tiny if p.sets * p.cores == 16)
    assert {p.stack for p in partitions(devices.load("ve2802"), 28, ()) if not p.streamed} == {1}
