"""Where output positions of a resize lie in the input, in TOSA's fractions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LARGEST_SCALE = 2048
"""Largest numerator of a scale (TOSA 1.0, RESIZE)."""


@dataclass(frozen=True)
class ResizeAxis:
    """One axis of a tosa.resize."""

    n: int
    d: int
    offset: int
    border: int

    @staticmethod
    def of(inputs: int, outputs: int, n: int, d: int, offset: int) -> ResizeAxis:
        """With the fraction cancelled, and the border that gives so many outputs."""
        common = math.gcd(n, d, offset)
        n, d, offset = n // common, d // common, offset // common
        return ResizeAxis(n, d, offset, (outputs - 1) * d - (inputs - 1) * n + offset)

    @property
    def fits(self) -> bool:
        """Whether TOSA's ranges hold it."""
        return (
            self.n <= LARGEST_SCALE
            and self.d < 16 * self.n
            and -self.n <= self.offset < 16 * self.n
            and -16 * self.n <= self.border < self.n
        )


def resize_axes(
    inputs: Sequence[int], outputs: Sequence[int], *, nearest: bool, corners: bool
) -> tuple[ResizeAxis, ResizeAxis]:
    """(rows, columns) of a resize from so many positions to so many."""
    rows, columns = (
        _nearest(*pair) if nearest else _bilinear(*pair, corners)
        for pair in zip(inputs, outputs, strict=True)
    )
    return rows, columns


def _nearest(inputs: int, outputs: int) -> ResizeAxis:
    """Input floor(o * inputs / outputs), as the nearest to what lies half a position before."""
    return ResizeAxis.of(inputs, outputs, 2 * outputs, 2 * inputs, -outputs)


def _bilinear(inputs: int, outputs: int, corners: bool) -> ResizeAxis:
    """Centres on centres, or corners on corners."""
    if corners and outputs > 1:
        if inputs == 1:
            return ResizeAxis.of(inputs, outputs, outputs, 1, 0)
        return ResizeAxis.of(inputs, outputs, outputs - 1, inputs - 1, 0)
    if corners:
        return ResizeAxis.of(inputs, outputs, 1, 1, 0)
    return ResizeAxis.of(inputs, outputs, 2 * outputs, 2 * inputs, inputs - outputs)
