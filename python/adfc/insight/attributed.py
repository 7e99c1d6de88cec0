"""The events of a run, each with the phase that it belongs to.

What the program's own control words cause carries their phase. What the load program started lives
on through all phases: a core's kernel calls are for the layer whose output they make
(`adfc.insight.lasting`), words that a channel receives for the layer of the task that sends them.
Waits are for what comes after them. What serves no single layer, such as weights that are sent
round and round, has phase -1.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adfc.insight.lasting import CoreWork, core_work
from adfc.insight.places import Lock, Tile
from adfc.insight.replay import Replay
from adfc.runtime import LOAD_MARK, EventKind, Events, Role, Who


class Span(NamedTuple):
    """One event: from cycle `start` to cycle `end`; fields as EVENT's, `number` is its own."""

    start: int
    end: int
    kind: EventKind
    who: int
    a: int
    b: int
    by: int
    mark: int
    number: int

    @property
    def cycles(self) -> int:
        """How long it took."""
        return self.end - self.start


Tracks = dict[int, list[Span]]
"""The events of each core and channel (by `who`), in the order of their starts; of those that start
together the longest first."""


def attribute(replay: Replay, events: Events) -> tuple[Tracks, NDArray[np.int64]]:
    """The tracks, and the phase of each event by its number.

    A core that runs on has no RUN event of its own: it gets one for each stretch of a phase.
    """
    tracks = _tracks(events)
    phases = phases_by_mark(replay, events)
    if replay.load is None:
        return tracks, phases
    work = core_work(replay)
    _attribute_cores(work, tracks, phases)
    _attribute_senders(replay, work, tracks, phases)
    _attribute_receivers(tracks, phases)
    return tracks, _add_runs(tracks, phases)


def _tracks(events: Events) -> Tracks:
    tracks: Tracks = {}
    order = np.lexsort((-events["end"].astype(np.int64), events["start"]))
    rows = events[order].tolist()
    for index, (start, end, kind, who, a, b, by, mark) in zip(order.tolist(), rows, strict=True):
        span = Span(start, end, EventKind(kind), who, a, b, by, mark, index)
        tracks.setdefault(who, []).append(span)
    return tracks


def phases_by_mark(replay: Replay, events: Events) -> NDArray[np.int64]:
    """The phase of each event by the control word that it comes of."""
    marks, inverse = np.unique(events["mark"], return_inverse=True)
    phases = [replay.step_of_call(int(mark)).phase for mark in marks]
    return np.asarray(phases, np.int64)[inverse]


def _attribute_cores(
    work: Mapping[Tile, CoreWork], tracks: Tracks, phases: NDArray[np.int64]
) -> None:
    """Calls by what the core program says, waits by the call after them."""
    for tile, mine in work.items():
        spans = _lasting(tracks.get(_code(Role.CORE, tile)))
        made = [span for span in spans if span.kind is EventKind.CALL]
        for span, call in zip(made, mine.calls, strict=False):
            phases[span.number] = call.phase if span.a == call.kernel else -1
        _follow(spans, phases, EventKind.CALL)


def _attribute_senders(
    replay: Replay, work: Mapping[Tile, CoreWork], tracks: Tracks, phases: NDArray[np.int64]
) -> None:
    """A task may send the outputs of several steps. Where a core hands it its buffers, the core's
    program says what each is for; of a memtile's, the task that receives it does."""
    handed = _handed(replay, work)
    for who, phases_handed in handed.items():
        buffers = iter(phases_handed)
        current = -1
        for span in tracks.get(who, ()):
            if span.kind is EventKind.BD:
                current = next(buffers, -1)
            if span.kind is not EventKind.TASK:
                phases[span.number] = current
    moves = _moves(tracks, Role.S2MM)
    for who, spans in tracks.items():
        if Who.of(who).role is not Role.MM2S or Who.of(who).tile in work or who in handed:
            continue
        mine_now = [span for span in spans if span.mark < LOAD_MARK]
        for span in mine_now:
            other = moves.received(span) if span.kind is EventKind.MOVE else None
            if other is not None and other.mark < LOAD_MARK:
                phases[span.number] = phases[other.number]


