"""One way for each layer, with as few cores as a period leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adfc.planner.graph import Graph, Layer, round_up
from adfc.planner.pipeline.options import LEAST_DEPTH, Option

LANES = (1, 2, 4, 8)
"""Streams that a result is divided over; powers of two, as channels mostly are."""


MOST_TILES = 20
"""Tiles of a result whose channels come in parts and that have several rows: each takes a
descriptor of a slab's memtile, which has 24 for channels of a parity (AM020)."""


@dataclass(frozen=True)
class Chosen:
    """How a layer is split, and in how many streams its result leaves."""

    option: Option
    lanes: int

    @property
    def cycles(self) -> int:
        """AIE cycles for an image."""
        return max(self.option.stage_cycles, self.option.lane_cycles(self.lanes))


def balance(
    graph: Graph, ways: Mapping[str, Sequence[Option]], period: int, room: int
) -> dict[str, Chosen] | str:
    """A choice for each layer by name that takes at most `period` cycles for an image, with at
    most `room` bytes for a slab; or the name of a layer for which there is none."""
    readers = _readers(graph)
    chosen: dict[str, Chosen] = {}
    # A reader limits in how many streams a result may come, so the last layer is first.
    for layer in reversed(graph.layers):
        taken = _choose(layer, ways[layer.name], period, readers[layer.name], chosen, room)
        if taken is None:
            return layer.name
        chosen[layer.name] = taken
    return {layer.name: chosen[layer.name] for layer in graph.layers}


def _readers(graph: Graph) -> dict[str, list[Layer]]:
    readers: dict[str, list[Layer]] = {layer.name: [] for layer in graph.layers}
    for layer in graph.layers:
        for name in layer.inputs:
            if name in readers:
                readers[name].append(layer)
    return readers


def _choose(
    layer: Layer,
    ways: Sequence[Option],
    period: int,
    readers: Sequence[Layer],
    chosen: Mapping[str, Chosen],
    room: int,
) -> Chosen | None:
    for option in ways:
        if option.stage_cycles > period:
            continue
        for lanes in LANES:
            if (
                option.lane_cycles(lanes) <= period
                and _can_come(layer, option, lanes, readers, chosen)
                and all(_has_room(option, reader, chosen[reader.name], room) for reader in readers)
            ):
                return Chosen(option, lanes)
    return None


def _has_room(option: Option, reader: Layer, chosen: Chosen, room: int) -> bool:
    """Whether what each group of the reader's cores reads, in whole messages, fits a memtile."""
    taken, step = chosen.option, option.call.rows
    channels = taken.call.out_channels if reader.channelwise else reader.in_channels
    return all(
        LEAST_DEPTH * (round_up(end, step) - first // step * step) * reader.columns.size * channels
        <= room
        for first, end in (taken.rows_read(reader, group) for group in range(taken.groups))
    )


def _can_come(
    layer: Layer,
    option: Option,
    lanes: int,
    readers: Sequence[Layer],
    chosen: Mapping[str, Chosen],
) -> bool:
    """Whether all readers can take the result in so many streams: each part of an operand comes
    whole in one of them, in messages that are wholly the part's."""
    if option.channel_groups % lanes or (layer.given and lanes > 1):
        return False
    lane_channels = option.channel_groups // lanes * option.call.out_channels
    return all(
        _can_take(reader, chosen[reader.name].option, layer, option, lane_channels, lanes)
        for reader in readers
    )


def _can_take(
    reader: Layer, taken: Option, layer: Layer, option: Option, lane_channels: int, lanes: int
) -> bool:
    part = layer.output[2]
    if reader.channelwise and taken.channel_groups > 1:
        part = taken.call.out_channels
        even = part % option.call.out_channels == 0 and lane_channels % part == 0
        if not even or reader.input != layer.output:
            return False
    elif lanes > 1:
        return False
    in_parts = part > option.call.out_channels and option.call.rows > 1
    return not in_parts or option.tiles * option.groups <= MOST_TILES
