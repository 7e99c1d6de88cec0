"""Equalisation and bias correction on networks whose channels are badly scaled."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from adfc.determinism import reproducible
from adfc.frontend.export import Sample, export_graph
from adfc.frontend.quantize import quantize
from adfc.metrics import sqnr_db
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


def test_equalisation_saves_weak_channels(model: Separable, samples: list[Sample]) -> None:
    """Channels from 1 to 2^-7.5 cost over 10 dB, which come back."""
    expected = _float(model, samples)
    before = sqnr_db(expected, _outputs(model, samples))
    after = sqnr_db(expected, _outputs(model, samples, equalize=True))
    assert after > before + 10


class Block(nn.Module):
    """What equalisation has to follow: shortcut, pools, padding, flattened images, a gain."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.LeakyReLU(0.1))
        self.body = nn.Sequential(nn.Conv2d(8, 8, 1), nn.ReLU(), nn.Conv2d(8, 8, 1))
        self.pool = nn.Sequential(nn.ZeroPad2d(1), nn.MaxPool2d(2), nn.AvgPool2d(2))
        self.upper = nn.Sequential(nn.Linear(72, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 12))
        self.norm = nn.LayerNorm(12)
        self.heads = nn.ModuleList([nn.Linear(12, 4), nn.Linear(12, 6, bias=False)])
        self.clamped = nn.Sequential(nn.Linear(6, 8), nn.ReLU6(), nn.Linear(8, 4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.enter(x)
        x = self.pool(torch.relu(x + self.body(x)))
        x = self.norm(self.upper(torch.flatten(x, 1)))
        return self.heads[0](x) + self.clamped(self.heads[1](x))


def _badly_scaled(module: nn.Module) -> nn.Module:
    """Gains of every layer's outputs from 1 down to 2^-6."""
    with torch.no_grad():
        for layer in module.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear, nn.LayerNorm)):
                gains = 2.0 ** -torch.linspace(0, 6, len(layer.weight))
                for parameter in layer.parameters():
                    parameter.mul_(gains.reshape((-1,) + (1,) * (parameter.dim() - 1)))
    return module.eval()


def test_equalisation_changes_nothing_in_float() -> None:
    with reproducible(8):
        module = _badly_scaled(Block())
        inputs = [(torch.randn(1, 3, 14, 14),) for _ in range(3)]
    found = quantize(export_graph(module, inputs[0]), inputs, QuantizationOptions(equalize=True))
    # enter with body; body's inner; upper's inner; norm to both heads; heads[1] to clamped;
    # clamped's inner, behind ReLU6. What a normalisation reads passes no scale.
    assert found.notes == ("equalized 6 sets of channels",)
    assert found.float_graph is not None
    with torch.no_grad():
        for sample in inputs:
            expected = module(*sample)
            error = (found.float_graph(*sample) - expected).abs().max()
            assert error <= 1e-5 * expected.abs().max()


class Clamped(nn.Module):
    """A channel that ReLU6 clips, and weaker ones that it does not; SiLU in front of the last."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv2d(3, CHANNELS, 1)
        self.middle = nn.Conv2d(CHANNELS, CHANNELS, 3, groups=CHANNELS)
        self.leave = nn.Conv2d(CHANNELS, 8, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.relu6(self.enter(x))
        return self.leave(nn.functional.silu(self.middle(x)))


def test_relu6_is_passed_with_care(samples: list[Sample]) -> None:
    """What ReLU6 clips stays where it is, the rest gets levels; no input leaves what was seen."""
    with reproducible(11):
        module = Clamped().eval()
    gains = 8.0 * 2.0 ** -(torch.arange(CHANNELS) / 2)
    with torch.no_grad():
        for parameter in module.enter.parameters():
            parameter.mul_(gains.reshape((-1,) + (1,) * (parameter.dim() - 1)))
        module.middle.weight /= gains[:, None, None, None]
    before = _float(module, samples)
    graph = export_graph(module, samples[0])
    found = quantize(graph, samples[:3], QuantizationOptions(equalize=True))
    assert found.notes == ("equalized 1 set of channels",)  # SiLU passes none
    assert found.float_graph is not None
    with torch.no_grad():
        clipped = nn.functional.relu6(module.enter(samples[0][0])).amax((0, 2, 3)) == 6
        after = np.concatenate([found.float_graph(*sample).numpy() for sample in samples[:3]])
        ratio = found.float_graph.get_parameter("enter.bias") / module.enter.bias
    assert 0 < int(clipped.sum()) < CHANNELS
    assert torch.allclose(ratio[clipped], torch.ones(1))
    assert (ratio >= 0.999).all() and ratio.max() > 4
    assert np.abs(after - before[:3]).max() <= 1e-5 * np.abs(before).max()
    plain, even = (_outputs(module, samples, equalize=choice) for choice in (False, True))
    assert sqnr_db(before, even) > sqnr_db(before, plain) + 3


def test_weights_of_four_bits(model: Separable, samples: list[Sample]) -> None:
    graph = export_graph(model, samples[0])
    found = quantize(graph, samples[:3], QuantizationOptions(weight_bits=4)).graph
    weights = [b for b in found.buffers() if b.dtype == torch.int8 and b.dim() == 4]
    assert len(weights) == 4
    assert {int(w.abs().max()) for w in weights} == {7}
