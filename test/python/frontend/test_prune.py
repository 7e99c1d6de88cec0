"""Channel pruning: what is taken out, what it saves, and what may not be touched."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from adfc.determinism import reproducible
from adfc.errors import InputError
from adfc.frontend.export import Sample, export_graph
from adfc.frontend.quantize import Quantized, quantize
from adfc.quantization import QuantizationOptions

HALF = QuantizationOptions(prune="channels=0.5")


class Network(nn.Module):
    """A shortcut over a depthwise-separable block, squeeze and excitation, a flattened image."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.SiLU())
        self.body = nn.Sequential(
            nn.Conv2d(16, 32, 1),
            nn.ReLU6(),
            nn.Conv2d(32, 32, 3, padding=1, groups=32),
            nn.Conv2d(32, 16, 1),
        )
        self.gate = nn.Sequential(nn.Conv2d(16, 8, 1), nn.ReLU(), nn.Conv2d(8, 16, 1), nn.Sigmoid())
        self.head = nn.Linear(16 * 9, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.enter(x)
        y = self.body(x)
        x = x + y * self.gate(nn.functional.adaptive_avg_pool2d(y, 1))
        return self.head(nn.functional.max_pool2d(x, 3).reshape(1, 144))


DROPPED = torch.arange(16) % 2 == 1
"""The channels that the fixture makes worthless."""


@pytest.fixture
def model() -> nn.Module:
    """Every second of the 16 channels is computed by weights of 0 throughout."""
    with reproducible(5):
        module = Network().eval()
    for name in ("enter.0", "body.3", "gate.2"):
        _empty(module, name, DROPPED)
    for name in ("body.0", "body.2"):
        _empty(module, name, torch.arange(32) >= 16)
    return module


def _empty(module: nn.Module, name: str, channels: torch.Tensor) -> None:
    layer = module.get_submodule(name)
    assert isinstance(layer, nn.Conv2d)
    assert layer.bias is not None
    with torch.no_grad():
        layer.weight[channels] = 0
        layer.bias[channels] = 0


@pytest.fixture
def samples() -> list[Sample]:
    with reproducible(6):
        return [(torch.randn(1, 3, 11, 11),) for _ in range(3)]


def _pruned(module: nn.Module, samples: list[Sample]) -> Quantized:
    return quantize(export_graph(module, samples[0]), samples, HALF)


def test_worthless_channels_go(model: nn.Module, samples: list[Sample]) -> None:
    """The output stays; of 16 + 32 channels 24 go, of the gate's 8 none: 8 is the least."""
    found = _pruned(model, samples)
    # Before: 432 + 512 + 288 + 512 + 128 + 128 + 720; after: 216 + 128 + 144 + 128 + 64 + 64 + 360.
    assert found.notes == (
        "pruning took 24 of 56 channels out; int8 weights: 2,720 -> 1,104 bytes (59.4% less)",
    )
    assert found.float_graph is not None
    with torch.no_grad():
        for sample in samples:
            assert torch.allclose(found.float_graph(*sample), model(*sample), atol=1e-5)
    assert found.to_tosa().notes == found.notes


class Joined(nn.Module):
    """Channels behind a concatenation, and in front of a grouped convolution, stay."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Conv2d(3, 16, 1), nn.Conv2d(3, 16, 1)
        self.grouped = nn.Conv2d(32, 32, 1, groups=2)
        self.inner, self.outer = nn.Conv2d(32, 16, 1), nn.Conv2d(16, 4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        joined = torch.cat([self.left(x), self.right(x)], 1)
        return self.outer(torch.relu(self.inner(self.grouped(joined))))


def test_reasons_are_told(samples: list[Sample]) -> None:
    (note,) = _pruned(Joined().eval(), samples).notes
    assert note.startswith("pruning took 8 of 16 channels out;")
    assert "'left': 'cat' (aten.cat.default) needs them as they are" in note
    assert "'grouped': 'grouped' is a convolution in groups" in note


def test_nothing_to_take_out_is_an_error(samples: list[Sample]) -> None:
    module = nn.Sequential(nn.Conv2d(3, 16, 1), nn.ChannelShuffle(2), nn.Conv2d(16, 4, 1)).eval()
    with pytest.raises(InputError, match=r"no channels to take out: '1' .*channel_shuffle"):
        _pruned(module, samples)


@pytest.mark.parametrize(
    ("prune", "message"),
    [
        ("2:4", "2:4 would save nothing"),
        ("channels=1.5", "out of range"),
        ("layers=2", "is not known"),
    ],
)
def test_other_pruning_is_refused(prune: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        QuantizationOptions(prune=prune)
