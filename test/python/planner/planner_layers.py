"""Layers for the planner's tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adfc.planner import Graph, Schedule
from adfc.planner.graph import Axis, Layer
from adfc.planner.pipeline import plan_pipelines
from adfc.spec.devices import Device


def plan_pipeline(graph: Graph, device: Device, **terms: Any) -> tuple[Schedule, tuple[int, ...]]:
    """The best plan, and the periods of its segments."""
    return plan_pipelines(graph, device, **terms)[0]


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
    taps = kernel * kernel
    layer = conv(height, width, channels, out=channels, kernel=kernel, pad=pad)
    rows, columns, _ = layer.output
    return replace(
        layer,
        name="depthwise",
        kind="depthwise_conv2d",
        channelwise=True,
        taps=0,
        parameter_bytes=12 + taps,
        macs=rows * columns * channels * taps,
        weight_bytes=channels * (taps + 12),
        location="model.py:3",
    )


def pool(
    height: int, width: int, channels: int, *, kernel: int, stride: int, pad: int = 0
) -> Layer:
    return replace(
        conv(height, width, channels, out=channels, kernel=kernel, stride=stride, pad=pad),
        name="pool",
        kind="max_pool2d",
        channelwise=True,
        taps=0,
        parameter_bytes=0,
        macs=0,
        weight_bytes=0,
        location="model.py:4",
    )


def named(layer: Layer, name: str, *inputs: str, given: bool = False) -> Layer:
    return replace(layer, name=name, inputs=inputs, given=given)
