"""A tape of weights that comes from DDR for each inference, laid out as the compiler does it."""

from __future__ import annotations

from dataclasses import dataclass, field

from adfc.planner.graph import WORD, ceil_div
from adfc.planner.resident.memory import WEIGHT_DEPTH
from adfc.planner.tape import TAPE_BYTES, Section, Tape

MOST_UNITS = 63
"""Units of a ring: what a lock counts to, 6 bits (AM020)."""

MOST_RUNS = 256
"""Runs of a task (AM025)."""

MOST_TASKS = 5
"""Tasks of a channel in two steps that follow each other: one at work, four queued (AM020)."""


def unit_bytes(quantum: int, room: int) -> int:
    """Bytes of a unit of a ring that takes `room` bytes; a core's buffers have `quantum` bytes."""
    unit = quantum
    while unit * MOST_UNITS < room:
        unit *= 2
    return unit


def ring_bytes(quantum: int, room: int) -> int:
    """Bytes of the largest ring."""
    unit = unit_bytes(quantum, room)
    return min(MOST_UNITS, room // unit) * unit


def is_kept(size: int, times: int, room: int) -> bool:
    """Whether `size` bytes that are needed `times` times are sent again from the ring: more than as
    much can come meanwhile."""
    return times > 1 and size <= room * 3 // 8


def section_units(size: int, times: int, unit: int, *, kept: bool) -> int:
    """Units of `unit` bytes for `size` bytes that a step needs `times` times: all equally full
    where they are sent one by one."""
    sent = size if kept else size * times
    units = ceil_div(sent, unit)
    while not kept and units > 1 and sent % (WORD * units):
        units += 1
    return units


@dataclass
class StreamedTape:
    """The tasks that send a tape, and its bytes in DDR; its ring takes `room` bytes."""

    tape: Tape
    room: int = TAPE_BYTES
    unit: int = 0
    units: int = 0
    ring: int = 1
    unused: int = 0
    _places: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])

    def __post_init__(self) -> None:
        sections = self.tape.sections
        kept = sum(s.size * (1 if self._is_kept(s) else s.times) for s in sections)
        self.unit = unit_bytes(self.tape.quantum, min(self.room, kept))
        for index, section in enumerate(sections):
            if not section.skipped:
                kept = self._is_kept(section)
                count = section_units(section.size, section.times, self.unit, kept=kept)
                self._places.append((index, self.units, count))
                self.units += count
        if self._places:
            self._close(min(MOST_UNITS, self.room // self.unit))

    def _is_kept(self, section: Section) -> bool:
        return is_kept(section.size, section.times, self.room)

    def _close(self, most: int) -> None:
        """Find a ring that the tape goes round a whole number of times."""
        rounds = ceil_div(self.units, most)
        least = max(2, ceil_div(WEIGHT_DEPTH * self.tape.quantum, self.unit))
        self.ring = max(least, ceil_div(self.units, rounds))
        for size in range(most, max(least - 1, self.ring * 3 // 4), -1):
            if self.units % size == 0:
                self.ring = size
                return
        self.unused = self.ring * rounds - self.units

    @property
    def size(self) -> int:
        """Bytes in DDR."""
        return (self.units + self.unused) * self.unit

    def fits_queue(self) -> bool:
        """Whether a channel's queue takes the tasks of each step and the one before it."""
        tasks: dict[int, int] = {}
        for index, first, count in self._places:
            section = self.tape.sections[index]
            last = index == self._places[-1][0]
            own = self._tasks(self._is_kept(section), first, count, last=last)
            tasks[section.step] = tasks.get(section.step, 0) + own
        for section in self.tape.sections:
            tasks[section.step] = tasks.get(section.step, 0) + int(section.skipped)
        end = max(tasks, default=0)
        tasks[end] = tasks.get(end, 0) + 1  # what is skipped behind the last step
        return all(n + tasks.get(step - 1, 0) <= MOST_TASKS for step, n in tasks.items())

    def _tasks(self, kept: bool, first: int, count: int, *, last: bool) -> int:
        if kept:
            return 2
        if count == 1:
            return 1
        apart = int(last and self.unused > 0)
        end, tasks = first + count - apart, apart
        while first < end:
            place, left = first % self.ring, end - first
            rounds = 0 if place else min(left, MOST_RUNS) // self.ring
            first += rounds * self.ring or min(left, self.ring - place)
            tasks += 1
        return tasks
