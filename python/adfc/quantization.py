"""What a user can choose about how a float model becomes int8."""

from __future__ import annotations

import re
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
    `equalize` evens out the ranges of channels between layers, which changes nothing in float.
    `weight_bits` 4 has weights of levels -7 to 7 instead of -127 to 127, two in a byte.
    `mixed` names layers with int16 activations, with commas between: names that `adfc check`
    prints, or patterns as in a shell; "auto=3" takes the three layers that lose most by int8.
    `prune` "channels=0.25" takes a quarter of the channels out of the layers that allow it.
    `requantize` is about models that come quantized: tensors with a zero point, which the array has
    not, get symmetric scales of the same range.

    Raises InputError for a value out of range.
    """

    scales: Scales = "free"
    observer: Observer = "minmax"
    percentile: float = 99.99
    bias_correction: bool = False
    equalize: bool = False
    weight_bits: int = 8
    mixed: str = ""
    prune: str = ""
    requantize: bool = False

    def __post_init__(self) -> None:
        if not 50 < self.percentile <= 100:
            raise InputError(
                f"percentile {self.percentile:g} is out of range",
                hint="take one above 50 and at most 100, such as 99.99",
            )
        if self.weight_bits not in (4, 8):
            raise InputError(f"weights cannot have {self.weight_bits} bits", hint="take 8 or 4")
        if self.mixed and not self.mixed_layers and not self.mixed_count:
            raise InputError(
                f"--mixed {self.mixed} names no layer", hint="name layers, or take auto=3"
            )
        if self.prune and not 0 < self.pruned_channels < 1:
            raise InputError(
                f"pruning {self.prune} is out of range", hint="prune a share, as channels=0.25"
            )

    @property
    def pruned_channels(self) -> float:
        """The share of channels that `prune` takes out, 0 to 1. Raises InputError."""
        if not self.prune:
            return 0.0
        if self.prune == "2:4":
            raise InputError(
                "pruning 2:4 would save nothing: images keep zeros, and cores multiply by them",
                hint="prune whole channels, as channels=0.25",
            )
        found = re.fullmatch(r"channels=(\d*\.?\d+)", self.prune)
        if found is None:
            raise InputError(
                f"pruning '{self.prune}' is not known", hint="prune channels, as channels=0.25"
            )
        return float(found[1])

    @property
    def mixed_count(self) -> int:
        """How many layers `mixed` leaves to be found, 0 where it names them."""
        found = re.fullmatch(r"auto=(\d+)", self.mixed)
        return int(found[1]) if found else 0

    @property
    def mixed_layers(self) -> tuple[str, ...]:
        """The names and patterns in `mixed`."""
        if self.mixed.startswith("auto="):
            return ()
        return tuple(name for name in map(str.strip, self.mixed.split(",")) if name)

    @property
    def largest_weight(self) -> int:
        """The largest level of a weight; the smallest is its negative."""
        return 2 ** (self.weight_bits - 1) - 1


DEFAULT = QuantizationOptions()
"""Free scales from the largest magnitudes."""
