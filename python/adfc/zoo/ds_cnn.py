"""DS-CNN for keyword spotting, the audio model of MLPerf Tiny.

Layers and widths follow the benchmark's reference (mlcommons/tiny, keyword_spotting); the stem is
padded by 5 rows on both sides where TensorFlow's "same" pads 4 above and 5 below, and the softmax
is left to the host.
"""

from __future__ import annotations

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
from adfc.zoo.weights import draw_convolutions, load_state_dict, settle_batch_norm

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


def build(state_dict: Path | None = None) -> tuple[nn.Module, Sample]:
    """(DS-CNN in eval mode, example inputs)."""
    with reproducible():
        model = DSCNN()
        if state_dict is not None:
            load_state_dict(model, state_dict)
        else:
            draw_convolutions(model)
            settle_batch_norm(model, [(_spectra(32, STATISTICS_SEED),)])
    return model.eval(), MODEL.sample_inputs(1)[0]


def _spectra(count: int, seed: int) -> torch.Tensor:
    return spectrogram_like(count, FRAMES, COEFFICIENTS, seed).reshape(
        count, 1, FRAMES, COEFFICIENTS
    )


MODEL = ZooModel(
    name="ds_cnn",
    description="MLPerf Tiny's DS-CNN, 12 spoken keywords; random weights",
    make=build,
    calibration=one_by_one(_spectra, CALIBRATION_SEED),
    sample_inputs=one_by_one(_spectra, SAMPLE_SEED),
    calibration_samples=32,
)
