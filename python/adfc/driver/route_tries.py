"""Which plans of a pipeline are tried where not all streams find a way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adfc.errors import CapacityError
from adfc.planner.pipeline import Asked
from adfc.planner.schedule import Schedule

MOST_TRIES = 9
"""Plans that are tried at most, for each number of segments."""

Plans = list[tuple[Schedule, tuple[int, ...]]]
"""Schedules, and the periods of their segments."""


@dataclass(frozen=True)
class _Plan:
    asked: tuple[Asked, ...]
    schedule: Schedule
    periods: tuple[int, ...]

    def easier(self, segment: int | None) -> tuple[Asked, ...]:
        """What to ask for where the streams of a segment found no way, or of all (None)."""
        return tuple(
            before.easier(period) if segment in (None, number) else before
            for number, (before, period) in enumerate(zip(self.asked, self.periods, strict=True))
        )


class RouteTries:
    """First the plans with other numbers of segments, which are there already; then each of them
    anew with fewer streams, and with longer periods, in turn."""

    def __init__(self, plan: Callable[..., Plans]) -> None:
        self._plan = plan
        self._waiting = self._planned(())
        self._easier: list[tuple[Asked, ...]] = []
        self._left = MOST_TRIES * len(self._waiting)

    @property
    def schedule(self) -> Schedule:
        """What to try now."""
        return self._waiting[0].schedule

    def failed(self, segment: int | None) -> str:
        """The streams of a segment of it found no way; says what comes next, "" for nothing."""
        self._easier.append(self._waiting.pop(0).easier(segment))
        self._left -= 1
        if not self._left:
            return ""
        if self._waiting:
            return "another number of segments"
        while self._easier and not self._waiting:
            try:
                self._waiting = self._planned(self._easier.pop(0))
            except CapacityError:  # Others may have room.
                continue
        return "fewer streams or a longer period" if self._waiting else ""

    def _planned(self, asked: tuple[Asked, ...]) -> list[_Plan]:
        return [
            _Plan(asked or (Asked(),) * len(periods), schedule, periods)
            for schedule, periods in self._plan(asked=asked)
        ]
