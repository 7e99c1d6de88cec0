"""The events of a run, each with the layer and the control word that it comes of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adfc.image import Kernel
from adfc.insight.attributed import Span, Tracks, attribute
from adfc.insight.replay import Replay
from adfc.insight.steps import CoreStart, Task
from adfc.runtime import LOAD_MARK, EventKind, Events, Role

__all__ = ["Span", "Stretch", "Timeline"]

_WORK = (EventKind.CALL, EventKind.MOVE, EventKind.CONFIRM)
"""What is work, and no wait or preparation."""


class Stretch(NamedTuple):
    """From the first to the last thing that happened for a phase, in cycles."""

    phase: int
    start: int
    end: int


def _all_turned(events: Events) -> int:
    """When each of the cores that have events has its first; 0 where none has."""
    starts = (events["start"][events["who"] == who].min() for who in np.unique(events["who"]))
    return int(max(starts, default=0))


@dataclass(frozen=True)
class Timeline:
    """A run of a program: its replay, its events, its kernels, and its length in cycles."""

    replay: Replay
    events: Events
    kernels: tuple[Kernel, ...]
    cycles: int

    @cached_property
    def _attributed(self) -> tuple[Tracks, NDArray[np.int64]]:
        return attribute(self.replay, self.events)

    @property
    def phase_of(self) -> NDArray[np.int64]:
        """For each event, the phase that it belongs to; -1: none, or all."""
        return self._attributed[1]

    @property
    def spans(self) -> Tracks:
        """The events of each core and channel (by `who`), in the order of their starts; of those
        that start together the longest first."""
        return self._attributed[0]

    def of_kind(self, kind: EventKind) -> Iterator[Span]:
        """All events of a kind, track by track."""
        return (s for spans in self.spans.values() for s in spans if s.kind is kind)

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """When each phase was worked on; phases may overlap. Control words count too, but not where
        a load program has set up the array: there they stand one step ahead of the work. So may
        what is moved ahead, while cores are at work for the phase before: there a phase with cores
        begins when the last of them turns to it. Else it begins with its PHASE instruction, though
        cores be set up before that."""
        events, phases = self.events, self.phase_of[: len(self.events)]
        ahead = self.replay.load is not None
        cores = events["who"] >> 24 == Role.CORE
        works = np.isin(events["kind"], [kind.value for kind in _WORK]) if ahead else cores | True
        found: list[Stretch] = []
        for phase in range(len(self.replay.layers)):
            mine = events[works & (phases == phase)]
            if not len(mine):
                continue
            start = int(mine["start"].min())
            if ahead:
                start = max(start, _all_turned(events[cores & (phases == phase)]))
            else:
                start = max(start, self._begun(phase))
            found.append(Stretch(phase, start, int(mine["end"].max())))
        return tuple(found)

    def _begun(self, phase: int) -> int:
        """When the control program comes to a phase."""
        events = self.events
        control = events["who"] >> 24 == Role.CONTROL
        after = events[control & (events["mark"] >= self.replay.phase_calls[phase])]
        return int(after["start"].min()) if len(after) else 0

    def task(self, span: Span) -> Task | None:
        """The task that an event of a channel belongs to."""
        return self._program(span).task_by_step.get(self.replay.step_of_call(span.mark).number)

    def core_start(self, span: Span) -> CoreStart | None:
        """The start of the core that an event of it belongs to."""
        return self._program(span).start_by_step.get(self.replay.step_of_call(span.mark).number)

    def _program(self, span: Span) -> Replay:
        load = self.replay.load
        return load if load is not None and span.mark >= LOAD_MARK else self.replay

    def layer_name(self, phase: int) -> str:
        """The name of a phase's layer, "" before the first."""
        layer = self.replay.layer(phase)
        return layer.name if layer else ""
