"""Tiles for every stage: cores column by column in the order of the layers, memtiles near them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adfc.errors import CapacityError
from adfc.planner.graph import Graph, Layer, ceil_div, round_up
from adfc.planner.pipeline import messages
from adfc.planner.pipeline.balance import Chosen
from adfc.planner.pipeline.columns import Columns
from adfc.planner.pipeline.memtiles import Coordinate, Memtiles, Need
from adfc.planner.pipeline.messages import Message, Part
from adfc.planner.pipeline.options import (
    LEAST_DEPTH,
    Option,
    windows_sent,
)
from adfc.planner.schedule import Stage
from adfc.spec.devices import Device

SCRAP_BYTES = 8 * 1024
"""Of a slab, for what comes and is not kept, at most: two counts of a descriptor (AM025)."""


class NoRoomError(CapacityError):
    """There is no room; the message says for what."""


@dataclass
class _Slabs:
    """Of a stage's operands: images that a slab holds, and where slabs and relays are."""

    depths: list[int] = field(default_factory=list[int])
    slabs: list[Coordinate] = field(default_factory=list[Coordinate])
    relays: list[int] = field(default_factory=list[int])
    relay_tiles: list[Coordinate] = field(default_factory=list[Coordinate])


@dataclass(frozen=True)
class _Tensor:
    """A result, or an input, as its readers see it; `lanes`: what comes in each stream; `ready`:
    modelled AIE cycles from an image's beginning until all of it is there."""

    extent: tuple[int, int, int]
    lanes: tuple[tuple[Message, ...], ...]
    ready: int


