"""Observers: from the values seen during calibration to symmetric int8 scales.

torchao's observers collect; what is our own is the symmetric scale: magnitude / 127. For weights
it is the largest magnitude of the output channel. With power-of-two scales it is rounded up to the
next 2^n, so that nothing more is clipped; MSEObserver tries smaller ones too.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import torch

from adfc.frontend.torchao_import import (
    HistogramObserver,
    MinMaxObserver,
    UniformQuantizationObserverBase,
)
from adfc.model_io import INT8_MAX, INT8_MIN
from adfc.quantization import QuantizationOptions

QParams: TypeAlias = tuple[torch.Tensor, torch.Tensor]

LARGEST_LEVEL = 127
SMALLEST_SCALE = 2.0**-24
"""Scale of a tensor that is zero on all samples."""

SCALES_TRIED, SMALLEST_RANGE = 200, 0.1
"""MSEObserver tries so many scales, down to this part of the one that clips nothing."""

POWERS_TRIED = 6
"""How many powers of two MSEObserver tries."""

WEAKEST_CHANNEL = 2.0**-12
"""Smallest scale of a channel's weights, relative to its layer's largest. A weaker channel still
rounds finer than the strongest; with its own, finer scale its int32 bias might overflow."""


def power_of_two_above(scales: torch.Tensor) -> torch.Tensor:
    """Each scale rounded up to a power of two."""
    mantissa, exponent = torch.frexp(scales)
    exact = mantissa == 0.5
    return torch.ldexp(torch.ones_like(scales), exponent - exact.to(exponent.dtype))


class ActivationObserver(MinMaxObserver):
    """Per-tensor scale from the largest magnitude of all samples: nothing is clipped."""

    def __init__(
        self, *, power_of_two: bool = False, largest_level: int = LARGEST_LEVEL, **options: Any
    ) -> None:
        super().__init__(**options)
        self.power_of_two = power_of_two
        self.largest_level = largest_level

    def calculate_qparams(self) -> QParams:
        """(scale, zero point 0), each of one element."""
        return symmetric(
            _largest(self), power_of_two=self.power_of_two, largest_level=self.largest_level
        )


class PercentileObserver(HistogramObserver):
    """Per-tensor scale from a percentile of the magnitudes: what lies above it is clipped."""

    def __init__(
        self, *, percentile: float = 99.99, power_of_two: bool = False, **options: Any
    ) -> None:
        super().__init__(**options)
        self.percentile = percentile
        self.power_of_two = power_of_two

    def calculate_qparams(self) -> QParams:
        """(scale, zero point 0), each of one element."""
        ends, counts = _magnitudes(self)
        if counts.numel() == 0:
            return symmetric(_largest(self), power_of_two=self.power_of_two)
        below = torch.cumsum(counts, 0)
        wanted = float(below[-1]) * self.percentile / 100
        index = int(torch.searchsorted(below, wanted).clamp(max=len(ends) - 1))
        return symmetric(ends[index], power_of_two=self.power_of_two)


class MSEObserver(HistogramObserver):
    """Per-tensor scale with the least mean squared error over the histogram of all samples."""

    def __init__(self, *, power_of_two: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.power_of_two = power_of_two

    def calculate_qparams(self) -> QParams:
        """(scale, zero point 0), each of one element."""
        largest = _largest(self)
        scale, zero_point = symmetric(largest, power_of_two=self.power_of_two)
        values, counts = _bins(self)
        if counts.numel() == 0:
            return scale, zero_point
        if self.power_of_two:
            candidates = scale * torch.exp2(-torch.arange(POWERS_TRIED, dtype=torch.float32))
        else:
            candidates = scale * torch.linspace(1.0, SMALLEST_RANGE, SCALES_TRIED)
        errors = torch.stack([_squared_error(values, counts, s) for s in candidates])
        return candidates[errors.argmin()].reshape(1), zero_point


def symmetric(
    largest: torch.Tensor, *, power_of_two: bool, largest_level: int = LARGEST_LEVEL
) -> QParams:
    """(scale, zero point 0) for magnitudes up to `largest`, each of one element."""
    scale = (largest.to(torch.float32) / largest_level).clamp(min=SMALLEST_SCALE).reshape(1)
    return power_of_two_above(scale) if power_of_two else scale, torch.zeros(1, dtype=torch.int64)


def _largest(observer: MinMaxObserver | HistogramObserver) -> torch.Tensor:
    """The largest magnitude seen; 0 where nothing was."""
    largest = torch.maximum(-observer.min_val, observer.max_val).reshape(())
    return torch.where(largest == -torch.inf, torch.zeros_like(largest), largest)


def _bins(observer: HistogramObserver) -> tuple[torch.Tensor, torch.Tensor]:
    """(middle, count) of each bin of the histogram; empty where all values seen are equal."""
    low, high = float(observer.min_val), float(observer.max_val)
    if not low < high:
        return torch.zeros(0), torch.zeros(0)
    width = (high - low) / observer.bins
    middles = low + width * (torch.arange(observer.bins, dtype=torch.float64) + 0.5)
    return middles, observer.histogram.to(torch.float64)


def _magnitudes(observer: HistogramObserver) -> tuple[torch.Tensor, torch.Tensor]:
    """(upper end, count) of each bin, by magnitude, the smallest first."""
    middles, counts = _bins(observer)
    if counts.numel() == 0:
        return middles, counts
    half = (middles[1] - middles[0]) / 2
    ends, order = torch.sort(torch.minimum(middles.abs() + half, _largest(observer)))
    return ends, counts[order]


def _squared_error(values: torch.Tensor, counts: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    levels = torch.clamp(torch.round(values / scale), INT8_MIN, INT8_MAX)
    return (counts * (values - levels * scale) ** 2).sum()


class PerChannelWeightObserver(UniformQuantizationObserverBase):
    """Per-channel scales from the largest magnitude along axis `ch_axis`.

    torchao passes `ch_axis` only to classes with "PerChannel" in their name.
    """

    def __init__(
        self,
        *,
        power_of_two: bool = False,
        ch_axis: int = 0,
        largest_level: int = LARGEST_LEVEL,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.power_of_two = power_of_two
        self.ch_axis = ch_axis
        self.largest_level = largest_level
        self.register_buffer("largest", torch.zeros(0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Notes the channels' magnitudes; weights do not change, so once is enough."""
        if self.largest.numel() == 0:
            self.largest = x.detach().movedim(self.ch_axis, 0).flatten(1).abs().amax(dim=1)
        return x

    def calculate_qparams(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, **_kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(scales, zero points 0), each of one element per channel."""
        scales = self.largest / self.largest_level
        floor = max(float(scales.max()) * WEAKEST_CHANNEL, SMALLEST_SCALE)
        scales = scales.clamp(min=floor)
        if self.power_of_two:
            scales = power_of_two_above(scales)
        return scales, torch.zeros(scales.shape, dtype=torch.int64)


class GivenPerChannelObserver(UniformQuantizationObserverBase):
    """The scales that a model brought for its weights: one for each channel, or one for all."""

    def __init__(self, *, scales: tuple[float, ...], ch_axis: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.scales = scales
        self.ch_axis = ch_axis
        self.channels = len(scales)

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Notes how many channels there are."""
        self.channels = x.shape[self.ch_axis]
        return x

    def calculate_qparams(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, **_kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(scales, zero points 0), each of one element per channel."""
        scales = torch.tensor(self.scales, dtype=torch.float32).expand(self.channels).contiguous()
        return scales, torch.zeros(scales.shape, dtype=torch.int64)


def activation_observer(options: QuantizationOptions) -> Any:
    """What makes the observer of one activation."""
    power_of_two = options.scales == "pow2"
    if options.observer == "percentile":
        return PercentileObserver.with_args(
            percentile=options.percentile, power_of_two=power_of_two
        )
    observer = MSEObserver if options.observer == "mse" else ActivationObserver
    return observer.with_args(power_of_two=power_of_two)
