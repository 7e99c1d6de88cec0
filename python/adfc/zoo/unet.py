"""A U-Net for 128x128 images (Ronneberger et al., "U-Net"), a quarter as wide and padded.

Skip connections join encoder and decoder. The decoder's two inner steps up are transposed
convolutions, its last one bilinear resizing and a convolution.
"""

from __future__ import annotations

import torch
from torch import nn

from adfc.zoo.random_model import random_model
from adfc.zoo.synthetic import photo_like

SIZE = 128
CLASSES = 3
WIDTHS = (16, 32, 64, 128)


def _double(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


def _up(inputs: int, outputs: int, *, learned: bool) -> nn.Module:
    if learned:
        return nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(inputs, outputs, 1)
    )


class UNet(nn.Module):
    """Four levels down, three up."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, *WIDTHS)
        self.down = nn.ModuleList(_double(a, b) for a, b in zip(widths, WIDTHS, strict=False))
        self.pool = nn.MaxPool2d(2)
        pairs = list(zip(WIDTHS[:0:-1], WIDTHS[-2::-1], strict=True))
        self.up = nn.ModuleList(
            _up(a, b, learned=level < len(pairs) - 1) for level, (a, b) in enumerate(pairs)
        )
        self.merge = nn.ModuleList(_double(2 * b, b) for _, b in pairs)
        self.head = nn.Conv2d(WIDTHS[0], CLASSES, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 3, 128, 128) -> (N, 3, 128, 128) logits of each pixel"""
        skips: list[torch.Tensor] = []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else self.pool(x))
            skips.append(x)
        skips.pop()
        for up, merge in zip(self.up, self.merge, strict=True):
            x = merge(torch.cat([skips.pop(), up(x)], 1))
        return self.head(x)


def _images(count: int, seed: int) -> torch.Tensor:
    return photo_like(count, 3, SIZE, seed)


MODEL = random_model(
    "unet", "U-Net, 128x128 colour images, 3 classes of pixels", UNet, _images, settled_on=4
)
