"""How columns read an input whose pixels lie without padding (dialects/ADF/PixelGroups.h)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adfc.planner.graph import Axis

WORD = 4
"""Bytes of a 32-bit word."""


@dataclass(frozen=True)
class PixelGroups:
    """Words of rows of such an input, by output columns.

    Neighbouring output columns that begin at different bytes of a word are the phases of a group.
    `row_words`: words of a row of the input; `step`: from group to group; `run`: that an output
    column reads of a row; `first`: where group 0 begins, below 0 in the padding; `offsets`: of each
    phase, where it begins behind its group.
    """

    row_words: int
    step: int
    run: int
    first: int
    offsets: tuple[int, ...]

    def window(self, column: int, columns: int) -> tuple[int, int]:
        """(begin, words) of what `columns` neighbouring output columns read of a row."""
        phases = len(self.offsets)
        group, last = column // phases, (column + columns - 1) // phases
        return self.first + group * self.step, (last - group) * self.step + self.reach

    @property
    def reach(self) -> int:
        """Words that a group reads of a row."""
        return self.offsets[-1] + self.run

    def margins(self, column: int, columns: int) -> tuple[int, int]:
        """Words of zeros before and behind each row that those columns read."""
        begin, words = self.window(column, columns)
        return max(0, -begin), max(0, begin + words - self.row_words)

    def columns_of_phases(self, column: int, columns: int) -> list[int]:
        """How many of those columns each phase has."""
        phases = len(self.offsets)
        return [len(range((p - column) % phases, columns, phases)) for p in range(phases)]

    @staticmethod
    def of(channels: int, columns: Axis) -> PixelGroups | None:
        """Of pixels of `channels` bytes; None where rows are no whole words, or pixels are, or
        columns are left out."""
        whole = channels % WORD == 0 or columns.size * channels % WORD != 0
        if whole or columns.upsample != 1 or (columns.span == 1 and columns.stride > 1):
            return None
        apart = columns.stride * channels
        phases = WORD // math.gcd(WORD, apart)
        begins = [columns.first(phase) * channels for phase in range(phases)]
        ends = [-(-(begin + columns.span * channels) // WORD) for begin in begins]
        words = [begin // WORD for begin in begins]
        return PixelGroups(
            row_words=columns.size * channels // WORD,
            step=phases * apart // WORD,
            run=max(end - word for end, word in zip(ends, words, strict=True)),
            first=words[0],
            offsets=tuple(word - words[0] for word in words),
        )
