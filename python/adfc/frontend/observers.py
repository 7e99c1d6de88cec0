"""Observers: from the values seen during calibration to symmetric int8 scales.

scale = largest magnitude / 127, for an activation over all samples, for weights per output channel.
With power-of-two scales it is rounded up to the next 2^n, so that nothing is clipped.
"""

from __future__ import annotations

from typing import Any

import torch

from adfc.frontend.torchao_import import UniformQuantizationObserverBase

LARGEST_LEVEL = 127
SMALLEST_SCALE = 2.0**-24
"""Scale of a tensor that is zero on all samples."""

WEAKEST_CHANNEL = 2.0**-12
"""Smallest scale of a channel's weights, relative to its layer's largest. A weaker channel still
rounds finer than the strongest; with its own, finer scale its int32 bias might overflow."""


def power_of_two_above(scales: torch.Tensor) -> torch.Tensor:
    """Each scale rounded up to a power of two."""
    mantissa, exponent = torch.frexp(scales)
    exact = mantissa == 0.5
    return torch.ldexp(torch.ones_like(scales), exponent - exact.to(exponent.dtype))


class ActivationObserver(UniformQuantizationObserverBase):
    """Per-tensor scale from the largest magnitude of all samples."""

    def __init__(self, *, power_of_two: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.power_of_two = power_of_two
        self.register_buffer("largest", torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Notes the magnitude of `x` and passes it on."""
        low, high = torch.aminmax(x.detach())
        self.largest = torch.maximum(self.largest, torch.maximum(-low, high))
        return x

    def calculate_qparams(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, **_kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(scale, zero point 0), each of one element."""
        scale = (self.largest / LARGEST_LEVEL).clamp(min=SMALLEST_SCALE).reshape(1)
        if self.power_of_two:
            scale = power_of_two_above(scale)
        return scale, torch.zeros(1, dtype=torch.int64)


class PerChannelWeightObserver(UniformQuantizationObserverBase):
    """Per-channel scales from the largest magnitude along axis 0.

    torchao passes `ch_axis` only to classes with "PerChannel" in their name.
    """

    def __init__(self, *, power_of_two: bool = False, ch_axis: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.power_of_two = power_of_two
        self.ch_axis = ch_axis
        self.register_buffer("largest", torch.zeros(0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Notes the channels' magnitudes; weights do not change, so once is enough."""
        if self.largest.numel() == 0:
            self.largest = x.detach().flatten(1).abs().amax(dim=1)
        return x

    def calculate_qparams(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, **_kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(scales, zero points 0), each of one element per channel."""
        scales = self.largest / LARGEST_LEVEL
        floor = max(float(scales.max()) * WEAKEST_CHANNEL, SMALLEST_SCALE)
        scales = scales.clamp(min=floor)
        if self.power_of_two:
            scales = power_of_two_above(scales)
        return scales, torch.zeros(scales.shape, dtype=torch.int64)
