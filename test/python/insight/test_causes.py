"""What a wait comes down to, on runs that are written down by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from adfc.insight.causes import Causes, Reason
from adfc.insight.timeline import Span, Timeline
from adfc.runtime import EventKind, Role

CORE = Role.CORE << 24 | 1 << 8 | 3
SENDER = Role.MM2S << 24 | 1 << 8 | 1


@dataclass
class _Run:
    """As much of a timeline as causes are found from."""

    spans: dict[int, list[Span]] = field(default_factory=dict)

    def add(
        self, who: int, kind: EventKind, start: int, end: int, *, a: int = 0, by: int = 0
    ) -> Span:
        number = sum(map(len, self.spans.values()))
        span = Span(start, end, kind, who, a, 0, by, 0, number)
        self.spans.setdefault(who, []).append(span)
        return span

    def causes(self) -> Causes:
        return Causes(cast(Timeline, self))


def test_a_wait_comes_down_to_what_the_other_one_does() -> None:
    run = _Run()
    wait = run.add(CORE, EventKind.LOCK_WAIT, 0, 100, by=SENDER)
    run.add(SENDER, EventKind.MOVE, 0, 100, a=100)
    cause = run.causes().of(wait)
    assert (cause.reason, cause.who) == (Reason.STREAM, SENDER)


def test_those_who_wait_in_turns_wait_for_the_work_in_between() -> None:
    """The sender waits for the core most of the time that the core waits for it; what the run
    spends is its words."""
    run = _Run()
    wait = run.add(CORE, EventKind.LOCK_WAIT, 0, 100, by=SENDER)
    run.add(SENDER, EventKind.LOCK_WAIT, 0, 60, by=CORE)
    run.add(SENDER, EventKind.MOVE, 60, 100, a=40)
    cause = run.causes().of(wait)
    assert (cause.reason, cause.who) == (Reason.STREAM, SENDER)
    assert len(cause.chain) == 2


def test_without_work_in_between_they_wait_in_a_circle() -> None:
    run = _Run()
    wait = run.add(CORE, EventKind.LOCK_WAIT, 0, 100, by=SENDER)
    run.add(SENDER, EventKind.LOCK_WAIT, 0, 100, by=CORE)
    assert run.causes().of(wait).reason is Reason.LOCK
