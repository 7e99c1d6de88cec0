"""Ways to split one layer over cores, and how long they take for an image.

A stage's time for an image is that of its busiest part: a core, a stream to it, or the stream in
which its result leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from adfc.planner import cost, fit
from adfc.planner.cost import Call, Trips
from adfc.planner.fit import Split
from adfc.planner.graph import OUT_CHANNEL_MULTIPLE, WORD, Layer, ceil_div, round_up
from adfc.spec.devices import Device

MOST_GROUPS = 16
"""Groups of rows, and of channels, that are tried at most: a lane cannot take more streams."""

LEAST_DEPTH = 2
"""Images that a slab holds: one that comes, and one that is read."""

LOCK_STEPS = 6
"""Lock requests of a core for each call: taking and giving back three windows."""


@dataclass(frozen=True)
class Option:
    """A layer on `groups` x `channel_groups` cores: tiles of rows are dealt out to the groups of
    rows in turn, each gets `tiles` of them, in `chunks` parts each.

    `depth`: buffers of a core's (activation, weights, output) windows; `call_cycles`: modelled AIE
    cycles of a call; `core_cycles`, `act_words`, `weight_words`: of an image, for each core;
    `result_words`: of an image, all of the result.
    """

    call: Call
    groups: int
    channel_groups: int
    tiles: int
    chunks: int
    depth: tuple[int, int, int]
    call_cycles: int
    core_cycles: int
    act_words: int
    weight_words: int
    result_words: int

    @property
    def cores(self) -> int:
        """Core tiles in use."""
        return self.groups * self.channel_groups

    @cached_property
    def stage_cycles(self) -> int:
        """AIE cycles for an image, without the way out of the stage."""
        return max(self.core_cycles, self.act_words, self.weight_words)

    def rows_read(self, layer: Layer, group: int) -> tuple[int, int]:
        """The input rows [first, end) that a group of rows reads."""
        last_valid = (layer.output[0] - 1) // self.call.rows
        last = min((self.tiles - 1) * self.groups + group, last_valid) * self.call.rows
        end = layer.rows.first(last) + layer.rows.extent(self.call.rows)
        return max(0, layer.rows.first(group * self.call.rows)), min(layer.rows.size, end)

    def lane_cycles(self, lanes: int) -> int:
        """AIE cycles that the result takes in so many streams, one word a cycle."""
        return ceil_div(self.result_words, lanes)


def options(layer: Layer, device: Device, *, batch: int) -> list[Option]:
    """All ways that fit, with the fewest cores first; ties as they are enumerated."""
    found = [
        option
        for split, chunks in _splits(layer)
        if (option := _option(layer, split, chunks, device, batch)) is not None
    ]
    return sorted(found, key=lambda option: (option.cores, option.stage_cycles))


def _splits(layer: Layer) -> Iterator[tuple[Split, int]]:
    height, width, _ = layer.output
    for out_channels, channel_groups in _channel_groups(layer):
        for in_channels in _in_channels(layer, out_channels):
            chunks = 1 if layer.channelwise else layer.in_channels // in_channels
            for groups in range(1, min(height, MOST_GROUPS) + 1):
                for tile_rows in _tile_rows(layer, groups):
                    rows = round_up(ceil_div(height, groups), tile_rows)
                    call = Call(tile_rows, width, out_channels, in_channels)
                    trips = Trips(1, rows // tile_rows, chunks)
                    yield Split(groups, channel_groups, 1, rows, width, call, trips), chunks


def _channel_groups(layer: Layer) -> Iterator[tuple[int, int]]:
    """(channels of a core, groups of channels)."""
    channels = layer.in_channels if layer.channelwise else layer.output[2]
    if layer.all_channels:
        yield round_up(channels, WORD if layer.channelwise else OUT_CHANNEL_MULTIPLE), 1
        return
    multiple = WORD if layer.channelwise else OUT_CHANNEL_MULTIPLE
    seen: set[int] = set()
    for groups in range(1, MOST_GROUPS + 1):
        each = round_up(ceil_div(channels, groups), multiple)
        even = not layer.channelwise or channels % each == 0
        if even and each not in seen:
            seen.add(each)
            yield each, ceil_div(channels, each)


def _in_channels(layer: Layer, out_channels: int) -> list[int]:
    if layer.channelwise:
        return [out_channels]
    words = layer.in_channels // WORD
    parts = [WORD * d for d in range(words, 0, -1) if words % d == 0]
    return parts[:1] if layer.all_channels else parts[:5]


def _tile_rows(layer: Layer, groups: int) -> list[int]:
    """Rows of a call: such that every group has rows, and of an output no more than there are."""
    height = layer.output[0]
    share = ceil_div(height, groups)
    rows: list[int] = []
    for calls in range(1, share + 1):
        each = ceil_div(share, calls)
        taken = round_up(share, each)
        whole = taken * groups == height
        if each not in rows and ceil_div(height, taken) == groups and (whole or not layer.given):
            rows.append(each)
    return rows


def _slab_bytes(layer: Layer, split: Split) -> int:
    """Bytes of what one group of cores reads of an operand."""
    rows = split.trips.spatial * split.spatial_groups - split.spatial_groups + 1
    read = min(layer.rows.extent(rows * split.call.rows), layer.rows.size)
    channels = split.call.out_channels if layer.channelwise else layer.in_channels
    return read * layer.columns.size * channels


def _option(layer: Layer, split: Split, chunks: int, device: Device, batch: int) -> Option | None:
    call, tiles = split.call, split.trips.spatial
    if tiles * chunks * batch > fit.PUSHES << device.core.repeat_bits:
        return None
    if not fit.window_fits(layer, split, device):
        return None
    if LEAST_DEPTH * _slab_bytes(layer, split) > device.mem.data_bytes:
        return None
    weights = 1 if chunks == 1 else 2
    depths = [
        depth
        for depth in ((2, weights, 2), (2, weights, 1))
        if fit.core_bytes(layer, call, depth) <= device.core.data_bytes
    ]
    if not depths:
        return None
    cycles = cost.call_cycles(layer, call, device)
    calls = tiles * chunks
    height, width, channels = layer.output
    streamed = 0 if chunks == 1 else calls * call.weights_bytes(layer) // WORD
    waited = 0 if depths[0][2] == 2 else tiles * call.output_bytes() // WORD
    return Option(
        call=call,
        groups=split.spatial_groups,
        channel_groups=split.channel_groups,
        tiles=tiles,
        chunks=chunks,
        depth=depths[0],
        call_cycles=cycles,
        core_cycles=calls * (cycles + LOCK_STEPS * device.cycles("lock_cycles")) + waited,
        act_words=calls * call.activation_bytes(layer) // WORD,
        weight_words=streamed,
        result_words=max(height, split.rows * split.spatial_groups)
        * width
        * round_up(channels, WORD)
        // WORD,
    )
