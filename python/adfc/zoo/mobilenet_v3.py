"""MobileNetV3-Small for 224x224 images (Howard et al., "Searching for MobileNetV3").

Parameter names and shapes are torchvision's, so its trained weights load as they are.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import nn

from adfc.zoo.random_model import random_model
from adfc.zoo.squeeze import SqueezeExcitation, conv_norm
from adfc.zoo.synthetic import photo_like

SIZE = 224
CLASSES = 1000
STEM, LAST, HEAD = 16, 576, 1024
BLOCKS = (
    (3, 16, 16, True, False, 2),
    (3, 72, 24, False, False, 2),
    (3, 88, 24, False, False, 1),
    (5, 96, 40, True, True, 2),
    (5, 240, 40, True, True, 1),
    (5, 240, 40, True, True, 1),
    (5, 120, 48, True, True, 1),
    (5, 144, 48, True, True, 1),
    (5, 288, 96, True, True, 2),
    (5, 576, 96, True, True, 1),
    (5, 576, 96, True, True, 1),
)
"""Kernel, expanded and output channels, squeeze, hard swish and stride of each block (the paper's
table 2)."""

# Torchvision's normalisations have this epsilon here.
_norm = partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)


def _eighths(channels: int) -> int:
    """Channels of a squeeze: a quarter, to a multiple of 8, not below nine tenths of it."""
    rounded = max(8, (channels // 4 + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * (channels // 4) else rounded


class InvertedResidual(nn.Module):
    """1x1 expansion, depthwise convolution, squeeze, linear 1x1; a shortcut where it fits."""

    def __init__(
        self,
        inputs: int,
        kernel: int,
        width: int,
        outputs: int,
        squeezes: bool,
        swish: bool,
        stride: int,
    ) -> None:
        super().__init__()
        act = nn.Hardswish if swish else nn.ReLU
        self.keeps_shape = stride == 1 and inputs == outputs
        layers: list[nn.Module] = []
        if width != inputs:
            layers.append(conv_norm(inputs, width, 1, norm=_norm, act=act))
        layers.append(conv_norm(width, width, kernel, stride, width, norm=_norm, act=act))
        if squeezes:
            layers.append(SqueezeExcitation(width, _eighths(width), nn.ReLU, nn.Hardsigmoid))
        layers.append(conv_norm(width, outputs, 1, norm=_norm, act=None))
        self.block = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / stride, W / stride)"""
        y = self.block(x)
        return y + x if self.keeps_shape else y


class MobileNetV3Small(nn.Module):
    """A stem, eleven inverted residuals, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        features: list[nn.Module] = [conv_norm(3, STEM, 3, 2, norm=_norm, act=nn.Hardswish)]
        inputs = STEM
        for kernel, width, outputs, squeezes, swish, stride in BLOCKS:
            features.append(
                InvertedResidual(inputs, kernel, width, outputs, squeezes, swish, stride)
            )
            inputs = outputs
        features.append(conv_norm(inputs, LAST, 1, norm=_norm, act=nn.Hardswish))
        self.features = nn.Sequential(*features)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(LAST, HEAD), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(HEAD, CLASSES)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 3, 224, 224) -> (N, 1000) logits"""
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def _images(count: int, seed: int) -> torch.Tensor:
    return photo_like(count, 3, SIZE, seed)


MODEL = random_model(
    "mobilenet_v3_small",
    "MobileNetV3-Small, 224x224 colour images, 1000 classes",
    MobileNetV3Small,
    _images,
    settled_on=4,
    preprocessing="imagenet",
)
