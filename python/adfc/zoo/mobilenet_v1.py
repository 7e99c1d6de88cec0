"""MobileNetV1 of a quarter width for 96x96 images: MLPerf Tiny's visual wake words model.

Layers and widths follow the benchmark's reference (mlcommons/tiny, visual_wake_words), but padding
is PyTorch's (1 on each side) where TensorFlow's "same" pads only behind, and the softmax is left
to the host.
"""

from __future__ import annotations

import torch
from torch import nn

from adfc.zoo.random_model import random_model
from adfc.zoo.synthetic import photo_like

SIZE = 96
CLASSES = 2
STEM = 8
BLOCKS = (
    (16, 1),
    (32, 2),
    (32, 1),
    (64, 2),
    (64, 1),
    (128, 2),
    *((128, 1),) * 5,
    (256, 2),
    (256, 1),
)
"""Output channels and stride of each block."""


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class MobileNetV1(nn.Module):
    """A stem, thirteen depthwise separable blocks, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        layers = [_conv(3, STEM, 3, 2)]
        inputs = STEM
        for outputs, stride in BLOCKS:
            layers += [_conv(inputs, inputs, 3, stride, groups=inputs), _conv(inputs, outputs, 1)]
            inputs = outputs
        self.features = nn.Sequential(*layers)
        self.pool = nn.AvgPool2d(SIZE // 32)
        self.fc = nn.Linear(inputs, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 3, 96, 96) -> (N, 2) logits"""
        return self.fc(torch.flatten(self.pool(self.features(x)), 1))


def _images(count: int, seed: int) -> torch.Tensor:
    return photo_like(count, 3, SIZE, seed)


MODEL = random_model(
    "mobilenet_v1",
    "MLPerf Tiny's MobileNetV1-0.25, 96x96 colour images, 2 classes",
    MobileNetV1,
    _images,
    settled_on=16,
    calibration_samples=16,
)
