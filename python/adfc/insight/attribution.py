"""Where the core tiles' time goes, layer by layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adfc.insight.causes import Causes, Reason
from adfc.insight.timeline import Span, Stretch, Timeline
from adfc.runtime import EventKind, Role, Who

KERNEL = "kernel"
NOT_RUNNING = "not running"
LOCKS = "lock requests"

BETWEEN = "no layer is in progress: the control program sets up, starts and ends"
"""Of time that belongs to no layer."""


@dataclass(frozen=True)
class LayerTime:
    """One phase: when it was worked on, on which core tiles, and for what those spent the time.

    `spent` holds core-cycles by reason; they add up to (end - start) x cores.
    """

    phase: int
    start: int
    end: int
    cores: tuple[tuple[int, int], ...]
    spent: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def cycles(self) -> int:
        """From the first to the last thing that happened for the phase."""
        return self.end - self.start

    @property
    def shares(self) -> dict[str, float]:
        """The parts of the core tiles' time, the largest first."""
        total = sum(self.spent.values()) or 1
        ordered = sorted(self.spent.items(), key=lambda item: (-item[1], item[0]))
        return {reason: cycles / total for reason, cycles in ordered if cycles}

    @property
    def bottleneck(self) -> str:
        """What the core tiles spend most of their time on."""
        return next(iter(self.shares), NOT_RUNNING)


def layer_times(timeline: Timeline, causes: Causes | None = None) -> tuple[LayerTime, ...]:
    """The phases of a run, in their order."""
    causes = causes or Causes(timeline)
    stretches = {stretch.phase: stretch for stretch in timeline.stretches}
    spent: dict[int, Counter[str]] = {phase: Counter() for phase in stretches}
    cores: dict[int, set[tuple[int, int]]] = {phase: set() for phase in stretches}
    for who, spans in timeline.spans.items():
        if Who.of(who).role is not Role.CORE:
            continue
        for span in spans:
            phase = int(timeline.phase_of[span.number])
            if phase in stretches:
                cores[phase].add(Who.of(who).tile)
                _count(spent[phase], causes, span, _within(span, stretches[phase]))
    times: list[LayerTime] = []
    for phase, stretch in stretches.items():
        counter, tiles = spent[phase], tuple(sorted(cores[phase]))
        rest = (stretch.end - stretch.start) * len(tiles) - sum(counter.values())
        counter[NOT_RUNNING] += rest
        times.append(LayerTime(phase, stretch.start, stretch.end, tiles, dict(counter)))
    return tuple(times)


def between_layers(times: Iterable[LayerTime], cycles: int) -> int:
    """Of so many cycles those in which no layer was worked on."""
    worked = reach = 0
    for time in sorted(times, key=lambda entry: entry.start):
        worked += max(time.end - max(time.start, reach), 0)
        reach = max(reach, time.end)
    return cycles - worked


def _within(span: Span, stretch: Stretch) -> int:
    """Cycles of a span that lie in its phase's stretch: a core may wait for a phase before that
    begins."""
    return max(min(span.end, stretch.end) - max(span.start, stretch.start), 0)


def _count(counter: Counter[str], causes: Causes, span: Span, cycles: int) -> None:
    """Adds a core's span; what is in a RUN and neither call nor wait goes into lock requests."""
    if span.kind is EventKind.RUN:
        counter[LOCKS] += cycles
    elif span.kind is EventKind.CALL:
        counter[KERNEL] += cycles
        counter[LOCKS] -= cycles
    elif span.kind is EventKind.CASCADE_WAIT:
        counter["other kernel"] += cycles
        counter[LOCKS] -= cycles
    elif span.kind is EventKind.LOCK_WAIT:
        reason = causes.of(span).reason
        counter[f"other {reason.value}" if reason is Reason.KERNEL else reason.value] += cycles
        counter[LOCKS] -= cycles
