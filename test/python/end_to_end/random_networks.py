"""Small random networks of every operator and shape rule that the front end accepts."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from hypothesis import strategies as st
from random_layers import LAYERS, lines
from random_sequences import sequences
from torch import nn

FUNCTIONS = (
    nn.Sigmoid,
    nn.Tanh,
    nn.Hardswish,
    nn.Hardsigmoid,
    nn.SiLU,
    nn.GELU,
    nn.LeakyReLU,
    nn.ReLU,
    nn.ReLU6,
)


@dataclass(frozen=True)
class Network:
    """A module in eval mode and an input for it."""

    module: nn.Module
    example: torch.Tensor


class Residual(nn.Module):
    """body(x) + x, perhaps clamped at zero."""

    def __init__(self, body: nn.Module, *, relu: bool) -> None:
        super().__init__()
        self.body = body
        self.relu = relu

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.body(x) + x
        return torch.relu(y) if self.relu else y


class Gated(nn.Module):
    """x * sigmoid(body(x)), or x - body(x)."""

    def __init__(self, body: nn.Module, *, difference: bool) -> None:
        super().__init__()
        self.body = body
        self.difference = difference

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.body(x)
        return x - y if self.difference else x * torch.sigmoid(y)


@st.composite
def convolutions(draw: st.DrawFn, channels: int, height: int, width: int) -> nn.Conv2d:
    """A convolution that fits an input of this shape."""
    dilation = draw(st.integers(1, 2))
    spans = [k for k in (1, 2, 3, 5, 7) if (k - 1) * dilation + 1 <= min(height, width) + 2]
    kernel = (draw(st.sampled_from(spans)), draw(st.sampled_from(spans)))
    # Enough padding that the kernel fits, at most half the kernel's span.
    spare = [(k - 1) * dilation for k in kernel]
    least = [
        max(0, (s + 1 - size + 1) // 2) for s, size in zip(spare, (height, width), strict=True)
    ]
    padding = tuple(
        draw(st.integers(low, max(low, s // 2))) for low, s in zip(least, spare, strict=True)
    )
    groups = draw(st.sampled_from([1, 1, channels, max(g for g in (1, 2, 3) if channels % g == 0)]))
    each = draw(st.sampled_from([1, 1, 2])) if groups > 1 else draw(st.integers(1, 40))
    return nn.Conv2d(
        channels,
        groups * each,
        kernel,
        groups=groups,
        stride=(draw(st.integers(1, 3)), draw(st.integers(1, 3))),
        padding=padding,
        dilation=dilation,
        bias=draw(st.booleans()),
    )


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """One to four layers, with a flat end or without."""
    torch.manual_seed(draw(st.integers(0, 2**16)))
    kind = draw(st.integers(0, 9))
    if kind in (1, 2):
        return _sequence(draw)
    if kind == 0:
        channels, length = draw(st.integers(1, 12)), draw(st.integers(4, 60))
        line = torch.randn(1, channels, length)
        return Network(draw(lines(channels, length)).eval(), line)
    shape = (draw(st.integers(1, 20)), draw(st.integers(1, 24)), draw(st.integers(1, 24)))
    example = torch.randn(1, *shape)
    layers: list[nn.Module] = []
    for _ in range(draw(st.integers(1, 4))):
        layers.append(_layer(draw, *shape))
        with torch.no_grad():
            shape = tuple(nn.Sequential(*layers).eval()(example).shape[1:])
    if draw(st.booleans()):
        if draw(st.booleans()):
            layers.append(nn.AdaptiveAvgPool2d(1))
            shape = (shape[0], 1, 1)
        layers.append(nn.Flatten())
        layers.append(nn.Linear(shape[0] * shape[1] * shape[2], draw(st.integers(1, 50))))
    return Network(nn.Sequential(*layers).eval(), example)


def _sequence(draw: st.DrawFn) -> Network:
    tokens, size = draw(st.integers(1, 12)), draw(st.integers(1, 24))
    vocabulary = draw(st.sampled_from([0, 0, 17]))
    module = draw(sequences(tokens, size, vocabulary)).eval()
    if vocabulary:
        return Network(module, torch.randint(0, vocabulary, (1, tokens)))
    return Network(module, torch.randn(1, tokens, size))


def _layer(draw: st.DrawFn, channels: int, height: int, width: int) -> nn.Module:
    # Large images take long, and show nothing more.
    if draw(st.booleans()) and height * width <= 700:
        return draw(st.sampled_from(LAYERS))(draw, (channels, height, width))
    return _plain_layer(draw, channels, height, width)


def _plain_layer(draw: st.DrawFn, channels: int, height: int, width: int) -> nn.Module:
    kind = draw(
        st.sampled_from(
            ["conv", "conv", "relu conv", "pool", "average", "residual", "gated", "function"]
        )
    )
    if kind == "function":
        return draw(st.sampled_from(FUNCTIONS))()
    if kind in ("average", "pool") and min(height, width) >= 2:
        kernel = draw(st.integers(2, min(3, height, width)))
        pool = nn.AvgPool2d if kind == "average" else nn.MaxPool2d
        return pool(
            kernel, stride=draw(st.integers(1, 3)), padding=draw(st.integers(0, kernel // 2))
        )
    if kind in ("residual", "gated"):
        body = nn.Conv2d(channels, channels, 3, padding=1)
        if kind == "gated":
            return Gated(body, difference=draw(st.booleans()))
        return Residual(body, relu=draw(st.booleans()))
    convolution = draw(convolutions(channels, height, width))
    if kind == "relu conv":
        return nn.Sequential(convolution, nn.BatchNorm2d(convolution.out_channels), nn.ReLU())
    return convolution
