"""Why something waited: from a wait to whoever ended it, on to what that one was busy with.

A wait names the actor that ended it (the lock's releaser, the stream's last end to be ready). What
that actor did most of the time while it was waited for is the reason; if that is a wait in turn, it
is followed. Actors that wait for each other in turns all wait for what takes longest in between.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from adfc.insight.labels import label
from adfc.insight.timeline import Span, Timeline
from adfc.runtime import EventKind, Role, Who

_MAX_LINKS = 16
_CONTROL = Role.CONTROL << 24
_WAITS = (EventKind.LOCK_WAIT, EventKind.STREAM_WAIT)


class Reason(StrEnum):
    """What a wait comes down to."""

    KERNEL = "kernel"
    STREAM = "stream bandwidth"
    DDR = "DDR bandwidth"
    LATENCY = "DDR latency"
    DMA = "DMA set-up"
    CONTROL = "control"
    LOCK = "a circle of waits"


@dataclass(frozen=True)
class Cause:
    """Why a wait lasted: `reason`, the actor (`who`) that it comes down to, and the links from the
    waiter to it, each "X waits for Y"."""

    reason: Reason
    who: int
    chain: tuple[str, ...]

    @property
    def text(self) -> str:
        """The reason and the actor in a few words."""
        who = Who.of(self.who)
        if self.reason is Reason.CONTROL:
            return "control: not started yet" if self.chain else "control"
        return f"{self.reason.value} of {who}"


class Causes:
    """Finds the causes of waits in a run."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._leaves: dict[int, list[Span]] = {}
        self._starts: dict[int, list[int]] = {}
        self._found: dict[int, Cause] = {}
        nested = (EventKind.RUN, EventKind.TASK, EventKind.BD)
        for who, spans in timeline.spans.items():
            leaves = [s for s in spans if s.kind not in nested and s.cycles]
            self._leaves[who] = leaves
            self._starts[who] = [s.start for s in leaves]

    def of(self, wait: Span) -> Cause:
        """The cause of a LOCK_WAIT, STREAM_WAIT or CONTROL_WAIT."""
        if wait.number not in self._found:
            self._found[wait.number] = self._cause(wait)
        return self._found[wait.number]

    def _cause(self, wait: Span) -> Cause:
        chain: list[str] = []
        passed: list[tuple[int, Span]] = []
        current = wait
        seen: set[int] = set()
        while len(chain) < _MAX_LINKS and current.number not in seen:
            seen.add(current.number)
            target = current.b if current.kind is EventKind.CONTROL_WAIT else current.by
            chain.append(f"{Who.of(current.who)} {label(self._timeline, current)}")
            if target == _CONTROL or Who.of(target).role is Role.CONTROL:
                return Cause(Reason.CONTROL, _CONTROL, tuple(chain))
            busy = self._busiest(target, current.start, current.end)
            if busy is None:
                return Cause(Reason.CONTROL, _CONTROL, tuple(chain))
            if busy.kind not in _WAITS:
                return Cause(self._reason(busy), target, tuple(chain))
            passed.append((target, current))
            current = busy
        return self._in_turns(passed, tuple(chain), current.who)

    def _in_turns(self, passed: list[tuple[int, Span]], chain: tuple[str, ...], last: int) -> Cause:
        """Of actors that wait for each other most of the time, in turns: what any of them did
        longest in between. Without that, they wait in a circle."""
        work = [(who, self._longest(who, span.start, span.end)) for who, span in passed]
        done = [(cycles, who, busy) for who, (cycles, busy) in work if busy is not None]
        if not done:
            return Cause(Reason.LOCK, last, chain)
        _, who, busy = max(done, key=lambda entry: entry[0])
        return Cause(self._reason(busy), who, chain)

    def _longest(self, who: int, start: int, end: int) -> tuple[int, Span | None]:
        """The longest of what `who` did in [start, end) but wait, and its cycles there."""
        most, found = 0, None
        for span, overlap in self._within(who, start, end):
            if span.kind not in _WAITS and overlap > most:
                most, found = overlap, span
        return most, found

    def _busiest(self, who: int, start: int, end: int) -> Span | None:
        """What `who` spent most of [start, end) on; None where it had nothing to do."""
        spent: dict[EventKind, int] = {}
        longest: dict[EventKind, tuple[int, Span]] = {}
        covered = 0
        for span, overlap in self._within(who, start, end):
            covered += overlap
            spent[span.kind] = spent.get(span.kind, 0) + overlap
            if overlap > longest.get(span.kind, (0, span))[0]:
                longest[span.kind] = overlap, span
        if not spent or end - start - covered > max(spent.values()):
            return None
        return longest[max(spent, key=lambda kind: spent[kind])][1]

    def _within(self, who: int, start: int, end: int) -> Iterator[tuple[Span, int]]:
        """What `who` did in [start, end), and for how many cycles of it."""
        leaves = self._leaves.get(who, [])
        at = max(bisect_right(self._starts.get(who, []), start) - 1, 0)
        while at < len(leaves) and leaves[at].start < end:
            overlap = min(leaves[at].end, end) - max(leaves[at].start, start)
            if overlap > 0:
                yield leaves[at], overlap
            at += 1

    def _reason(self, busy: Span) -> Reason:
        match busy.kind:
            case EventKind.CALL | EventKind.CASCADE_WAIT:
                return Reason.KERNEL
            case EventKind.START | EventKind.CONFIRM:
                return Reason.LATENCY if Who.of(busy.who).row == 0 else Reason.DMA
            case EventKind.MOVE:
                return Reason.DDR if moved_late(busy) > 0 else Reason.STREAM
            case _:
                return Reason.CONTROL


def moved_late(move: Span) -> int:
    """Cycles that a MOVE took beyond one for each word: the DDR's bandwidth was shared."""
    return move.cycles - move.a
