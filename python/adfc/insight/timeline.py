"""The events of a run, each with the layer and the control word that it comes of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adfc.image import Kernel
from adfc.insight.replay import CoreStart, Replay, Task
from adfc.runtime import EventKind, Events


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


class Stretch(NamedTuple):
    """From the first to the last thing that happened for a phase, in cycles."""

    phase: int
    start: int
    end: int


@dataclass(frozen=True)
class Timeline:
    """A run of a program: its replay, its events, its kernels, and its length in cycles."""

    replay: Replay
    events: Events
    kernels: tuple[Kernel, ...]
    cycles: int

    @cached_property
    def phase_of(self) -> NDArray[np.int64]:
        """For each event, the phase of the control word that it comes of."""
        marks, inverse = np.unique(self.events["mark"], return_inverse=True)
        phases = [self.replay.step_of_call(int(mark)).phase for mark in marks]
        return np.asarray(phases, np.int64)[inverse]

    @cached_property
    def spans(self) -> dict[int, list[Span]]:
        """The events of each core and channel (by `who`), in the order of their starts; of those
        that start together the longest first."""
        tracks: dict[int, list[Span]] = {}
        order = np.lexsort((-self.events["end"].astype(np.int64), self.events["start"]))
        rows = self.events[order].tolist()
        for index, (start, end, kind, who, a, b, by, mark) in zip(
            order.tolist(), rows, strict=True
        ):
            span = Span(start, end, EventKind(kind), who, a, b, by, mark, index)
            tracks.setdefault(who, []).append(span)
        return tracks

    def of_kind(self, kind: EventKind) -> Iterator[Span]:
        """All events of a kind, track by track."""
        return (s for spans in self.spans.values() for s in spans if s.kind is kind)

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """When each phase was worked on; phases may overlap. Control words count too."""
        found: list[Stretch] = []
        for phase in range(len(self.replay.layers)):
            mine = self.events[self.phase_of == phase]
            if len(mine):
                found.append(Stretch(phase, int(mine["start"].min()), int(mine["end"].max())))
        return tuple(found)

    def task(self, span: Span) -> Task | None:
        """The task that an event of a channel belongs to."""
        return self.replay.task_by_step.get(self.replay.step_of_call(span.mark).number)

    def core_start(self, span: Span) -> CoreStart | None:
        """The start of the core that an event of it belongs to."""
        return self.replay.start_by_step.get(self.replay.step_of_call(span.mark).number)

    def layer_name(self, phase: int) -> str:
        """The name of a phase's layer, "" before the first."""
        layer = self.replay.layer(phase)
        return layer.name if layer else ""
