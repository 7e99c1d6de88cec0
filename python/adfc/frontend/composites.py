"""Operators of our own, which stand for a few of PyTorch's that are compiled as one.

adfc::masked_softmax(x, mask, scale): softmax of x * scale over the last axis; where the mask is
False, the result is 0. adfc::add_constant(x, constant): their sum, in the shape of x.
adfc::channel_affine(x, gain, offset): gain[c] * x + offset[c], where channels are axis 1.
"""

from __future__ import annotations

import torch

_LIBRARY = torch.library.Library("adfc", "DEF")
_LIBRARY.define("masked_softmax(Tensor x, Tensor? mask, float scale) -> Tensor")
_LIBRARY.define("add_constant(Tensor x, Tensor constant) -> Tensor")
_LIBRARY.define("channel_affine(Tensor x, Tensor gain, Tensor offset) -> Tensor")


def _masked_softmax(x: torch.Tensor, mask: torch.Tensor | None, scale: float) -> torch.Tensor:
    scores = x * scale
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return torch.softmax(scores, -1)


def _add_constant(x: torch.Tensor, constant: torch.Tensor) -> torch.Tensor:
    return x + constant


def _channel_affine(x: torch.Tensor, gain: torch.Tensor, offset: torch.Tensor) -> torch.Tensor:
    shape = (1, -1, *[1] * (x.dim() - 2))
    return x * gain.view(shape) + offset.view(shape)


_LIBRARY.impl("masked_softmax", _masked_softmax, "CompositeExplicitAutograd")
_LIBRARY.impl("add_constant", _add_constant, "CompositeExplicitAutograd")
_LIBRARY.impl("channel_affine", _channel_affine, "CompositeExplicitAutograd")

MASKED_SOFTMAX = torch.ops.adfc.masked_softmax.default
ADD_CONSTANT = torch.ops.adfc.add_constant.default
CHANNEL_AFFINE = torch.ops.adfc.channel_affine.default
"""The operators, for graphs."""
