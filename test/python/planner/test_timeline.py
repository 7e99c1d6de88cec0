"""What an inference takes where steps overlap, worked out by hand."""

from __future__ import annotations

from adfc.planner.resident.timeline import Round, inference_cycles
from adfc.spec import devices

DEVICE = devices.load("ve2802")
START = DEVICE.cycles("control_push_cold_cycles")
RING = 1000


def cycles(*rounds: Round) -> float:
    return inference_cycles(rounds, RING, DEVICE) - START


def test_control_overlaps_with_the_steps_before() -> None:
    """Steps of 1,000 cycles hide control of 100 but for the first; control of 1,000 hides steps of
    100 but for the last."""
    assert cycles(*[Round(100, 1000)] * 5) == 5 * 1000
    assert cycles(*[Round(1000, 100)] * 5) == 5 * 1000


def test_half_of_a_step_is_set_up_while_the_one_two_before_is_at_work() -> None:
    """Of steps of 1,000 and 100 cycles, and one whose control takes 600: 300 of these in the first
    step, 300 when it has ended."""
    assert cycles(Round(0, 1000), Round(0, 100), Round(600, 100)) == 1000 + 300


def test_steps_that_read_each_other_follow_each_other() -> None:
    """Work, and the way of the last output, of each."""
    step = Round(control=0, busy=500, fill=100, ends=50)
    assert cycles(step, step, step) == 3 * (500 + 50)


def test_what_does_not_read_the_step_before_has_its_first_message_by_then() -> None:
    """Its window's way, and that of the other's last output, are no one's to wait for."""
    first = Round(control=0, busy=500, fill=100, ends=50)
    second = Round(control=0, busy=500, fill=100, ends=50, follows=False)
    assert cycles(first, second) == 500 + 400 + 50


def test_weights_come_ahead_as_far_as_the_ring_and_the_stream_allow() -> None:
    """A core that works for 2,000 cycles has 1,000 words of what follows when it ends, as many as
    the ring holds: of 3,000 words 2,000 are still to come. One that works for 300 has 300."""
    heavy = Round(control=0, busy=100, weights=3000)
    assert cycles(Round(control=0, busy=2000), heavy) == 2000 + 2000
    assert cycles(Round(control=0, busy=300), heavy) == 300 + 2700


def test_weights_that_are_held_leave_no_room_for_those_that_follow() -> None:
    """All of the ring is held until the end; then the next step's 800 words come, 700 of them after
    its window."""
    holding = Round(control=0, busy=2000, weights=RING, held=RING)
    held = Round(control=0, busy=500, fill=100, weights=800, held=800)
    assert cycles(holding, held) == 2000 + 500 + 700
