"""A timeline, whatever file it is written to. Times are in array cycles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Value = str | int


@dataclass(frozen=True)
class Slice:
    """Something that lasted from `start` to `end`; those of a track nest, outer ones first."""

    name: str
    category: str
    start: int
    end: int
    details: Mapping[str, Value] = field(default_factory=dict[str, Value])


def lanes(slices: Iterable[Slice]) -> list[tuple[Slice, ...]]:
    """Slices in the order of their starts, those that overlap in lanes of their own."""
    found: list[list[Slice]] = []
    for entry in slices:
        free = next((lane for lane in found if lane[-1].end <= entry.start), None)
        if free is None:
            found.append([entry])
        else:
            free.append(entry)
    return [tuple(lane) for lane in found]


@dataclass(frozen=True)
class Track:
    """Slices of one actor; `group` is the tile that it belongs to, or its kind."""

    group: str
    name: str
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class Counter:
    """A value over time: (cycle, value) at each change."""

    group: str
    name: str
    unit: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Trace:
    """All of it; `clock_mhz` turns cycles into time."""

    title: str
    clock_mhz: int
    tracks: tuple[Track, ...]
    counters: tuple[Counter, ...]
