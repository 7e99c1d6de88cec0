"""EfficientNet-B0 for 224x224 images (Tan and Le, "EfficientNet").

Parameter names and shapes are torchvision's, so its trained weights load as they are. Its
stochastic depth does nothing in inference and is left out.
"""

from __future__ import annotations

import torch
from torch import nn

from adfc.zoo.random_model import random_model
from adfc.zoo.squeeze import SqueezeExcitation, conv_norm
from adfc.zoo.synthetic import photo_like
from adfc.zoo.weights import draw_convolutions

SIZE = 224
CLASSES = 1000
STEM, HEAD = 32, 1280
STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
"""Expansion, kernel, stride, output channels and blocks of each stage (the paper's table 1)."""
RESIDUAL_GAIN = 0.5
"""Random weights only: gain of each block's last normalisation (see resnet18)."""


class MBConv(nn.Module):
    """1x1 expansion, depthwise convolution, squeeze, linear 1x1; a shortcut where it fits."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        width = inputs * expansion
        self.keeps_shape = stride == 1 and inputs == outputs
        norm, act = nn.BatchNorm2d, nn.SiLU
        layers = [] if expansion == 1 else [conv_norm(inputs, width, 1, norm=norm, act=act)]
        self.block = nn.Sequential(
            *layers,
            conv_norm(width, width, kernel, stride, width, norm=norm, act=act),
            SqueezeExcitation(width, max(1, inputs // 4), act, nn.Sigmoid),
            conv_norm(width, outputs, 1, norm=norm, act=None),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / stride, W / stride)"""
        y = self.block(x)
        return y + x if self.keeps_shape else y


class EfficientNetB0(nn.Module):
    """A stem, seven stages, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        norm, act = nn.BatchNorm2d, nn.SiLU
        features: list[nn.Module] = [conv_norm(3, STEM, 3, 2, norm=norm, act=act)]
        inputs = STEM
        for expansion, kernel, stride, outputs, blocks in STAGES:
            stage: list[nn.Module] = []
            for block in range(blocks):
                step = stride if block == 0 else 1
                stage.append(MBConv(inputs, outputs, kernel, step, expansion))
                inputs = outputs
            features.append(nn.Sequential(*stage))
        features.append(conv_norm(inputs, HEAD, 1, norm=norm, act=act))
        self.features = nn.Sequential(*features)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(HEAD, CLASSES))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 3, 224, 224) -> (N, 1000) logits"""
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def _draw(model: nn.Module) -> None:
    draw_convolutions(model)
    for module in model.modules():
        if isinstance(module, MBConv):
            norm = module.get_submodule(f"block.{len(module.block) - 1}.1")
            assert isinstance(norm, nn.BatchNorm2d)
            nn.init.constant_(norm.weight, RESIDUAL_GAIN)


def _images(count: int, seed: int) -> torch.Tensor:
    return photo_like(count, 3, SIZE, seed)


MODEL = random_model(
    "efficientnet_b0",
    "EfficientNet-B0, 224x224 colour images, 1000 classes",
    EfficientNetB0,
    _images,
    settled_on=4,
    draw=_draw,
    preprocessing="imagenet",
)
