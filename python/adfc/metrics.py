"""How alike two tensors are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


def sqnr_db(reference: NDArray[Any], measured: NDArray[Any]) -> float:
    """Signal-to-quantization-noise ratio in dB; infinite where the two are equal.

    10 log10(sum(reference^2) / sum((reference - measured)^2)), over all elements.
    """
    return compare(reference, measured).sqnr_db


def cosine(reference: NDArray[Any], measured: NDArray[Any]) -> float:
    """Cosine of the angle between the two as vectors; 1 where both are zero."""
    return compare(reference, measured).cosine


@dataclass(frozen=True)
class Comparison:
    """Two tensors of one shape, in sums; the sum of two comparisons is that of all elements.

    `signal` and `power` are the sums of the reference's and the measured tensor's squares, `noise`
    that of their difference, `product` the sum of their products. `differing` of `elements` are not
    equal; `largest_error` is the greatest difference.
    """

    signal: float = 0.0
    power: float = 0.0
    noise: float = 0.0
    product: float = 0.0
    largest_error: float = 0.0
    differing: int = 0
    elements: int = 0

    def __add__(self, other: Comparison) -> Comparison:
        return Comparison(
            self.signal + other.signal,
            self.power + other.power,
            self.noise + other.noise,
            self.product + other.product,
            max(self.largest_error, other.largest_error),
            self.differing + other.differing,
            self.elements + other.elements,
        )

    @property
    def sqnr_db(self) -> float:
        """10 log10(signal / noise); infinite without noise."""
        if self.noise == 0:
            return math.inf
        return 10 * math.log10(self.signal / self.noise) if self.signal > 0 else -math.inf

    @property
    def cosine(self) -> float:
        """Cosine of the angle between the two as vectors; 1 where both are zero."""
        scale = math.sqrt(self.signal) * math.sqrt(self.power)
        if scale == 0:
            return 1.0 if self.signal == self.power else 0.0
        return self.product / scale

    def to_json(self) -> dict[str, float | int | None]:
        """The figures; a ratio that is not finite is null."""
        ratio = self.sqnr_db
        return {
            "sqnr_db": ratio if math.isfinite(ratio) else None,
            "cosine": self.cosine,
            "largest_error": self.largest_error,
            "differing": self.differing,
            "elements": self.elements,
        }


def compare(reference: NDArray[Any], measured: NDArray[Any]) -> Comparison:
    """The comparison of two tensors of one shape, in float64."""
    a = reference.astype(np.float64).ravel()
    b = measured.astype(np.float64).ravel()
    error = a - b
    return Comparison(
        signal=float(a @ a),
        power=float(b @ b),
        noise=float(error @ error),
        product=float(a @ b),
        largest_error=float(np.abs(error).max(initial=0.0)),
        differing=int(np.count_nonzero(error)),
        elements=int(a.size),
    )
