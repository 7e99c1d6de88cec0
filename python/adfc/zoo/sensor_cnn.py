"""A 1-d convolutional network that tells six activities from three axes of acceleration.

Windows of 128 samples, as in the UCI data set "Human Activity Recognition Using Smartphones"; the
layers are the usual stack for it.
"""

from __future__ import annotations

import torch
from torch import nn

from adfc.zoo.random_model import random_model

AXES, SAMPLES = 3, 128
ACTIVITIES = 6


class SensorCNN(nn.Module):
    """Three convolutions, an average, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(AXES, 32, 7, padding=3),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.MaxPool1d(2),
            nn.Conv1d(32, 64, 5, stride=2, padding=2),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.Conv1d(64, 64, 3, padding=2, dilation=2),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.AdaptiveAvgPool1d(1),
        )
        self.classifier = nn.Linear(64, ACTIVITIES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 3, 128) in g -> (N, 6) logits"""
        return self.classifier(torch.flatten(self.features(x), 1))


def _strides(count: int, seed: int) -> torch.Tensor:
    """Steps of 1 to 3 Hz, sampled at 50 Hz, gravity and noise."""
    generator = torch.Generator().manual_seed(seed)
    time = torch.arange(SAMPLES) / 50
    rate = 1 + 2 * torch.rand(count, 1, 1, generator=generator)
    strength = torch.rand(count, AXES, 1, generator=generator)
    phase = 6.28 * torch.rand(count, AXES, 1, generator=generator)
    gravity = torch.nn.functional.normalize(torch.randn(count, AXES, 1, generator=generator), dim=1)
    noise = 0.1 * torch.randn(count, AXES, SAMPLES, generator=generator)
    return gravity + strength * torch.sin(6.28 * rate * time + phase) + noise


MODEL = random_model(
    "sensor_cnn",
    "1-d CNN, 128 samples of 3 axes of acceleration, 6 activities",
    SensorCNN,
    _strides,
    settled_on=32,
    calibration_samples=32,
)
