"""Seeded inputs with the statistics of real ones."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from adfc.determinism import reproducible
from adfc.zoo.model import Sample, Samples

CALIBRATION_SEED, SAMPLE_SEED, STATISTICS_SEED, PROFILE_SEED = 1, 2, 3, 4


def photo_like(count: int, channels: int, size: int, seed: int) -> torch.Tensor:
    """(count, channels, size, size) float32 with a photograph's 1/f amplitude spectrum.

    Normalised as image classifiers expect: mean 0 and deviation 1 over each image. Channels share
    most of their content, as colours do.
    """
    generator = torch.Generator().manual_seed(seed)
    frequency = torch.fft.fftfreq(size)
    radius = torch.sqrt(frequency[:, None] ** 2 + frequency[None, :] ** 2)
    amplitude = 1.0 / torch.clamp(radius, min=1.0 / size)

    def field(fields: int) -> torch.Tensor:
        noise = torch.randn(count, fields, size, size, generator=generator)
        return torch.fft.ifft2(torch.fft.fft2(noise) * amplitude).real

    images = field(1) + 0.4 * field(channels)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    deviation = images.std(dim=(1, 2, 3), keepdim=True)
    return ((images - mean) / deviation).contiguous()


def spectrogram_like(count: int, frames: int, bands: int, seed: int) -> torch.Tensor:
    """(count, frames * bands) float32: normalised log-mel spectra of one machine at work.

    A fixed profile, whose broad bands grow louder and softer from sample to sample, and noise.
    """
    profile_generator = torch.Generator().manual_seed(PROFILE_SEED)
    generator = torch.Generator().manual_seed(seed)
    profile = torch.randn(1, 1, bands, generator=profile_generator).cumsum(dim=2) / bands**0.5
    loudness = nn.functional.interpolate(
        torch.randn(count, 1, 8, generator=generator), size=bands, mode="linear"
    )
    noise = torch.randn(count, frames, bands, generator=generator)
    return (profile + 0.3 * loudness + 0.3 * noise).reshape(count, frames * bands)


def one_by_one(make: Callable[[int, int], torch.Tensor], seed: int) -> Samples:
    """Samples of batch 1 from `make(count, seed)`; the first ones do not depend on how many."""

    def samples(count: int) -> list[Sample]:
        with reproducible():
            return [(make(1, seed * 1_000_003 + index),) for index in range(count)]

    return samples
