"""How many bytes a core's weights take in its memtiles, laid out as the compiler does it."""

from __future__ import annotations

from dataclasses import dataclass, field

TAPE_BYTES = 508 * 1024
"""Weights of one core in one memtile: what a descriptor's length can span, rounded down (AM025)."""

MOST_DESCRIPTORS = 24
"""Descriptors that send a tape: half of a memtile's, those of its even channels (AM020)."""


@dataclass
class Section:
    """`size` bytes that step `step` needs `times` times, one after the other; `again`: kept once;
    `skipped`: whatever they are."""

    size: int
    times: int
    step: int = 0
    again: bool = False
    skipped: bool = False


@dataclass
class Tape:
    """The weights of one core in the order of their use, in buffers of `quantum` bytes.

    What a step needs again for each tile of rows is kept once, as far as there are descriptors to
    send it again: those first that save most.
    """

    quantum: int
    sent: int = 0
    sections: list[Section] = field(default_factory=list[Section])

    def add(self, blocks: int, quanta: int, times: int, step: int = 0) -> None:
        """`blocks` of `quanta` buffers each, all of them `times` times, for step `step`."""
        skipped = -self.sent % quanta
        if skipped:
            self.sections.append(Section(skipped * self.quantum, 1, step, skipped=True))
        self.sections.append(Section(blocks * quanta * self.quantum, times, step))
        self.sent += skipped + blocks * quanta * times

    @property
    def estimate(self) -> int:
        """Bytes, if all that is needed again could be kept once."""
        return sum(section.size for section in self.sections)

    def size(self) -> int:
        """Bytes to keep."""
        again = [section for section in self.sections if section.times > 1]
        for section in sorted(again, key=lambda s: -s.size * (s.times - 1)):
            section.again = True
            section.again = self._pieces() <= MOST_DESCRIPTORS
        total = sum(s.size * (1 if s.again else s.times) for s in self.sections)
        for section in self.sections:
            section.again = False
        return total

    def _pieces(self) -> int:
        """Descriptors: one for each run of bytes, cut where the first memtile is full."""
        pieces, at, joins = 0, 0, False
        for section in self.sections:
            size = section.size if section.again else section.size * section.times
            crossings = (at + size - 1) // TAPE_BYTES - at // TAPE_BYTES
            if section.again:
                pieces += section.times * (1 + crossings)
            else:
                pieces += crossings + (0 if joins and at % TAPE_BYTES else 1)
            joins = not section.again
            at += size
        return pieces
