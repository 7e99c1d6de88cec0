"""Where the binary points of a norm over rows are, and its constants."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FINE_BITS = 6
"""Bits that deviations from the mean are finer than levels: a deviation has 14."""

ROOT_BITS = 14
"""A root of 1 is 2^14."""

TABLE_ENTRIES = 513
"""Entries of an int16 table (TOSA 1.0, TABLE)."""

_LARGEST_SUM_BITS = 30
_PRODUCT_BITS = 29
"""Magnitudes of z * weight, and of bias, stay below."""

_DEFAULT_EPSILON = float(np.finfo(np.float32).eps)
"""PyTorch's for rms_norm without eps."""

Reals = NDArray[np.float64]
Words = NDArray[np.int32]


@dataclass(frozen=True)
class Fixed:
    """Fixed-point positions for rows of `channels`: squares are divided by 2^`squares`."""

    channels: int

    @property
    def squares(self) -> int:
        """A sum of squares is at most channels * 2^(14 + 12): it shall stay within 2^30."""
        return max(0, math.ceil(math.log2(self.channels)) + 26 - _LARGEST_SUM_BITS)

    @property
    def variance(self) -> float:
        """Sum of squares for a variance of one level."""
        return self.channels * 2.0 ** (2 * FINE_BITS - self.squares)

    @property
    def scale(self) -> float:
        """Real value of one step of z."""
        return math.sqrt(self.variance) * 2.0 ** (15 - 15.5 - ROOT_BITS - FINE_BITS)

    @property
    def weight_bits(self) -> int:
        """Bits of a weight, so that z * weight stays within its bounds."""
        largest = math.sqrt(self.channels) / self.scale
        return min(15, math.floor(_PRODUCT_BITS - math.log2(largest)))

    def floor(self, epsilon: float | None, scale: float) -> int:
        """What is added to a sum of squares of levels of that scale."""
        epsilon = _DEFAULT_EPSILON if epsilon is None else float(epsilon)
        return round(min(max(epsilon / scale**2 * self.variance, 1), 2.0**29))

    def affine(
        self, weight: Reals | None, bias: Reals | None
    ) -> tuple[Words | None, Words | None, float]:
        """(factors, offsets, real value of a step of z * factors + offsets)."""
        scale, factors, offsets = self.scale, None, None
        if weight is not None:
            step = max(float(np.abs(weight).max()), 1e-30) / (1 << self.weight_bits)
            factors = np.rint(weight / step).astype(np.int32)
            scale *= step
        if bias is not None:
            limit = float(1 << _PRODUCT_BITS)
            offsets = np.clip(np.rint(bias / scale), -limit, limit).astype(np.int32)
        return factors, offsets, scale


def inverse_roots() -> NDArray[np.int16]:
    """2^14 / sqrt(u), u the int16 index / 2^15; only indices from 2^13 are ever asked for."""
    index = np.arange(TABLE_ENTRIES) * 128 - 32768
    ratio = np.maximum(index, 1 << 13) / 32768.0
    return np.minimum(np.rint((1 << ROOT_BITS) / np.sqrt(ratio)), 32767).astype(np.int16)
