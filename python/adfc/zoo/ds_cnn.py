"""DS-CNN for keyword spotting, the audio model of MLPerf Tiny.

Layers and widths follow the benchmark's reference (mlcommons/tiny, keyword_spotting); the stem is
padded by 5 rows on both sides where TensorFlow's "same" pads 4 above and 5 below, and the softmax
is left to the host.
"""

from __future__ import annotations

import torch
from torch import nn

from adfc.zoo.random_model import random_model
from adfc.zoo.synthetic import spectrogram_like

FRAMES, COEFFICIENTS = 49, 10
"""Input: so many time frames of mel-frequency cepstral coefficients."""
WIDTH = 64
BLOCKS = 4
CLASSES = 12


def _norm() -> list[nn.Module]:
    return [nn.BatchNorm2d(WIDTH), nn.ReLU()]


class DSCNN(nn.Module):
    """A stem, four depthwise separable blocks, a global average and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        layers = [nn.Conv2d(1, WIDTH, (10, 4), stride=2, padding=(5, 1)), *_norm(), nn.Dropout(0.2)]
        for _ in range(BLOCKS):
            layers += [nn.Conv2d(WIDTH, WIDTH, 3, padding=1, groups=WIDTH), *_norm()]
            layers += [nn.Conv2d(WIDTH, WIDTH, 1), *_norm()]
        self.features = nn.Sequential(*layers, nn.Dropout(0.4))
        self.pool = nn.AvgPool2d((25, 5))
        self.fc = nn.Linear(WIDTH, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, 49, 10) -> (N, 12) logits"""
        return self.fc(torch.flatten(self.pool(self.features(x)), 1))


def _spectra(count: int, seed: int) -> torch.Tensor:
    return spectrogram_like(count, FRAMES, COEFFICIENTS, seed).reshape(
        count, 1, FRAMES, COEFFICIENTS
    )


MODEL = random_model(
    "ds_cnn",
    "MLPerf Tiny's DS-CNN, 12 spoken keywords",
    DSCNN,
    _spectra,
    settled_on=32,
    calibration_samples=32,
)
