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
    graph: Graph,
    ways: Mapping[str, Sequence[Option]],
    period: int,
    room: int,
    *,
    cascades: bool = True,
) -> dict[str, Chosen] | str:
    """A choice for each layer by name that takes at most `period` cycles for an image, with at
    most `room` bytes for a slab; or the name of a layer for which there is none.

    `cascades`: whether cores may make sums one after the other. What is read so comes in parts, so
    all that read a tensor must agree on it.
    """
    within = {
        layer.name: sorted(
            (option for option in ways[layer.name] if option.stage_cycles <= period),
            key=lambda option: (
                weight(layer, option),
                option.channel_groups,
                option.stage_cycles,
            ),
        )
        for layer in graph.layers
    }
    whole: set[str] = set()
    while True:
        search = _Search(graph, within, period, room, whole if cascades else None)
        chosen = search.run()
        if not isinstance(chosen, str):
            return chosen
        # Who makes it, or reads it too, may not be able to do so in parts.
        parted = [name for name in search.in_the_way(chosen) if search.parts[name] > 1]
        if not parted:
            return chosen
        whole.update(parted)


class _Search:
    """Choices for one period.

    `parts` of a tensor: so many cores of a cascade share what its readers read of it; 1 for those
    in `whole`, and for all where that is None.
    """

    def __init__(
        self,
        graph: Graph,
        ways: Mapping[str, Sequence[Option]],
        period: int,
        room: int,
        whole: set[str] | None,
    ) -> None:
        self._graph = graph
        self._ways = ways
        self._period = period
        self._room = room
        self._layers = {layer.name: layer for layer in graph.layers}
        self._readers: dict[str, list[Layer]] = {layer.name: [] for layer in graph.layers}
        for layer in graph.layers:
            for name in layer.inputs:
                self._readers.setdefault(name, []).append(layer)
        self.parts = {
            name: 1 if whole is None or name in whole else self._parts(name)
            for name in self._readers
        }

    def run(self) -> dict[str, Chosen] | str:
        """A choice for each layer, or the name of one for which there is none."""
        chosen: dict[str, Chosen] = {}
        # A reader limits in how many streams a result may come, so the last layer is first.
        for layer in reversed(self._graph.layers):
            taken = self._choose(layer, chosen)
            if taken is None:
                return layer.name
            chosen[layer.name] = taken
        return {layer.name: chosen[layer.name] for layer in self._graph.layers}

    def in_the_way(self, name: str) -> list[str]:
        """Tensors that a layer reads or makes."""
        return [*self._layers[name].inputs, name]

    def _parts(self, name: str) -> int:
        """Into how many parts the fewest cores go, for all that read all channels of a tensor."""
        maker = self._layers.get(name)
        readers = [layer for layer in self._readers[name] if not layer.channelwise]
        if maker is None or any(reader.input != maker.output for reader in self._readers[name]):
            return 1
        costs: dict[int, int] = {}
        for parts in (1, 2):
            found = [self._least(reader, parts) for reader in readers]
            if found and None not in found:
                costs[parts] = sum(cost for cost in found if cost is not None)
        return min(costs, key=lambda parts: (costs[parts], parts)) if costs else 1

    def _least(self, layer: Layer, parts: int) -> int | None:
        fit = [
            weight(layer, option) for option in self._ways[layer.name] if option.cascade == parts
        ]
        return min(fit, default=None)

    def _choose(self, layer: Layer, chosen: Mapping[str, Chosen]) -> Chosen | None:
        readers = self._readers[layer.name]
        for option in self._ways[layer.name]:
            if not self._takes_parts(layer, option):
                continue
            for lanes in LANES:
                if (
                    option.lane_cycles(lanes) <= self._period
                    and _can_come(layer, option, lanes, readers, chosen)
                    and all(
                        _has_room(option, reader, chosen[reader.name], self._room)
                        for reader in readers
                    )
                ):
                    return Chosen(option, lanes)
        return None

    def _takes_parts(self, layer: Layer, option: Option) -> bool:
        """Whether it reads its operands in the parts in which they come."""
        for name in layer.inputs:
            parts = self.parts[name]
            if option.cascade != parts and not layer.channelwise:
                return False
            if layer.channelwise and option.channel_groups % parts:
                return False
        return True


def weight(layer: Layer, option: Option) -> int:
    """What a choice takes of the array: of a column's 8 cores 4 can send, and 6 streams lead there
    (AM020); in 24ths of a column, three times over."""
    return 3 * option.cores + 6 * option.senders + 4 * option.streams(layer)


def _has_room(option: Option, reader: Layer, chosen: Chosen, room: int) -> bool:
    """Whether what each group of the reader's cores reads, in whole messages, fits a memtile."""
    taken, step = chosen.option, option.call.rows
    channels = (
        taken.call.out_channels if reader.channelwise else reader.in_channels // taken.cascade
    )
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
    part, tiles = layer.output[2], option.tiles * option.groups
    if taken.cascade > 1 or (reader.channelwise and taken.channel_groups > 1):
        part = reader.in_channels // taken.cascade
        if reader.channelwise:
            part = taken.call.out_channels
        even = part % option.call.out_channels == 0 and lane_channels % part == 0
        if not even or reader.input != layer.output:
            return False
        # Of each tile some messages are kept and others dropped, which takes two descriptors.
        if lane_channels > part and 2 * tiles > MOST_TILES:
            return False
    elif lanes > 1:
        return False
    in_parts = part > option.call.out_channels and option.call.rows > 1
    return not in_parts or tiles <= MOST_TILES
