"""The anomaly detection autoencoder of MLPerf Tiny (ToyADMOS): 640-128x4-8-128x4-640.

Layers follow the benchmark's reference (mlcommons/tiny, anomaly_detection): every hidden layer is
linear, batch normalisation, ReLU. The input is five frames of a 128-band log-mel spectrum.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from adfc.zoo.random_model import leave, random_model
from adfc.zoo.synthetic import spectrogram_like

FRAMES, BANDS = 5, 128
HIDDEN = (128, 128, 128, 128, 8, 128, 128, 128, 128)


class Layer(nn.Module):
    """Linear, batch normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.bn = nn.BatchNorm1d(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs) -> (N, outputs)"""
        return torch.relu(self.bn(self.linear(x)))


class Autoencoder(nn.Module):
    """Encoder and decoder of four layers each around a bottleneck of 8."""

    def __init__(self) -> None:
        super().__init__()
        widths = (FRAMES * BANDS, *HIDDEN)
        self.layers = nn.ModuleList(Layer(*sizes) for sizes in pairwise(widths))
        self.output = nn.Linear(HIDDEN[-1], FRAMES * BANDS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 640) -> (N, 640)"""
        for layer in self.layers:
            x = layer(x)
        return self.output(x)


def _spectra(count: int, seed: int) -> torch.Tensor:
    return spectrogram_like(count, FRAMES, BANDS, seed)


MODEL = random_model(
    "autoencoder",
    "MLPerf Tiny's anomaly detection autoencoder, 640 values",
    Autoencoder,
    _spectra,
    settled_on=64,
    draw=leave,
    calibration_samples=64,
)
