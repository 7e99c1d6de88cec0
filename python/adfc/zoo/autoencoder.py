"""The anomaly detection autoencoder of MLPerf Tiny (ToyADMOS): 640-128x4-8-128x4-640.

Layers follow the benchmark's reference (mlcommons/tiny, anomaly_detection): every hidden layer is
linear, batch normalisation, ReLU. The input is five frames of a 128-band log-mel spectrum.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import torch
from torch import nn

from adfc.determinism import reproducible
from adfc.zoo.model import Sample, ZooModel
from adfc.zoo.synthetic import (
    CALIBRATION_SEED,
    SAMPLE_SEED,
    STATISTICS_SEED,
    one_by_one,
    spectrogram_like,
)
from adfc.zoo.weights import load_state_dict, settle_batch_norm

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


def build(state_dict: Path | None = None) -> tuple[nn.Module, Sample]:
    """(autoencoder in eval mode, example inputs)."""
    with reproducible():
        model = Autoencoder()
        if state_dict is not None:
            load_state_dict(model, state_dict)
        else:
            settle_batch_norm(model, [(_spectra(64, STATISTICS_SEED),)])
    return model.eval(), MODEL.sample_inputs(1)[0]


def _spectra(count: int, seed: int) -> torch.Tensor:
    return spectrogram_like(count, FRAMES, BANDS, seed)


MODEL = ZooModel(
    name="autoencoder",
    description="MLPerf Tiny's anomaly detection autoencoder, 640 values; random weights",
    make=build,
    calibration=one_by_one(_spectra, CALIBRATION_SEED),
    sample_inputs=one_by_one(_spectra, SAMPLE_SEED),
    calibration_samples=64,
)
