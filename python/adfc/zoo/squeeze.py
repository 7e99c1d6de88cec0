"""Parts that mobile networks share: convolution with normalisation, squeeze and excitation."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn


def conv_norm(
    inputs: int,
    outputs: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    *,
    norm: Callable[[int], nn.Module],
    act: Callable[[], nn.Module] | None,
) -> nn.Sequential:
    """Convolution, normalisation and an activation; the image's size stays but for the stride."""
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        norm(outputs),
    ]
    return nn.Sequential(*layers, *([] if act is None else [act()]))


class SqueezeExcitation(nn.Module):
    """A gain for each channel, from the channels' averages."""

    def __init__(
        self,
        channels: int,
        squeezed: int,
        act: Callable[[], nn.Module],
        gate: Callable[[], nn.Module],
    ) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)
        self.activation = act()
        self.scale_activation = gate()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, channels, H, W) -> the same shape"""
        gain = self.fc2(self.activation(self.fc1(self.avgpool(x))))
        return self.scale_activation(gain) * x