def _handed(replay: Replay, work: Mapping[Tile, CoreWork]) -> dict[int, tuple[int, ...]]:
    """The phases of the buffers that a core hands to a core tile's channel to be sent, by channel;
    the core is that of the tile, or a neighbour. Nothing where two cores do: in which order, their
    programs do not say."""
    phases: dict[Lock, tuple[int, ...]] = {}
    shared: set[Lock] = set()
    for mine in work.values():
        shared |= phases.keys() & mine.handed.keys()
        phases.update(mine.handed)
    found: dict[int, tuple[int, ...]] = {}
    for task in replay.tasks:
        for descriptor in task.descriptors[:1]:
            if descriptor.acquire is None or task.who.role is not Role.MM2S:
                continue
            lock = descriptor.acquire[0]
            code = _code(Role.MM2S, task.who.tile) | task.who.number << 16
            found[code] = () if lock in shared else phases.get(lock, ())
    return {who: mine for who, mine in found.items() if mine}


class _Moves:
    """The MOVE events of channels, to be found by time."""

    def __init__(self, moves: Mapping[int, list[Span]]) -> None:
        self._moves = moves
        self._starts = {who: [span.start for span in spans] for who, spans in moves.items()}

    def received(self, span: Span) -> Span | None:
        """The MOVE by which the other end (`span.by`) receives what a MOVE sends: the next."""
        at = bisect_left(self._starts.get(span.by, []), span.start)
        return self._moves[span.by][at] if at < len(self._starts.get(span.by, [])) else None

    def sent(self, span: Span) -> Span | None:
        """The MOVE by which the other end sends what a MOVE receives: the one before."""
        at = bisect_right(self._starts.get(span.by, []), span.start) - 1
        return self._moves[span.by][at] if at >= 0 else None


def _moves(tracks: Tracks, role: Role) -> _Moves:
    return _Moves(
        {
            who: [span for span in spans if span.kind is EventKind.MOVE]
            for who, spans in tracks.items()
            if Who.of(who).role is role
        }
    )


def _attribute_receivers(tracks: Tracks, phases: NDArray[np.int64]) -> None:
    """Words that come from another channel, by what that one sends at the time."""
    moves = _moves(tracks, Role.MM2S)
    for who, spans in tracks.items():
        if Who.of(who).role is not Role.S2MM:
            continue
        mine = _lasting(spans)
        for span in mine:
            other = moves.sent(span) if span.kind is EventKind.MOVE else None
            if other is not None:
                phases[span.number] = phases[other.number]
        _follow(mine, phases, EventKind.MOVE)


def _follow(spans: Sequence[Span], phases: NDArray[np.int64], kind: EventKind) -> None:
    """Gives all other spans the phase of the next one of `kind`."""
    after = -1
    for span in reversed(spans):
        if span.kind is kind:
            after = int(phases[span.number])
        else:
            phases[span.number] = after


def _add_runs(tracks: Tracks, phases: NDArray[np.int64]) -> NDArray[np.int64]:
    """RUN spans of cores that run on: one for each run of calls for the same phase, from the end of
    what came before."""
    added: list[int] = []
    for who, spans in tracks.items():
        if Who.of(who).role is not Role.CORE:
            continue
        lasting = _lasting(spans)
        runs: list[Span] = []
        end = 0
        for phase, group in groupby(lasting, lambda span: int(phases[span.number])):
            members = list(group)
            start, end = max(end, members[0].start), max(span.end for span in members)
            number = len(phases) + len(added)
            first = members[0]
            runs.append(Span(start, end, EventKind.RUN, who, 0, 0, first.by, first.mark, number))
            added.append(phase)
        tracks[who] = sorted(
            [*spans, *runs], key=lambda s: (s.start, -s.end, s.kind is not EventKind.RUN)
        )
    return np.concatenate([phases, np.asarray(added, np.int64)])


def _lasting(spans: Sequence[Span] | None) -> list[Span]:
    return [span for span in spans or () if span.mark >= LOAD_MARK]


def _code(role: Role, tile: tuple[int, int]) -> int:
    return role << 24 | tile[0] << 8 | tile[1]
