"""Bias correction on a depthwise-separable network whose channels are badly scaled."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from adfc.determinism import reproducible
from adfc.frontend.export import Sample, export_graph
from adfc.frontend.quantize import quantize
from adfc.quantization import QuantizationOptions

CHANNELS = 16


class Separable(nn.Module):
    """Pointwise, depthwise, grouped and pointwise convolutions, with ReLU and pooling between."""

    def __init__(self) -> None:
        super().__init__()
        self.expand = nn.Conv2d(3, CHANNELS, 1)
        self.depthwise = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, groups=CHANNELS)
        self.grouped = nn.Conv2d(CHANNELS, CHANNELS, 3, groups=4, bias=False)
        self.project = nn.Conv2d(CHANNELS, 8, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.expand(x))
        x = torch.relu(self.depthwise(x))
        x = torch.max_pool2d(torch.relu(self.grouped(x)), 2)
        return self.project(x)


@pytest.fixture
def model() -> Separable:
    """Random weights; between layers channel i is 2^(-i/2) of what it was, function unchanged.

    So the weakest of 16 channels has 2^-7.5 of the strongest's range: of 127 levels not one is
    left to it.
    """
    with reproducible(5):
        module = Separable().eval()
    factors = 2.0 ** -(torch.arange(CHANNELS) / 2)
    with torch.no_grad():
        for layer in (module.expand, module.depthwise):
            layer.weight *= factors[:, None, None, None]
            assert layer.bias is not None
            layer.bias *= factors
        module.depthwise.weight /= factors[:, None, None, None]
        module.grouped.weight /= factors.reshape(4, 1, 4).expand(4, 4, 4).reshape(16, 4, 1, 1)
    return module


@pytest.fixture
def samples() -> list[Sample]:
    with reproducible(6):
        return [(torch.randn(1, 3, 12, 12),) for _ in range(6)]


def _outputs(module: nn.Module, samples: list[Sample], **options: object) -> NDArray[np.float32]:
    graph = export_graph(module, samples[0])
    chosen = QuantizationOptions(**options)  # type: ignore[arg-type]
    found = quantize(graph, samples[:3], chosen).graph
    with torch.no_grad():
        return np.concatenate([found(*sample).numpy() for sample in samples])


def _float(module: nn.Module, samples: list[Sample]) -> NDArray[np.float32]:
    with torch.no_grad():
        return np.concatenate([module(*sample).numpy() for sample in samples])


def test_bias_correction_restores_the_means(model: Separable, samples: list[Sample]) -> None:
    """Clipping at the 90th percentile of the magnitudes pulls all means towards zero."""
    expected = _float(model, samples)
    options = {"observer": "percentile", "percentile": 90.0}

    def mean_error(**more: bool) -> float:
        error = _outputs(model, samples, **options, **more) - expected
        return float(np.abs(error.mean(axis=(0, 2, 3))).mean())

    assert mean_error(bias_correction=True) < mean_error() / 2
