"""What a user can choose about how a float model becomes int8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from adfc.errors import InputError

Scales: TypeAlias = Literal["free", "pow2"]
"""Whether scales may be any number, or powers of two only."""

Observer: TypeAlias = Literal["minmax", "percentile", "mse"]
"""How an activation's scale follows from the values that calibration saw."""


@dataclass(frozen=True)
class QuantizationOptions:
    """How scales are chosen; `adfc.compile` and the command line share these.

    `observer` "minmax" clips nothing, "percentile" clips what lies above the `percentile` of the
    magnitudes (percent, above 50), "mse" takes the scale with the least mean squared error.
    `bias_correction` makes each layer's mean over the calibration samples that of float.
    `requantize` is about models that come quantized: tensors with a zero point, which the array has
    not, get symmetric scales of the same range.

    Raises InputError for a percentile out of range.
    """

    scales: Scales = "free"
    observer: Observer = "minmax"
    percentile: float = 99.99
    bias_correction: bool = False
    requantize: bool = False

    def __post_init__(self) -> None:
        if not 50 < self.percentile <= 100:
            raise InputError(
                f"percentile {self.percentile:g} is out of range",
                hint="take one above 50 and at most 100, such as 99.99",
            )


DEFAULT = QuantizationOptions()
"""Free scales from the largest magnitudes."""