class Floorplan:
    """Gives every layer its tiles. Raises NoRoomError."""

    def __init__(self, graph: Graph, device: Device, avoid: Sequence[Coordinate]) -> None:
        self._graph = graph
        self._device = device
        self._period = 1
        self._memtiles = Memtiles(device, avoid)
        self._columns = Columns(device, set(avoid))
        self._tensors: dict[str, _Tensor] = {
            name: _Tensor(extent, (tuple(messages.rows_as_messages(extent[0], extent[2])),), 0)
            for name, extent in graph.inputs.items()
        }

    def stages(self, chosen: Mapping[str, Chosen]) -> dict[str, Stage]:
        """The stage of each layer by its name."""
        self._period = max(taken.cycles for taken in chosen.values())
        cores = {layer.name: self._cores(layer, chosen[layer.name]) for layer in self._graph.layers}
        senders = {name: tuple(at[-1] for at in places) for name, places in cores.items()}
        joins = {
            layer.name: self._joins(layer, chosen[layer.name], senders[layer.name])
            for layer in self._graph.layers
        }
        found: dict[str, Stage] = {}
        for layer in self._graph.layers:
            taken = chosen[layer.name]
            slabs = self._slabs(layer, taken, senders[layer.name])
            found[layer.name] = Stage(
                lanes=taken.lanes,
                depths=tuple(slabs.depths),
                cores=tuple(at for places in cores[layer.name] for at in places),
                joins=joins[layer.name],
                slabs=tuple(slabs.slabs),
                weights=self._weights(layer, taken, senders[layer.name]),
                relays=tuple(slabs.relays) if any(slabs.relays) else (),
                relay_tiles=tuple(slabs.relay_tiles),
                cascade=taken.option.cascade,
                handover=taken.option.handover,
            )
            self._add_result(layer, taken)
        return found

    # ---- cores

    def _cores(self, layer: Layer, chosen: Chosen) -> tuple[tuple[Coordinate, ...], ...]:
        """Of each core of the grid, those of its cascade. Those of a lane stand next to each
        other."""
        option = chosen.option
        places: dict[tuple[int, int], tuple[Coordinate, ...]] = {}
        for lane in range(chosen.lanes):
            for s, c in messages.cores_of_lane(option, chosen.lanes, lane):
                places[s, c] = self._core(layer, option, s, c)
        return tuple(
            places[s, c] for s in range(option.groups) for c in range(option.channel_groups)
        )

    def _core(self, layer: Layer, option: Option, s: int, c: int) -> tuple[Coordinate, ...]:
        """The cores of a cascade, from north to south."""
        streams: set[object] = {
            (layer.name, operand, s, c if layer.channelwise else -1, member)
            for operand in range(layer.activations)
            for member in range(option.cascade)
        }
        if layer.has_weights:
            part = c // option.weight_groups(layer)
            shared = option.shares_weights(layer)
            streams |= {
                (layer.name, "weights", part) if shared else (layer.name, "weights", c, member)
                for member in range(option.cascade)
            }
        found = self._columns.take(option.cascade, streams)
        if found is None:
            raise NoRoomError(f"core tiles, at layer '{layer.name}'")
        return found

    # ---- memtiles

    def _joins(
        self, layer: Layer, chosen: Chosen, cores: Sequence[Coordinate]
    ) -> tuple[Coordinate, ...]:
        """One for the cores of each lane in each column, in that column."""
        option = chosen.option
        if len(cores) == chosen.lanes:
            return ()
        places: dict[int, Coordinate] = {}
        each = option.call.rows * layer.output[1] * option.call.out_channels
        for lane in range(chosen.lanes):
            numbers = [
                s * option.channel_groups + c
                for s, c in messages.cores_of_lane(option, chosen.lanes, lane)
            ]
            before = 0
            while numbers:
                column = cores[numbers[0]][0]
                here = [n for n in numbers if cores[n][0] == column]
                here = here[: next((i for i, n in enumerate(here) if numbers[i] != n), len(here))]
                windows = (*([2 * before] if before else []), *[2 * each] * len(here))
                at = self._memtiles.take_near(
                    column,
                    Need(windows, (1,) * len(windows), (len(windows),)),
                    reach=0,
                )
                if at is None:
                    raise NoRoomError(f"memtiles that gather the result of layer '{layer.name}'")
                places.update(dict.fromkeys(here, at))
                before += each * len(here)
                numbers = numbers[len(here) :]
        return tuple(places[number] for number in range(len(cores)))

    def _slabs(self, layer: Layer, chosen: Chosen, cores: Sequence[Coordinate]) -> _Slabs:
        option = chosen.option
        apart = option.channel_groups if layer.channelwise else option.cascade
        begin = max(self._tensors[name].ready for name in layer.inputs)
        found = _Slabs()
        for name in layer.inputs:
            tensor = self._tensors[name]
            parts = [
                (self._part(layer, option, s, c, apart, tensor), s, c)
                for s in range(option.groups)
                for c in range(apart)
            ]
            # What passes by other stages waits for them: one image more for each.
            depth = LEAST_DEPTH + ceil_div(begin - tensor.ready, self._period)
            sends = max(windows_sent(layer, option, s) for s in range(option.groups))
            size = max(self._size(part, tensor) for part, _, _ in parts)
            relays = 0
            if depth * size + SCRAP_BYTES > self._device.mem.data_bytes:
                # An image is in two places while it goes from one to the next.
                relays, depth = ceil_div(depth + 1, LEAST_DEPTH) - 1, LEAST_DEPTH
            for part, s, c in parts:
                # The cores of a cascade stand in one column; all groups of channels read.
                first = s * option.channel_groups + (c if layer.channelwise else 0)
                count = 1 if layer.channelwise else option.channel_groups
                columns = sorted(at[0] for at in cores[first : first + count])
                needs = self._needs(part, tensor, depth, sends, relays)
                way = [self._memtiles.take_near(columns[len(columns) // 2], n) for n in needs]
                if None in way:
                    raise NoRoomError(f"memtiles for the input of layer '{layer.name}'")
                found.relay_tiles += [at for at in way[:-1] if at is not None]
                found.slabs += [at for at in way[-1:] if at is not None]
            found.depths.append(depth)
            found.relays.append(relays)
        return found

    @staticmethod
    def _part(layer: Layer, option: Option, s: int, c: int, apart: int, tensor: _Tensor) -> Part:
        height, width, depth = tensor.extent
        stored = round_up(depth, 4)
        if (layer.input[0], layer.input[1]) != (height, width):
            return Part((0, height), (0, stored))
        channels = option.call.out_channels if layer.channelwise else stored // apart
        part = (c * channels, (c + 1) * channels) if apart > 1 else (0, stored)
        return Part(option.rows_read(layer, s), part)

    @staticmethod
    def _lane(part: Part, tensor: _Tensor) -> tuple[Message, ...]:
        """The lane that brings a part."""
        (lane,) = [
            lane
            for lane in tensor.lanes
            if any(
                m.channel < part.channels[1] and m.channel + m.channels > part.channels[0]
                for m in lane
            )
        ]
        return lane

    def _size(self, part: Part, tensor: _Tensor) -> int:
        """Bytes of a part in whole messages."""
        height, width, _ = tensor.extent
        first, end = messages.whole_rows(part, self._lane(part, tensor), height)
        return (end - first) * width * (part.channels[1] - part.channels[0])

    def _needs(
        self, part: Part, tensor: _Tensor, depth: int, sends: int, relays: int
    ) -> list[Need]:
        """Of the memtiles on the way of a part, its slab the last."""
        height, lane, size = tensor.extent[0], self._lane(part, tensor), self._size(part, tensor)
        whole = Part(messages.whole_rows(part, lane, height), part.channels)
        chains = [messages.descriptors(whole, lane, height), *[1] * (relays + 1)]
        ends = [*[1] * relays, sends]
        depths = [*[LEAST_DEPTH] * relays, depth]
        return [
            Need((images * size, *([SCRAP_BYTES] if not i else [])), (chains[i],), (ends[i],))
            for i, images in enumerate(depths)
        ]

    def _weights(
        self, layer: Layer, chosen: Chosen, cores: Sequence[Coordinate]
    ) -> tuple[Coordinate, ...]:
        if not layer.has_weights:
            return ()
        option = chosen.option
        places: list[Coordinate] = []
        size, shared = option.group_bytes(layer), option.shares_weights(layer)
        groups = option.weight_groups(layer)
        for first in range(0, option.channel_groups, groups):
            count = min(groups, option.channel_groups - first)
            columns = sorted(at[0] for at in cores[first :: option.channel_groups])
            streams = 1 if shared else count * option.cascade
            need = Need((count * size,), (), (1,) * streams)
            at = self._memtiles.take_near(columns[len(columns) // 2], need)
            if at is None:
                raise NoRoomError(f"memtiles for the weights of layer '{layer.name}'")
            places += [at] * count
        return tuple(places)

    def _add_result(self, layer: Layer, chosen: Chosen) -> None:
        begin = max(self._tensors[name].ready for name in layer.inputs)
        lanes = tuple(
            tuple(
                messages.messages_of(
                    chosen.option, layer.output[2], chosen.lanes, lane, chosen.message
                )
            )
            for lane in range(chosen.lanes)
        )
        self._tensors[layer.name] = _Tensor(layer.output, lanes, begin + chosen.latency)
