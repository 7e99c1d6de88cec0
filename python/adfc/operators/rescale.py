"""Real rescale factors as TOSA's integer multiplier and shift."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.errors import ModelError

MULTIPLIER_BITS = 15
"""Significant bits of a multiplier: int16, `scale32 = false` (TOSA 1.0, RESCALE)."""

MIN_SHIFT, MAX_SHIFT = 2, 62
"""Range of a RESCALE shift (TOSA 1.0, apply_scale_16)."""


def multiplier_and_shift(factor: float) -> tuple[int, int]:
    """`factor` ~= multiplier * 2^-shift, with an int16 multiplier and 2 <= shift <= 62.

    Factors below 2^-62 lose bits and end as 0. Raises ModelError for a factor that is not a
    positive number below 2^13.
    """
    if not (math.isfinite(factor) and factor > 0):
        raise ModelError(f"rescale factor {factor} is not a positive number")
    mantissa, exponent = math.frexp(factor)
    multiplier = round(math.ldexp(mantissa, MULTIPLIER_BITS))
    shift = MULTIPLIER_BITS - exponent
    if multiplier == 1 << MULTIPLIER_BITS:
        multiplier, shift = multiplier >> 1, shift - 1
    if shift < MIN_SHIFT:
        raise ModelError(
            f"rescale factor {factor:g} is too large",
            hint="calibrate on samples of the size that the model will see",
        )
    if shift > MAX_SHIFT:
        multiplier, shift = multiplier >> min(shift - MAX_SHIFT, MULTIPLIER_BITS), MAX_SHIFT
    return multiplier, shift


def rescaled(values: NDArray[Any], multiplier: int, shift: int) -> NDArray[np.int64]:
    """values * multiplier / 2^shift, rounded once, half up (TOSA 1.0, apply_scale_16)."""
    wide = values.astype(np.int64) * multiplier + (1 << (shift - 1))
    return wide >> shift


def saturated(values: NDArray[Any]) -> NDArray[np.int8]:
    """The values limited to int8."""
    return np.clip(values, -128, 127).astype(np.int8)
