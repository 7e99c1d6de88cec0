"""A YOLO-style detector for 128x128 images: split and concatenation in its body, a feature pyramid
with resizing, and a head that is split into boxes, confidence and classes.

Made after YOLOv5 to YOLOv8's building blocks (Ultralytics), an eighth as wide; anchors and
suppression are left to the host.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from adfc.zoo.random_model import random_model
from adfc.zoo.synthetic import photo_like

SIZE = 128
CLASSES = 20
WIDTHS = (16, 32, 64, 128)


class Conv(nn.Module):
    """Convolution, normalisation, SiLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.act = nn.SiLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / stride, W / stride)"""
        return self.act(self.norm(self.conv(x)))


class Partial(nn.Module):
    """Half of the channels go through convolutions; all stages are joined (C2f)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        half = outputs // 2
        self.enter = Conv(inputs, outputs)
        self.body = nn.Sequential(Conv(half, half, 3), Conv(half, half, 3))
        self.leave = Conv(3 * half, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, inputs, H, W) -> (N, outputs, H, W)"""
        kept, worked = self.enter(x).chunk(2, 1)
        return self.leave(torch.cat([kept, worked, worked + self.body(worked)], 1))


class Pyramid(nn.Module):
    """Maxima over ever wider windows, joined (SPPF)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.enter = Conv(channels, channels // 2)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.leave = Conv(2 * channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, channels, H, W) -> the same shape"""
        stages = [self.enter(x)]
        for _ in range(3):
            stages.append(self.pool(stages[-1]))
        return self.leave(torch.cat(stages, 1))


class Detector(nn.Module):
    """Strides 2 to 16 down, one step up, one head."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Conv(3, WIDTHS[0], 3, 2)
        self.down = nn.ModuleList(
            nn.Sequential(Conv(a, b, 3, 2), Partial(b, b)) for a, b in pairwise(WIDTHS)
        )
        self.pyramid = Pyramid(WIDTHS[-1])
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.merge = Partial(WIDTHS[-1] + WIDTHS[-2], WIDTHS[-2])
        self.head = nn.Conv2d(WIDTHS[-2], 4 + 1 + CLASSES, 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(N, 3, 128, 128) -> boxes (N, 4, 16, 16) in cells, confidence (N, 1, 16, 16), classes
        (N, 20, 16, 16)"""
        x = self.stem(x)
        levels: list[torch.Tensor] = []
        for stage in self.down:
            x = stage(x)
            levels.append(x)
        x = self.merge(torch.cat([self.up(self.pyramid(levels[-1])), levels[-2]], 1))
        boxes, confidence, classes = torch.sigmoid(self.head(x)).split([4, 1, CLASSES], 1)
        return boxes * 2 - 0.5, confidence, confidence * classes


def _images(count: int, seed: int) -> torch.Tensor:
    return photo_like(count, 3, SIZE, seed)


MODEL = random_model(
    "detector",
    "YOLO-style detector, 128x128 colour images, 20 classes",
    Detector,
    _images,
    settled_on=8,
)
