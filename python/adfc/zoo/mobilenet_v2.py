"""MobileNetV2 for 224x224 images (Sandler et al., "Inverted Residuals and Linear Bottlenecks").

Parameter names and shapes are torchvision's, so its trained weights load as they are.
"""

from __future__ import annotations

import torch
from torch import nn

from adfc.zoo.random_model import random_model
from adfc.zoo.synthetic import photo_like
from adfc.zoo.weights import draw_convolutions

SIZE = 224
CLASSES = 1000
STEM, HEAD = 32, 1280
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, output channels, blocks and stride of each stage (the paper's table 2)."""
RESIDUAL_GAIN = 0.5
"""Random weights only: gain of each block's last normalisation (see resnet18)."""


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    )


class InvertedResidual(nn.Module):
    """1x1 expansion, depthwise 3x3, linear 1x1; a shortcut where the shape stays."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        width = inputs * expansion
        self.keeps_shape = stride == 1 and inputs == outputs
        layers = [] if expansion == 1 else [_conv(inputs, width, 1)]
        layers += [
            _conv(width, width, 3, stride, groups=width),
            nn.Conv2d(width, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        self.conv = nn.Sequential(*layers)

    @property
    def gain(self) -> nn.Parameter:
        """(outputs,) factors of the last normalisation."""
        norm = self.conv[-1]
        assert isinstance(norm, nn.BatchNorm2d)
        return norm.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / stride, W / stride)"""
        y = self.conv(x)
        return x + y if self.keeps_shape else y


class MobileNetV2(nn.Module):
    """A stem, seven stages of inverted residuals, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        features = [_conv(3, STEM, 3, 2)]
        inputs = STEM
        for expansion, outputs, blocks, stride in STAGES:
            for block in range(blocks):
                step = stride if block == 0 else 1
                features.append(InvertedResidual(inputs, outputs, step, expansion))
                inputs = outputs
        features.append(_conv(inputs, HEAD, 1))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(HEAD, CLASSES))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 3, 224, 224) -> (N, 1000) logits"""
        x = self.features(x)
        x = torch.flatten(nn.functional.adaptive_avg_pool2d(x, (1, 1)), 1)
        return self.classifier(x)


def _draw(model: nn.Module) -> None:
    draw_convolutions(model)
    for module in model.modules():
        if isinstance(module, InvertedResidual):
            nn.init.constant_(module.gain, RESIDUAL_GAIN)


def _images(count: int, seed: int) -> torch.Tensor:
    return photo_like(count, 3, SIZE, seed)


MODEL = random_model(
    "mobilenet_v2",
    "MobileNetV2, 224x224 colour images, 1000 classes",
    MobileNetV2,
    _images,
    settled_on=4,
    draw=_draw,
    preprocessing="imagenet",
)
