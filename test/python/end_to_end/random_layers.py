"""Layers of the random networks that join, cut, move or resample tensors."""

from __future__ import annotations

from collections.abc import Callable

import torch
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

Shape = tuple[int, int, int]
"""Channels, height and width."""


class Apply(nn.Module):
    """A function of the input and of some layers."""

    def __init__(self, function: Callable[..., torch.Tensor], *layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        self.layers = nn.ModuleList(layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x, *self.layers)


def concatenation(draw: st.DrawFn, shape: Shape) -> nn.Module:
    """The input, and convolutions of it, behind each other along some axis."""
    channels = shape[0]
    axis = draw(st.integers(1, 3))
    first = nn.Conv2d(channels, draw(st.integers(1, 9)) if axis == 1 else channels, 1)
    return draw(
        st.sampled_from(
            [
                Apply(lambda x, a: torch.cat([a(x), x], axis), first),
                Apply(lambda x, a: torch.cat([x, a(x), x], axis), first),
                Apply(lambda x, a: torch.relu(torch.cat([a(x), torch.tanh(x)], axis)), first),
            ]
        )
    )


def cut(draw: st.DrawFn, shape: Shape) -> nn.Module:
    """Neighbouring positions of some axis; a split whose parts are joined again; a crop."""
    axis = draw(st.integers(1, 3))
    size = shape[axis - 1]
    start = draw(st.integers(0, size - 1))
    length = draw(st.integers(1, size - start))
    parts = draw(st.integers(1, size))
    return draw(
        st.sampled_from(
            [
                Apply(lambda x: x.narrow(axis, start, length)),
                Apply(lambda x: torch.cat(x.split(parts, axis)[::-1], axis)),
                Apply(lambda x: torch.cat([p.relu() for p in x.chunk(3, axis)], axis)),
            ]
        )
    )


def padding(draw: st.DrawFn, shape: Shape) -> nn.Module:
    """Any constant around an image; a convolution whose padding no descriptor holds."""
    around = [draw(st.integers(0, 3)) for _ in range(4)]
    value = draw(st.sampled_from([0.0, 0.0, 0.5, -1.0]))
    if draw(st.booleans()):
        dilation = draw(st.sampled_from([16, 20, 33]))
        return nn.Conv2d(shape[0], 5, 3, padding=dilation, dilation=dilation)
    return Apply(lambda x: functional.pad(x, around, value=value))


def resize(draw: st.DrawFn, shape: Shape) -> nn.Module:
    """Nearest or bilinear, to twice the size or to any."""
    mode = draw(st.sampled_from(["nearest", "bilinear"]))
    corners = draw(st.booleans()) if mode == "bilinear" else None
    if draw(st.booleans()):
        return nn.Upsample(scale_factor=draw(st.integers(2, 3)), mode=mode, align_corners=corners)
    # TOSA's RESIZE shrinks to more than a sixteenth; between corners one position counts less.
    corner = 2 if corners else 1
    size = [
        draw(st.integers(extent // 16 + corner, max(2, min(30, 4 * extent))))
        for extent in shape[1:]
    ]
    return nn.Upsample(size=size, mode=mode, align_corners=corners)


def transposed(draw: st.DrawFn, shape: Shape) -> nn.Module:
    """A transposed convolution of any stride, padding and dilation."""
    kernel = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    stride = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    dilation = draw(st.sampled_from([1, 1, 1, 2]))
    span = [dilation * (k - 1) + 1 for k in kernel]
    # The result keeps a row and a column at least.
    pad = [
        draw(st.integers(0, min(s - 1, (s + (size - 1) * step - 1) // 2)))
        for s, size, step in zip(span, shape[1:], stride, strict=True)
    ]
    extra = [draw(st.integers(0, max(0, max(s, dilation) - 1))) for s in stride]
    return nn.ConvTranspose2d(
        shape[0], draw(st.integers(1, 12)), kernel, stride, pad, extra, dilation=dilation
    )


def broadcast(draw: st.DrawFn, shape: Shape) -> nn.Module:
    """With a constant or an average that some axes repeat."""
    extents = [draw(st.sampled_from([1, size])) for size in shape]
    constant = nn.Parameter(torch.randn(1, *extents), requires_grad=False)
    holder = nn.Conv2d(1, 1, 1)
    holder.constant = constant
    gate = nn.Conv2d(shape[0], draw(st.sampled_from([1, shape[0]])), 1)
    return draw(
        st.sampled_from(
            [
                Apply(lambda x, h: x * h.constant, holder),
                Apply(lambda x, h: x + h.constant, holder),
                Apply(lambda x, h: h.constant - x, holder),
                Apply(
                    lambda x, g: x * torch.sigmoid(g(functional.adaptive_avg_pool2d(x, 1))), gate
                ),
                Apply(lambda x, g: g(x) + x, gate),
                Apply(lambda x, g: functional.adaptive_avg_pool2d(x, 1) - g(x), gate),
            ]
        )
    )


def pointwise(draw: st.DrawFn, shape: Shape) -> nn.Module:
    """Of two tensors, or with a slope or a gain for each channel."""
    slopes = nn.PReLU(shape[0])
    nn.init.uniform_(slopes.weight, -0.5, 1.0)
    norm = nn.BatchNorm2d(shape[0])
    norm.running_var.uniform_(0.5, 2.0)
    groups = max(g for g in (1, 2, 3) if shape[0] % g == 0)
    body = nn.Conv2d(shape[0], shape[0], 1)
    return draw(
        st.sampled_from(
            [
                slopes,
                nn.Sequential(nn.ReLU(), norm),
                nn.ChannelShuffle(groups),
                Apply(lambda x, b: torch.maximum(b(x), x), body),
                Apply(lambda x, b: torch.minimum(x, b(x)), body),
                Apply(lambda x: x.clamp_min(-0.3)),
            ]
        )
    )


def irregular_pool(draw: st.DrawFn, shape: Shape) -> nn.Module:
    """Windows that reach past the border, count what lies inside, or differ in size."""
    kernel = [draw(st.integers(1, min(4, size))) for size in shape[1:]]
    stride = draw(st.integers(1, 3))
    pad = [draw(st.integers(0, k // 2)) for k in kernel]
    counted = draw(st.booleans())
    outputs = [draw(st.integers(1, min(6, size + 2))) for size in shape[1:]]
    return draw(
        st.sampled_from(
            [
                nn.AvgPool2d(kernel, stride, pad, ceil_mode=True, count_include_pad=counted),
                nn.AvgPool2d(kernel, stride, pad, count_include_pad=False),
                nn.MaxPool2d(kernel, stride, pad, ceil_mode=True),
                nn.AdaptiveAvgPool2d(outputs),
                nn.AdaptiveMaxPool2d(outputs),
            ]
        )
    )


def moved(draw: st.DrawFn, shape: Shape) -> nn.Module:
    """Copies, rolls, steps, and what lies around an image taken from itself."""
    axis = draw(st.integers(1, 3))
    size = shape[axis - 1]
    least = min(shape[1:])
    width = draw(st.integers(0, min(3, least - 1)))
    return draw(
        st.sampled_from(
            [
                Apply(lambda x: x.roll(width + 1, axis)),
                Apply(lambda x: x.repeat(1, 2, 1, 1)),
                Apply(lambda x: functional.pad(x, [width] * 4, mode="reflect")),
                Apply(lambda x: functional.pad(x, [width, 0, 1, width], mode="replicate")),
                Apply(lambda x: x[:, :, width::2, ::3]),
                Apply(lambda x: x.narrow(axis, 0, (size + 1) // 2) * 2),
            ]
        )
    )


LAYERS = (
    concatenation,
    cut,
    padding,
    resize,
    transposed,
    broadcast,
    pointwise,
    irregular_pool,
    moved,
)


@st.composite
def lines(draw: st.DrawFn, channels: int, length: int) -> nn.Module:
    """A network on a line of `length` positions."""
    layers: list[nn.Module] = []
    for _ in range(draw(st.integers(1, 3))):
        kernel = draw(st.integers(1, min(5, length)))
        outputs = draw(st.integers(1, 20))
        pad = draw(st.integers(0, kernel // 2))
        layers.append(nn.Conv1d(channels, outputs, kernel, draw(st.integers(1, 2)), pad))
        length = (length + 2 * pad - kernel) // layers[-1].stride[0] + 1
        channels = outputs
        layers.append(draw(st.sampled_from([nn.ReLU(), nn.BatchNorm1d(channels), nn.Sigmoid()])))
        if length >= 2 and draw(st.booleans()):
            layers.append(draw(st.sampled_from([nn.MaxPool1d(2), nn.AvgPool1d(2)])))
            length //= 2
    return nn.Sequential(*layers)
