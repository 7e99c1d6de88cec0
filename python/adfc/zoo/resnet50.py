"""ResNet-50 for 224x224 images (He et al., "Deep Residual Learning for Image Recognition").

The stride of a block is in its 3x3 convolution. Parameter names and shapes are torchvision's, so
its trained weights load as they are.
"""

from __future__ import annotations

import torch
from torch import nn

from adfc.zoo.random_model import random_model
from adfc.zoo.synthetic import photo_like
from adfc.zoo.weights import draw_convolutions

SIZE = 224
CLASSES = 1000
STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))
"""Width, blocks and stride of each stage."""
EXPANSION = 4
RESIDUAL_GAIN = 0.5
"""Random weights only: gain of each block's last normalisation (see resnet18)."""


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolution and a shortcut."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = EXPANSION * width
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) -> (N, 4 * width, H / stride, W / stride)"""
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += shortcut
        return self.relu(y)


class ResNet50(nn.Module):
    """A stem, four stages, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        inputs = 64
        for number, (width, blocks, stride) in enumerate(STAGES, start=1):
            stage = [Bottleneck(inputs, width, stride)]
            inputs = EXPANSION * width
            stage += [Bottleneck(inputs, width, 1) for _ in range(blocks - 1)]
            self.add_module(f"layer{number}", nn.Sequential(*stage))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(inputs, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 3, 224, 224) -> (N, 1000) logits"""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for number in range(1, len(STAGES) + 1):
            x = self.get_submodule(f"layer{number}")(x)
        x = torch.flatten(self.avgpool(x), 1)
        return self.fc(x)


def _draw(model: nn.Module) -> None:
    draw_convolutions(model)
    for module in model.modules():
        if isinstance(module, Bottleneck):
            nn.init.constant_(module.bn3.weight, RESIDUAL_GAIN)


def _images(count: int, seed: int) -> torch.Tensor:
    return photo_like(count, 3, SIZE, seed)


MODEL = random_model(
    "resnet50",
    "ResNet-50, 224x224 colour images, 1000 classes",
    ResNet50,
    _images,
    settled_on=4,
    draw=_draw,
    preprocessing="imagenet",
)
