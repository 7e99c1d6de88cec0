"""Modelled cycles of kernel calls and of whole layers, from the device description.

These are the planner's estimates, used to compare schedules. What a program takes is told by the
emulator's virtual clock, which shares the kernel formula through `LayerSchedule.cycles`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from adfc.planner.graph import WORD, Layer, ceil_div, round_up
from adfc.spec.devices import Device

PROLOGUE_CYCLES = 20
"""Entering and leaving a kernel, filling and draining its software pipeline: assumed."""

RESCALE_LANES = 16
"""Output values rescaled a cycle (one 512-bit accumulator of 16 lanes through SRS): assumed."""


@dataclass(frozen=True)
class Call:
    """Extents of one kernel call: output rows and columns, output and input channels."""

    rows: int
    columns: int
    out_channels: int
    in_channels: int

    def activation_bytes(self, layer: Layer) -> int:
        """Bytes of one activation window."""
        channels = self.out_channels if layer.channelwise else self.in_channels
        return layer.rows.window(self.rows) * layer.columns.window(self.columns) * channels

    def weights_bytes(self, layer: Layer) -> int:
        """Bytes of the weights block of one call: int8 weights and their channels' parameters."""
        each = layer.parameter_bytes + layer.taps * self.in_channels
        return layer.block_bytes + self.out_channels * each

    def output_bytes(self) -> int:
        """Bytes of the output window."""
        return self.rows * self.columns * self.out_channels

    def accumulator_bytes(self, layer: Layer) -> int:
        """Bytes of int32 accumulators kept between calls that see a part of the input channels."""
        partial = not layer.channelwise and self.in_channels < layer.in_channels
        return WORD * self.output_bytes() if partial else 0


def call_cycles(layer: Layer, call: Call, device: Device) -> int:
    """AIE cycles of one kernel call.

    prologue + max(multiply-accumulates / peak, loads of each operand, stores): the bound of a
    software pipeline. Each of two operands has a load port of half the device's load width. The
    product's M x K x N is rounded up to the native int8 shape (4 x 8 x 8, AM020).
    """
    port = device.load_bytes // 2
    load = ceil_div(max(call.activation_bytes(layer), call.weights_bytes(layer)), port)
    store = ceil_div(call.output_bytes(), RESCALE_LANES) + ceil_div(
        2 * call.accumulator_bytes(layer), device.store_bytes
    )
    return PROLOGUE_CYCLES + max(_compute_cycles(layer, call, device), load, store)


def _compute_cycles(layer: Layer, call: Call, device: Device) -> int:
    rate = device.macs["int8_int8"]
    if layer.taps:
        m, k, n = rate.shape
        depth = layer.taps * round_up(call.in_channels, k)
        macs = call.rows * round_up(call.columns, m) * depth * round_up(call.out_channels, n)
        return ceil_div(macs, rate.macs)
    # All other kernels work on 512-bit vectors, one read value a lane and cycle: also depthwise
    # convolution, an element-wise product of int8 vectors into accumulators: assumed.
    return ceil_div(layer.activations * call.output_bytes() * _reads(layer), device.load_bytes)


def _reads(layer: Layer) -> int:
    """Input values of one activation that one output value needs: taps, where they have weights."""
    if layer.macs:
        return ceil_div(layer.macs, math.prod(layer.output))
    return min(layer.rows.span, layer.rows.size) * min(layer.columns.span, layer.columns.size)


@dataclass(frozen=True)
class Trips:
    """How often things happen in each core: output channel tiles, spatial tiles, channel chunks."""

    out_tiles: int
    spatial: int
    chunks: int

    @property
    def calls(self) -> int:
        """Kernel calls of each core."""
        return self.out_tiles * self.spatial * self.chunks

    @property
    def weight_blocks(self) -> int:
        """Weights blocks each core receives: kept over spatial tiles where there is one chunk."""
        return self.out_tiles * self.chunks * (self.spatial if self.chunks > 1 else 1)


@dataclass(frozen=True)
class Traffic:
    """Bytes over DDR in one phase, and those of them through the busiest slab and join."""

    slab: int
    slabs: int
    join: int
    output: int
    weights: int


def layer_cycles(
    layer: Layer,
    call: Call,
    trips: Trips,
    *,
    depth: tuple[int, int, int],
    traffic: Traffic,
    cycles: int,
    device: Device,
) -> int:
    """Estimated AIE cycles of a phase without its control: fill, steady state, drain.

    The slabs are loaded before the first window leaves them and the joins are drained after the
    last has come, so both add to the time. In between, the slowest resource counts; a window
    without a second buffer is filled (or emptied) while its core waits. A stream moves one word a
    cycle, all of DDR its modelled bandwidth.
    """
    ddr_rate = device.cycles("ddr_mbytes_per_second") / device.clock_mhz
    words = (
        layer.activations * trips.calls * call.activation_bytes(layer) // WORD,
        trips.weight_blocks * call.weights_bytes(layer) // WORD,
        trips.out_tiles * trips.spatial * call.output_bytes() // WORD,
    )
    waited = sum(count for count, buffers in zip(words, depth, strict=True) if buffers == 1)
    busy = trips.calls * cycles + waited
    steady = max(busy, *words, math.ceil(traffic.weights / ddr_rate))
    fill = max(traffic.slab // WORD, math.ceil(traffic.slabs / ddr_rate))
    drain = max(traffic.join // WORD, math.ceil(traffic.output / ddr_rate))
    return fill + steady + drain


# What sets up one of each, in control blocks: counted on programs of ours, rounded.
_CORE = (20, 5, 0)
_SLAB = (16, 6, 3)
_JOIN = (20, 8, 8)
_WEIGHT_STREAM = (10, 2, 1)
"""(single register writes, block writes, pushes to a shim's task queue)"""


def control_cycles(cores: int, slabs: int, joins: int, weight_streams: int, device: Device) -> int:
    """Estimated AIE cycles of the control writes that set up a phase with so many of each."""
    write = device.cycles("control_write_cycles")
    block = write + 7 * device.cycles("control_block_word_cycles")
    push = device.cycles("control_push_busy_cycles")
    parts = ((cores, _CORE), (slabs, _SLAB), (joins, _JOIN), (weight_streams, _WEIGHT_STREAM))
    return sum(
        count * (writes * write + blocks * block + pushes * push)
        for count, (writes, blocks, pushes) in parts
    )
