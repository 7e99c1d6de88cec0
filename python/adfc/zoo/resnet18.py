"""ResNet-18 for 224x224 images (He et al., "Deep Residual Learning for Image Recognition").

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
WIDTHS = (64, 128, 256, 512)
RESIDUAL_GAIN = 0.5
"""Random weights only: gain of each block's last normalisation. Training makes blocks correct their
shortcut rather than outweigh it; without that, rounding errors would grow from block to block."""


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / stride, W / stride)"""
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += shortcut
        return self.relu(y)


class ResNet18(nn.Module):
    """A stem, four stages of two blocks, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTHS[0], 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTHS[0])
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = _stage(WIDTHS[0], WIDTHS[0], 1)
        self.layer2 = _stage(WIDTHS[0], WIDTHS[1], 2)
        self.layer3 = _stage(WIDTHS[1], WIDTHS[2], 2)
        self.layer4 = _stage(WIDTHS[2], WIDTHS[3], 2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(WIDTHS[3], CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 3, 224, 224) -> (N, 1000) logits"""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        x = torch.flatten(self.avgpool(x), 1)
        return self.fc(x)


def _stage(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1))


def _draw(model: nn.Module) -> None:
    draw_convolutions(model)
    for module in model.modules():
        if isinstance(module, BasicBlock):
            nn.init.constant_(module.bn2.weight, RESIDUAL_GAIN)


def _images(count: int, seed: int) -> torch.Tensor:
    return photo_like(count, 3, SIZE, seed)


MODEL = random_model(
    "resnet18",
    "ResNet-18, 224x224 colour images, 1000 classes",
    ResNet18,
    _images,
    settled_on=4,
    draw=_draw,
    preprocessing="imagenet",
)
