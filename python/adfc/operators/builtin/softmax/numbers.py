"""Constants of softmax in integers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ONE_BITS = 30
"""A probability of 1 is 2^30."""

STEP_BITS = 7
"""A table has an entry for each 2^7 values (TOSA 1.0, TABLE)."""

TABLE_ENTRIES = 513
"""Entries of an int16 table (TOSA 1.0, TABLE)."""

MASKED = -512
"""Below every sum of a level and a difference of levels."""

_LARGEST = (1 << 15) - 1


def exponentials(step: float) -> NDArray[np.int16]:
    """Entry 256 + d is for the difference d; entry 0 for what is masked."""
    differences = np.arange(TABLE_ENTRIES) - 256
    powers = np.rint(_LARGEST * np.exp(np.minimum(differences, 0) * step))
    powers[0] = 0
    return powers.astype(np.int16)
