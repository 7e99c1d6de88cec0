"""What fits: memories, DMA fields and channels that a split needs, against the device."""

from __future__ import annotations

from dataclasses import dataclass

from adfc.planner.cost import Call, Trips
from adfc.planner.graph import Axis, Layer, ceil_div, round_up
from adfc.spec.devices import Device

BUFFER_ALIGNMENT = 64
"""Bytes: alignment of every buffer in a core tile."""

CORE_STACK_BYTES = 1024
"""Data memory left to a core's stack: assumed (the default of AMD's and mlir-aie's linkers)."""

STREAMS_PER_MEMTILE = 4
"""Spatial groups that one slab feeds, and cores that one join gathers: a column has 6 northbound
and 4 southbound streams (AM020), of which weights need some."""

PUSHES = 4
"""Depth of a DMA channel's task queue (AM020)."""

LOCK_LIMIT = 63
"""What a lock can count to: 6 bits (AM020)."""


CORE_MEMORY = "core tile data memory"


@dataclass(frozen=True)
class Overflow:
    """Something that does not fit: what, and by how many bytes (or pieces)."""

    what: str
    over: int


@dataclass(frozen=True)
class Split:
    """A layer split over a grid of cores: (spatial, channel) groups of `rows` output rows each."""

    spatial_groups: int
    channel_groups: int
    rounds: int
    rows: int
    columns: int
    call: Call
    trips: Trips


def core_bytes(layer: Layer, call: Call, depth: tuple[int, int, int]) -> int:
    """Bytes of a core tile's data memory that the windows, accumulators and stack take."""
    act, weights, out = depth
    return (
        act * layer.activations * round_up(call.activation_bytes(layer), BUFFER_ALIGNMENT)
        + weights * round_up(call.weights_bytes(layer), BUFFER_ALIGNMENT)
        + out * round_up(call.output_bytes(), BUFFER_ALIGNMENT)
        + round_up(call.accumulator_bytes(layer), BUFFER_ALIGNMENT)
        + CORE_STACK_BYTES
    )


def slab_bytes(layer: Layer, split: Split, slabs: int) -> int:
    """Bytes of the fullest slab: the input rows of its spatial groups, halo included."""
    groups = ceil_div(split.spatial_groups, slabs)
    rows = min(layer.rows.extent(groups * split.rows), layer.rows.size)
    return layer.activations * rows * layer.columns.size * layer.in_channels


def join_bytes(split: Split, joins: int) -> int:
    """Bytes of the fullest join: all output of its cores."""
    cores = ceil_div(split.spatial_groups * split.channel_groups, joins)
    channels = split.trips.out_tiles * split.call.out_channels
    return cores * split.rows * split.columns * channels


def slab_overflow(layer: Layer, split: Split, slabs: int, device: Device) -> Overflow | None:
    """Why an input spread over `slabs` memtiles does not fit, or None."""
    over = slab_bytes(layer, split, slabs) - device.mem.data_bytes
    if over > 0:
        return Overflow("memtile data memory", over)
    # Each stream waits for the slab once for each tile of output channels.
    over = ceil_div(split.spatial_groups, slabs) * split.trips.out_tiles - LOCK_LIMIT
    if over > 0:
        return Overflow("a lock's count", over)
    # Buffer descriptors are halved between even and odd channels; two of four streams share a half.
    streams = ceil_div(ceil_div(split.spatial_groups, slabs), 2)
    needed = streams * layer.activations * split.trips.spatial + layer.activations
    over = needed - device.mem.bds // 2
    return Overflow("buffer descriptors of a memtile", over) if over > 0 else None


def join_overflow(split: Split, joins: int, device: Device) -> Overflow | None:
    """Why an output gathered in `joins` memtiles does not fit, or None."""
    over = join_bytes(split, joins) - device.mem.data_bytes
    return Overflow("memtile data memory", over) if over > 0 else None


def window_fits(layer: Layer, split: Split, device: Device) -> bool:
    """Whether the fields of a memtile's buffer descriptor hold every window and its padding.

    Each window must begin inside the input, or above it, and have at least one row and one column
    of it; what it reads beyond the end is padding, at most what the fields can say. Its rows and
    columns are counted in wrap fields. (Some longer windows without padding could be split into
    more dimensions; that is not tried.)
    """
    longest = (1 << device.mem.wrap_bits) - 1
    sizes = (layer.rows.window(split.call.rows), layer.columns.window(split.call.columns))
    _, column_bits, row_bits = device.mem.pad_bits
    rows = split.rounds * split.spatial_groups * split.rows
    return (
        max(sizes) <= longest
        and _axis_fits(layer.rows, rows, split.call.rows, row_bits)
        and _axis_fits(layer.columns, split.columns, split.call.columns, column_bits)
    )


def _axis_fits(axis: Axis, outputs: int, tile: int, bits: int) -> bool:
    first, last = axis.first(0), axis.first(outputs - tile)
    before, after = -first, last + axis.extent(tile) - axis.size
    aligned = tile >= outputs or tile % axis.period == 0
    inside = last < axis.size and first + axis.extent(tile) > 0
    return aligned and inside and max(after, before) < 1 << bits
