"""Each operator family, and each way a tensor can lie in memory, against torch's own simulation.

The simulation rounds halves to even where TOSA rounds them up, and computes in float32; over a few
operators that may move a result by two steps.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn

from adfc.determinism import reproducible
from adfc.frontend.validate import validate_strict

LARGEST_DIFFERENCE = 2.01


class Lambda(nn.Module):
    """A module of a function and the layers that it uses."""

    def __init__(self, function, **layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        self.layers = nn.ModuleDict(layers)

    def forward(self, *inputs: torch.Tensor):
        return self.function(self.layers, *inputs)


def conv(inputs: int, outputs: int, kernel: int = 3, **options) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, **options)


def settled(norm: nn.Module) -> nn.Module:
    """A batch normalisation with statistics that are not the neutral ones."""
    norm.running_mean.uniform_(-0.5, 0.5)
    norm.running_var.uniform_(0.5, 2.0)
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.uniform_(norm.bias, -0.5, 0.5)
    return norm


IMAGE = (1, 3, 9, 8)

CASES = {
    "conv 1x1": (lambda: conv(3, 5, 1), [IMAGE]),
    "conv 3x3 padded": (lambda: conv(3, 5, padding=1), [IMAGE]),
    "conv 7x7 stride 2": (lambda: conv(3, 4, 7, stride=2, padding=3), [(1, 3, 16, 16)]),
    "conv without bias": (lambda: conv(3, 5, bias=False), [IMAGE]),
    "conv, one output channel": (lambda: conv(3, 1), [IMAGE]),
    "conv, rectangular": (lambda: conv(3, 4, (1, 3), padding=(0, 1), stride=(2, 1)), [IMAGE]),
    "conv dilated": (lambda: conv(3, 4, dilation=2, padding=2), [IMAGE]),
    "depthwise conv": (lambda: conv(6, 6, padding=1, groups=6), [(1, 6, 9, 8)]),
    "depthwise conv, stride 2": (
        lambda: conv(6, 6, (3, 5), stride=2, padding=(1, 2), groups=6),
        [(1, 6, 9, 8)],
    ),
    "depthwise conv with a channel multiplier": (
        lambda: conv(3, 6, dilation=2, groups=3),
        [IMAGE],
    ),
    "grouped conv": (lambda: conv(6, 4, padding=1, groups=2), [(1, 6, 9, 8)]),
    "conv padding same": (lambda: conv(3, 4, 4, padding="same"), [IMAGE]),
    "conv padding valid": (lambda: conv(3, 4, padding="valid"), [IMAGE]),
    "conv, trailing padding never reached": (
        lambda: conv(3, 4, stride=2, padding=1),
        [(1, 3, 8, 8)],
    ),
    "conv, trailing elements never reached": (lambda: conv(3, 4, 1, stride=2), [(1, 3, 8, 8)]),
    "conv stride 3": (lambda: conv(3, 4, 2, stride=3), [(1, 3, 10, 9)]),
    "conv relu": (lambda: nn.Sequential(conv(3, 5), nn.ReLU()), [IMAGE]),
    "conv relu6": (lambda: nn.Sequential(conv(3, 5), nn.ReLU6()), [IMAGE]),
    "conv hardtanh": (lambda: nn.Sequential(conv(3, 5), nn.Hardtanh(-0.3, 0.4)), [IMAGE]),
    "conv clamp below": (
        lambda: Lambda(lambda m, x: m.c(x).clamp(min=-0.2), c=conv(3, 5)),
        [IMAGE],
    ),
    "conv norm relu": (
        lambda: nn.Sequential(conv(3, 5, bias=False), settled(nn.BatchNorm2d(5)), nn.ReLU()),
        [IMAGE],
    ),
    "relu of the input": (nn.ReLU, [IMAGE]),
    "relu of a tensor that others read too": (
        lambda: Lambda(lambda m, x: (y := m.c(x)) + torch.relu(y), c=conv(3, 5)),
        [IMAGE],
    ),
    "max pool 2": (lambda: nn.MaxPool2d(2), [IMAGE]),
    "max pool 3 stride 2 padded": (lambda: nn.MaxPool2d(3, 2, padding=1), [(1, 3, 16, 16)]),
    "max pool of one row": (lambda: nn.MaxPool2d((1, 2)), [IMAGE]),
    "average over windows": (lambda: nn.AvgPool2d(2), [IMAGE]),
    "average over windows, padded": (
        lambda: nn.AvgPool2d((3, 5), stride=2, padding=(1, 2)),
        [IMAGE],
    ),
    "average, trailing elements never reached": (lambda: nn.AvgPool2d(3, stride=2), [IMAGE]),
    "average, divisor given": (lambda: nn.AvgPool2d(2, divisor_override=3), [IMAGE]),
    "average, adaptive to 3x2": (lambda: nn.AdaptiveAvgPool2d((3, 2)), [IMAGE]),
    "sigmoid": (nn.Sigmoid, [IMAGE]),
    "tanh": (nn.Tanh, [(1, 7)]),
    "hardswish": (lambda: nn.Sequential(conv(3, 5), nn.Hardswish(inplace=True)), [IMAGE]),
    "hardsigmoid": (nn.Hardsigmoid, [IMAGE]),
    "silu": (nn.SiLU, [IMAGE]),
    "gelu": (nn.GELU, [IMAGE]),
    "gelu, tanh": (lambda: nn.GELU(approximate="tanh"), [IMAGE]),
    "leaky relu": (lambda: nn.LeakyReLU(0.1), [IMAGE]),
    "elu": (nn.ELU, [IMAGE]),
    "function and clamp": (
        lambda: Lambda(lambda _, x: nn.functional.relu6(nn.functional.silu(x) + 1.5)),
        [IMAGE],
    ),
    "difference": (lambda: Lambda(lambda _, a, b: a - b), [IMAGE, IMAGE]),
    "difference of different orders": (
        lambda: Lambda(lambda _, a, b: torch.relu(a.flatten(1) - b)),
        [(1, 3, 2, 2), (1, 12)],
    ),
    "product": (lambda: Lambda(lambda _, a, b: a * b), [IMAGE, IMAGE]),
    "gate": (
        lambda: Lambda(lambda m, x: m.a(x) * torch.sigmoid(m.b(x)), a=conv(3, 4), b=conv(3, 4)),
        [IMAGE],
    ),
    "product and quotient with numbers": (lambda: Lambda(lambda _, x: x * -2.5 / 3), [IMAGE]),
    "number minus feature": (lambda: Lambda(lambda _, x: 1 - x), [IMAGE]),
    "number added": (lambda: Lambda(lambda _, x: x + 1.0), [IMAGE]),
    "square": (lambda: Lambda(lambda _, x: x**2), [IMAGE]),
    "global average, adaptive": (lambda: nn.AdaptiveAvgPool2d(1), [IMAGE]),
    "global average, window": (lambda: nn.AvgPool2d((9, 8)), [IMAGE]),
    "global average, mean": (lambda: Lambda(lambda _, x: x.mean((2, 3))), [IMAGE]),
    "global average, mean kept": (
        lambda: Lambda(lambda _, x: x.mean((-1, -2), keepdim=True)),
        [IMAGE],
    ),
    "add": (lambda: Lambda(lambda _, a, b: a + b), [IMAGE, IMAGE]),
    "add, far scales": (lambda: Lambda(lambda m, a: m.c(a) + a, c=conv(3, 3, 1)), [IMAGE]),
    "add to itself": (lambda: Lambda(lambda _, a: a + a), [IMAGE]),
    "add relu": (lambda: Lambda(lambda _, a, b: torch.relu(a + b)), [IMAGE, IMAGE]),
    "add in place": (lambda: Lambda(lambda m, a: m.c(a).add_(a).relu_(), c=conv(3, 3, 1)), [IMAGE]),
    "linear": (lambda: nn.Linear(20, 7), [(1, 20)]),
    "linear without bias": (lambda: nn.Linear(20, 7, bias=False), [(1, 20)]),
    "linear norm relu linear": (
        lambda: nn.Sequential(
            nn.Linear(20, 16), settled(nn.BatchNorm1d(16)), nn.ReLU(), nn.Linear(16, 3)
        ),
        [(1, 20)],
    ),
    "linear on rows": (
        lambda: Lambda(lambda m, x: m.a(x.view(1, 4, 5)), a=nn.Linear(5, 6)),
        [(1, 20)],
    ),
    "flatten linear": (lambda: nn.Sequential(nn.Flatten(), nn.Linear(216, 5)), [IMAGE]),
    "flatten relu dropout linear": (
        lambda: nn.Sequential(conv(3, 4), nn.Flatten(), nn.ReLU(), nn.Dropout(), nn.Linear(168, 5)),
        [IMAGE],
    ),
    "flatten of one channel, linear": (
        lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 5)),
        [(1, 1, 8, 8)],
    ),
    "flatten of 1x1, linear": (
        lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 5)),
        [IMAGE],
    ),
    "flatten as result": (lambda: nn.Sequential(conv(3, 4), nn.Flatten()), [IMAGE]),
    "flatten read by a linear layer and returned": (
        lambda: Lambda(
            lambda m, x: ((y := m.c(x).flatten(1)), m.l(y)), c=conv(3, 4), l=nn.Linear(168, 5)
        ),
        [IMAGE],
    ),
    "rows of an image": (
        lambda: Lambda(lambda m, x: m.l(x.view(1, 3, 72)), l=nn.Linear(72, 5)),
        [IMAGE],
    ),
    "image from a row": (
        lambda: Lambda(lambda m, x: m.c(x.view(1, 2, 5, 6)), c=conv(2, 4)),
        [(1, 60)],
    ),
    "image under another shape": (
        lambda: Lambda(lambda m, x: m.c(m.d(x).view(1, 8, 9, 4)), c=conv(8, 4), d=conv(3, 4, 1)),
        [IMAGE],
    ),
    "add of a flattened image and a row": (
        lambda: Lambda(lambda _, a, b: a.flatten(1) + b),
        [(1, 2, 3, 4), (1, 24)],
    ),
    "squeeze": (
        lambda: Lambda(
            lambda m, x: m.l(x.mean((2, 3), keepdim=True).squeeze(-1).squeeze(-1)),
            l=nn.Linear(3, 4),
        ),
        [IMAGE],
    ),
    "one layer called twice": (
        lambda: Lambda(lambda m, x: m.c(torch.relu(m.c(x))), c=conv(3, 3, padding=1)),
        [IMAGE],
    ),
    "two results": (
        lambda: Lambda(lambda m, x: {"a": m.c(x), "b": (m.d(x),)}, c=conv(3, 4), d=conv(3, 2)),
        [IMAGE],
    ),
}


@pytest.mark.parametrize("scales", ["free", "pow2"])
@pytest.mark.parametrize("name", CASES)
def test_reference_model_agrees_with_torch(name: str, scales: str, imported) -> None:
    make, shapes = CASES[name]
    with reproducible(11):
        module = make()
        sample = tuple(torch.randn(shape) for shape in shapes)
    result = imported(module, *shapes, scales=scales)
    validate_strict(result.tosa.text)
    for difference in result.differences(sample):
        assert difference.max() <= LARGEST_DIFFERENCE


@pytest.mark.parametrize(
    "name", ["conv padding same", "flatten linear", "image under another shape"]
)
def test_result_is_close_to_float(name: str, imported) -> None:
    """Guards against an error that torch's simulation and the emitter might share."""
    make, shapes = CASES[name]
    with reproducible(11):
        module = make()
        sample = tuple(torch.randn(shape) for shape in shapes)
    result = imported(module, *shapes, calibration=[sample])
    with torch.no_grad():
        exact, simulated = module(*sample), result.simulation(*sample)
    noise = ((exact - simulated) ** 2).mean() / (exact**2).mean()
    assert noise < 1e-3
    assert result.differences(sample)[0].max() <= LARGEST_DIFFERENCE


def test_channel_without_weights_keeps_its_bias(imported) -> None:
    """A pruned channel gives its bias, whatever its weights' scale: 3.0 at the largest level."""
    layer = conv(3, 2, 1)
    with torch.no_grad():
        layer.weight[1] = 0
        layer.bias.copy_(torch.tensor([0.1, 3.0]))
    result = imported(layer, IMAGE)
    sample = (torch.zeros(IMAGE),)
    assert result.differences(sample)[0].max() <= LARGEST_DIFFERENCE
