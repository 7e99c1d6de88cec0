"""How long a core takes over messages that come through two buffers, by hand."""

from __future__ import annotations

from adfc.planner.resident.messages import Message, busy_cycles


def test_work_hides_the_loads_of_all_messages_but_the_first() -> None:
    assert busy_cycles([Message(100, 150)], tiles=3) == 100 + 3 * 150


def test_a_slow_stream_hides_the_work_on_all_messages_but_the_last() -> None:
    assert busy_cycles([Message(100, 30)], tiles=3) == 3 * 100 + 30


def test_a_message_that_waits_in_a_buffer_keeps_the_next_one_out() -> None:
    # Of a tile, the second message waits in its buffer while the core works on the first; the next
    # tile's first one has to wait until that is done. Only short messages hide behind the work.
    tile = [Message(100, 150), Message(10, 5)]
    assert busy_cycles(tile, tiles=1) == 100 + 150 + 5
    assert busy_cycles(tile, tiles=2) == 250 + 100 + 150 + 5


def test_what_is_there_before_the_step_takes_no_time() -> None:
    tile = [Message(80, 5), Message(100, 150)]
    assert busy_cycles(tile, tiles=1) == 80 + 100 + 150
    assert busy_cycles(tile, tiles=1, early=1) == 100 + 150
    # The second tile's first message comes while the core works on the first tile's last, whose
    # buffer is free for the second's at 250.
    assert busy_cycles(tile, tiles=2, early=1) == 250 + 100 + 150


def test_what_comes_after_a_buffer_is_free_hides_a_load() -> None:
    kept, freed = [Message(10, 5), Message(100, 90)], [Message(10, 5), Message(100, 5, after=85)]
    # Kept: the second tile's long message is loaded from 200 on, when the first's is done with.
    assert busy_cycles(kept, tiles=2) == 200 + 100 + 90
    # Freed: from 120 on, behind the short one.
    assert busy_cycles(freed, tiles=2) == 120 + 100 + 5 + 85


def test_many_tiles_are_as_long_as_the_last_of_the_first_ones() -> None:
    tile = [Message(100, 150), Message(10, 5), Message(70, 20)]
    step = busy_cycles(tile, tiles=8) - busy_cycles(tile, tiles=6)
    assert busy_cycles(tile, tiles=100) == busy_cycles(tile, tiles=6) + 47 * step
