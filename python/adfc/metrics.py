"""How alike two tensors are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def sqnr_db(reference: NDArray[Any], measured: NDArray[Any]) -> float:
    """Signal-to-quantization-noise ratio in dB; infinite where the two are equal.

    10 log10(sum(reference^2) / sum((reference - measured)^2)), over all elements.
    """
    signal = float(np.square(reference.astype(np.float64)).sum())
    noise = float(np.square(reference.astype(np.float64) - measured).sum())
    if noise == 0:
        return math.inf
    return 10 * math.log10(signal / noise) if signal > 0 else -math.inf


def cosine(reference: NDArray[Any], measured: NDArray[Any]) -> float:
    """Cosine of the angle between the two as vectors; 1 where both are zero."""
    a = reference.astype(np.float64).ravel()
    b = measured.astype(np.float64).ravel()
    scale = float(np.linalg.norm(a) * np.linalg.norm(b))
    if scale == 0:
        return 1.0 if not (a.any() or b.any()) else 0.0
    return float(a @ b) / scale
