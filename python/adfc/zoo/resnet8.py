"""ResNet-8 for CIFAR-10, the image classification model of MLPerf Tiny.

Layers and widths follow the benchmark's reference (mlcommons/tiny, image_classification), but
padding is PyTorch's (1 on each side) where TensorFlow's "same" pads only behind, and the softmax
is left to the host.
"""

from __future__ import annotations

import torch
from torch import nn

from adfc.zoo.random_model import leave, random_model
from adfc.zoo.synthetic import photo_like

SIZE = 32
CLASSES = 10
WIDTHS = (16, 32, 64)


class Stack(nn.Module):
    """Two 3x3 convolutions and a shortcut; where the stride is not 1, a 1x1 convolution in it."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=stride) if stride != 1 else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / stride, W / stride)"""
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return torch.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class ResNet8(nn.Module):
    """A stem, three stacks, a global average and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTHS[0], 3, padding=1)
        self.bn1 = nn.BatchNorm2d(WIDTHS[0])
        self.stack1 = Stack(WIDTHS[0], WIDTHS[0], 1)
        self.stack2 = Stack(WIDTHS[0], WIDTHS[1], 2)
        self.stack3 = Stack(WIDTHS[1], WIDTHS[2], 2)
        self.pool = nn.AvgPool2d(SIZE // 4)
        self.fc = nn.Linear(WIDTHS[2], CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 3, 32, 32) -> (N, 10) logits"""
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.stack1(x)
        x = self.stack2(x)
        x = self.stack3(x)
        x = torch.flatten(self.pool(x), 1)
        return self.fc(x)


def _images(count: int, seed: int) -> torch.Tensor:
    return photo_like(count, 3, SIZE, seed)


MODEL = random_model(
    "resnet8",
    "MLPerf Tiny's ResNet-8, 32x32 colour images, 10 classes",
    ResNet8,
    _images,
    settled_on=32,
    draw=leave,
    calibration_samples=32,
)
