"""Layers for the planner's tests."""

from __future__ import annotations

from adfc.planner.graph import Axis, Layer


def conv(
    height: int, width: int, channels: int, *, out: int, kernel: int, stride: int = 1, pad: int = 0
) -> Layer:
    rows = (height + 2 * pad - kernel) // stride + 1
    columns = (width + 2 * pad - kernel) // stride + 1
    return Layer(
        name="conv",
        kind="conv2d",
        activations=1,
        channelwise=False,
        input=(height, width, channels),
        output=(rows, columns, out),
        rows=Axis(height, stride, kernel, pad),
        columns=Axis(width, stride, kernel, pad),
        taps=kernel * kernel,
        block_bytes=0,
        parameter_bytes=12,
        macs=rows * columns * out * kernel * kernel * channels,
        weight_bytes=out * (kernel * kernel * channels + 12),
        location="model.py:1",
    )


def add(height: int, width: int, channels: int) -> Layer:
    extent = (height, width, channels)
    rows, columns = Axis(height, 1, 1, 0), Axis(width, 1, 1, 0)
    return Layer("add", "add", 2, True, extent, extent, rows, columns, 0, 0, 0, 0, 0, "model.py:2")


def depthwise(height: int, width: int, channels: int, *, kernel: int, pad: int = 0) -> Layer:
    rows, columns = (size + 2 * pad - kernel + 1 for size in (height, width))
    return Layer(
        name="depthwise",
        kind="depthwise_conv2d",
        activations=1,
        channelwise=True,
        input=(height, width, channels),
        output=(rows, columns, channels),
        rows=Axis(height, 1, kernel, pad),
        columns=Axis(width, 1, kernel, pad),
        taps=0,
        block_bytes=0,
        parameter_bytes=12 + kernel * kernel,
        macs=rows * columns * channels * kernel * kernel,
        weight_bytes=channels * (kernel * kernel + 12),
        location="model.py:3",
    )


def pool(
    height: int, width: int, channels: int, *, kernel: int, stride: int, pad: int = 0
) -> Layer:
    rows, columns = ((size + 2 * pad - kernel) // stride + 1 for size in (height, width))
    return Layer(
        name="pool",
        kind="max_pool2d",
        activations=1,
        channelwise=True,
        input=(height, width, channels),
        output=(rows, columns, channels),
        rows=Axis(height, stride, kernel, pad),
        columns=Axis(width, stride, kernel, pad),
        taps=0,
        block_bytes=0,
        parameter_bytes=0,
        macs=0,
        weight_bytes=0,
        location="model.py:4",
    )
