"""Modelled cycles of kernel calls and of whole layers, from the device description.

These are the planner's estimates, used to compare schedules. What a program takes is told by the
emulator's virtual clock, which shares the kernel formula through `LayerSchedule.cycles`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from adfc.planner import kernel_cost
from adfc.planner.graph import WORD, Layer
from adfc.spec.devices import Device


@dataclass(frozen=True)
class Call:
    """Extents of one kernel call: output rows and columns, output and input channels.

    `first_column`: the first one, which counts where pixels lie without padding.
    """

    rows: int
    columns: int
    out_channels: int
    in_channels: int
    first_column: int = 0

    @property
    def tile(self) -> tuple[int, int, int, int]:
        """`LayerSchedule.tile` of such calls."""
        return self.rows, self.columns, self.out_channels, self.in_channels

    def activation_bytes(self, layer: Layer) -> int:
        """Bytes of one activation window."""
        if layer.unpadded:
            _, words = layer.unpadded.window(self.first_column, self.columns)
            return layer.rows.window(self.rows) * words * WORD
        channels = self.out_channels if layer.channelwise else self.in_channels
        return layer.rows.window(self.rows) * layer.columns.window(self.columns) * channels

    def weights_bytes(self, layer: Layer) -> int:
        """Bytes of the weights block of one call: weights and their channels' parameters."""
        read, written = layer.element_bytes
        weights = layer.taps * (self.in_channels // read) * layer.weight_bits // 8
        if layer.unpadded:
            groups = layer.unpadded
            weights = len(groups.offsets) * layer.kernel_rows * groups.run * WORD
        outputs = self.out_channels // written
        return layer.block_bytes + outputs * (layer.parameter_bytes + weights)

    def output_bytes(self) -> int:
        """Bytes of the output window."""
        return self.rows * self.columns * self.out_channels

    def accumulator_bytes(self, layer: Layer) -> int:
        """Bytes of int32 sums (int64 with int16 activations) kept between calls that see a part of
        the input channels, and of scratch memory."""
        partial = not layer.channelwise and self.in_channels < layer.in_channels
        each = 2 * WORD // layer.element_bytes[1] if layer.wide else WORD
        return layer.scratch + (each * self.output_bytes() if partial else 0)


def call_cycles(layer: Layer, call: Call, device: Device, *, over_cascade: bool = False) -> int:
    """AIE cycles of one kernel call (adfc.planner.kernel_cost)."""
    return kernel_cost.call_cost(layer, call, device, over_cascade=over_cascade).cycles


def kernel_bound(layer: Layer, tile: tuple[int, int, int, int], device: Device) -> str:
    """What bounds the kernel of a layer with that `LayerSchedule.tile`.

    "mac", "load", "store" or "move" (vector moves and shuffles).
    """
    return kernel_cost.call_cost(layer, Call(*tile), device).bound


@dataclass(frozen=True)
class Trips:
    """How often things happen in each core: output channel tiles, spatial tiles, channel chunks."""

    out_tiles: int
    spatial: int
    chunks: int
    weight_strips: int = 1

    @property
    def calls(self) -> int:
        """Kernel calls of each core."""
        return self.out_tiles * self.spatial * self.chunks

    @property
    def weight_blocks(self) -> int:
        """Weights blocks each core receives: kept over spatial tiles where there is one chunk."""
        again = self.spatial if self.chunks > 1 else self.weight_strips
        return self.out_tiles * self.chunks * again


@dataclass(frozen=True)
class Traffic:
    """Bytes over DDR in one phase, and those of them through the busiest slab and join."""

    slab: int
    slabs: int
    join: int
    output: int
    weights: int


@dataclass(frozen=True)
class LayerCost:
    """Estimated AIE cycles of one of a layer's `rounds` phases, by what they go to.

    The slabs are loaded before the first window leaves them (`fill`) and the joins are drained
    after the last has come (`drain`), so both add to the time, as does `control`. In between, the
    slowest counts: the cores (`compute`), the busiest `stream`, or what comes from DDR meanwhile
    (`ddr`).
    """

    fill: int
    compute: int
    stream: int
    ddr: int
    drain: int
    control: int
    rounds: int = 1

    @property
    def cycles(self) -> int:
        """Of all rounds."""
        steady = max(self.compute, self.stream, self.ddr)
        return self.rounds * (self.fill + steady + self.drain + self.control)

    def bound(self, kernel: str) -> str:
        """What most of the time goes to: "control", "fill" (and drain), "stream", "DDR", or what
        bounds the `kernel`."""
        steady = max(
            (self.compute, kernel), (self.stream, "stream"), (self.ddr, "DDR"), key=lambda p: p[0]
        )
        ends, control = (self.fill + self.drain, "fill"), (self.control, "control")
        return max(steady, ends, control, key=lambda p: p[0])[1]


def layer_cost(
    layer: Layer,
    call: Call,
    trips: Trips,
    *,
    depth: tuple[int, int, int],
    traffic: Traffic,
    cycles: int,
    control: int,
    rounds: int,
    device: Device,
) -> LayerCost:
    """Estimated AIE cycles of a layer in `rounds` phases with `control` cycles of set-up each.

    A window without a second buffer is filled (or emptied) while its core waits. A stream moves one
    word a cycle, all of DDR its modelled bandwidth.
    """
    ddr_rate = device.cycles("ddr_mbytes_per_second") / device.clock_mhz
    words = (
        layer.activations * trips.calls * call.activation_bytes(layer) // WORD,
        trips.weight_blocks * call.weights_bytes(layer) // WORD,
        trips.out_tiles * trips.spatial * call.output_bytes() // WORD,
    )
    waited = sum(count for count, buffers in zip(words, depth, strict=True) if buffers == 1)
    return LayerCost(
        fill=max(traffic.slab // WORD, math.ceil(traffic.slabs / ddr_rate)),
        compute=trips.calls * cycles + waited,
        stream=max(words),
        ddr=math.ceil(traffic.weights / ddr_rate),
        drain=max(traffic.join // WORD, math.ceil(traffic.output / ddr_rate)),
        control=control,
        rounds=rounds,
    )


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
