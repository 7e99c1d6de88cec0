"""Tiles for every stage: cores column by column in the order of the layers, memtiles near them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adfc.planner.fit import BUFFER_ALIGNMENT
from adfc.planner.graph import Graph, Layer, ceil_div, round_up
from adfc.planner.pipeline import messages, timeline
from adfc.planner.pipeline.balance import Chosen, Terms
from adfc.planner.pipeline.bands import (
    ONE_IMAGE_BANDS,
    Bands,
    Source,
    bands_of,
    deal_of,
    gathered_bytes,
    least_depth,
    part_rows,
    rows_read,
    slab_bytes,
    source_of,
    windows_of,
    windows_sent,
)
from adfc.planner.pipeline.columns import Columns
from adfc.planner.pipeline.memtiles import Coordinate, Memtiles, Need, NoRoomError
from adfc.planner.pipeline.messages import Message, Part
from adfc.planner.pipeline.options import LEAST_DEPTH, Option
from adfc.planner.pipeline.timeline import Times
from adfc.planner.schedule import Stage
from adfc.spec.devices import Device

MOST_DEPTH = 63
"""Bands that a slab holds: what its locks can count (AM025: 6 bits)."""

SCRAP_BYTES = 8 * 1024
"""Of a slab, for what comes and is not kept, at most: two counts of a descriptor (AM025)."""


@dataclass
class _Slabs:
    """Of a stage's operands: bands that an image has and that a slab holds, and where slabs and
    relays are."""

    depths: list[int] = field(default_factory=list[int])
    bands: list[int] = field(default_factory=list[int])
    slabs: list[Coordinate] = field(default_factory=list[Coordinate])
    relays: list[int] = field(default_factory=list[int])
    relay_tiles: list[Coordinate] = field(default_factory=list[Coordinate])


@dataclass(frozen=True)
class _Tensor:
    """A result, or an input, as its readers see it; `lanes`: what comes in each stream, and
    `columns`: where each begins, none for what comes from DDR."""

    extent: tuple[int, int, int]
    lanes: tuple[tuple[Message, ...], ...]
    source: Source
    times: Times
    columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Operand:
    """How one comes to a layer, and what each slab of it takes: bytes of an image, or of a ring's
    band. `what` it is, for errors."""

    what: str
    tensor: _Tensor
    bands: Bands
    parts: tuple[Part, ...]
    size: int


class Floorplan:
    """Gives every layer its tiles. Raises NoRoomError."""

    def __init__(self, graph: Graph, device: Device, terms: Terms) -> None:
        self._graph = graph
        self._device = device
        self._terms = terms
        self._period = 1
        self._memtiles = Memtiles(device, terms.avoid)
        self._columns = Columns(device, terms.avoid, terms.streams)
        self._tensors: dict[str, _Tensor] = {}

    def stages(self, chosen: Mapping[str, Chosen]) -> dict[str, Stage]:
        """The stage of each layer by its name."""
        self._period = max(taken.cycles for taken in chosen.values())
        for name, (height, width, channels) in self._graph.inputs.items():
            lanes = self._terms.lanes.get(name, 1)
            self._tensors[name] = _Tensor(
                (height, width, channels),
                tuple(map(tuple, messages.rows_as_messages(height, channels, lanes))),
                Source(height),
                timeline.of_input(height, self._period),
            )
        cores = self._all_cores(chosen)
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
                bands=tuple(slabs.bands) if max(slabs.bands) > 1 else (),
                gathered=taken.gathered,
                paired=taken.option.paired,
            )
        return found

    # ---- cores

    def _all_cores(
        self, chosen: Mapping[str, Chosen]
    ) -> dict[str, tuple[tuple[Coordinate, ...], ...]]:
        """Of each layer: one after the other, which keeps streams short; or those first that
        stand in the most rows, where the columns have no room otherwise."""
        layers = self._graph.layers
        tallest = tuple(sorted(layers, key=lambda layer: -chosen[layer.name].option.rows))
        try:
            return {layer.name: self._cores(layer, chosen[layer.name]) for layer in layers}
        except NoRoomError:
            if tallest == layers:
                raise
            self._columns = Columns(self._device, self._terms.avoid, self._terms.streams)
            return {layer.name: self._cores(layer, chosen[layer.name]) for layer in tallest}

    def _cores(self, layer: Layer, chosen: Chosen) -> tuple[tuple[Coordinate, ...], ...]:
        """Of each core of the grid, those of its cascade. Those of a lane stand next to each
        other."""
        option = chosen.option
        places: dict[tuple[int, int], tuple[Coordinate, ...]] = {}
        for lane in range(chosen.lanes):
            cores = messages.cores_of_lane(option, chosen.lanes, lane)
            for first in range(0, len(cores), option.together):
                together = cores[first : first + option.together]
                places.update(self._together(layer, option, together))
        return tuple(
            places[s, c] for s in range(option.groups) for c in range(option.channel_groups)
        )

    def _together(
        self, layer: Layer, option: Option, cores: Sequence[tuple[int, int]]
    ) -> dict[tuple[int, int], tuple[Coordinate, ...]]:
        """A core of the grid, from north to south those of its cascade; or two, of which the second
        stands to the north of the first, which sends for both."""
        streams = set[object]().union(*(self._streams(layer, option, s, c) for s, c in cores))
        found = self._columns.take(option.rows, streams)
        if found is None:
            raise NoRoomError(
                f"the {option.cores} core tiles of layer '{layer.name}', each within reach of its "
                "streams"
            )
        if option.paired:
            return {core: (at,) for core, at in zip(cores, reversed(found), strict=True)}
        return dict.fromkeys(cores, found)

    @staticmethod
    def _streams(layer: Layer, option: Option, s: int, c: int) -> set[object]:
        """What leads to a core of the grid."""
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
        return streams

    # ---- memtiles

    def _joins(
        self, layer: Layer, chosen: Chosen, cores: Sequence[Coordinate]
    ) -> tuple[Coordinate, ...]:
        """One for the cores of each lane in each column, in that column."""
        option = chosen.option
        if option.senders == chosen.lanes:
            return ()
        places: dict[int, Coordinate] = {}
        each = option.together * option.call.rows * layer.output[1] * option.call.out_channels
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
                sent = len(here) // option.together
                windows = (*([2 * before] if before else []), *[2 * each] * sent)
                at = self._memtiles.take_near(
                    column,
                    Need(windows, (1,) * len(windows), (len(windows),)),
                    f"what gathers the result of layer '{layer.name}'",
                    reach=0,
                )
                places.update(dict.fromkeys(here, at))
                before += each * sent
                numbers = numbers[len(here) :]
        return tuple(places[number] for number in range(len(cores)))

    def _slabs(self, layer: Layer, chosen: Chosen, cores: Sequence[Coordinate]) -> _Slabs:
        if chosen.gathered:
            found, begin = self._gathered(layer, chosen, cores)
        else:
            found, begin = self._shared(layer, chosen, cores)
        times = timeline.of_result(layer, chosen, begin, self._period)
        self._tensors[layer.name] = self._result(layer, chosen, cores, times)
        return found

    def _shared(
        self, layer: Layer, chosen: Chosen, cores: Sequence[Coordinate]
    ) -> tuple[_Slabs, list[int]]:
        """Of operands in lanes that all of the layer's slabs share, and when its rounds begin."""
        option = chosen.option
        operands = [self._operand(layer, option, name) for name in layer.inputs]
        flat = any(layer.input[:2] != operand.tensor.extent[:2] for operand in operands)
        pairs = [(operand.tensor.times, operand.bands) for operand in operands]
        begin = timeline.begins(layer, chosen, pairs, flat=flat)
        found = _Slabs()
        for operand in operands:
            bands = operand.bands
            waits = timeline.waiting(layer, chosen, begin, operand.tensor.times, bands, flat=flat)
            depth, relays = self._depth(operand, waits)
            self._place(layer, chosen, operand, cores, (depth, relays), found)
            found.depths.append(depth)
            found.bands.append(bands.count)
            found.relays.append(relays)
        return found, begin

    def _gathered(
        self, layer: Layer, chosen: Chosen, cores: Sequence[Coordinate]
    ) -> tuple[_Slabs, list[int]]:
        """Of an input of the network that comes to each group of rows by itself; as `_shared`."""
        option, found = chosen.option, _Slabs()
        (name,) = layer.inputs
        tensor, bands = self._tensors[name], windows_of(option)
        size = gathered_bytes(deal_of(layer, option), layer.columns.size * layer.in_channels)
        images = 1 if option.tiles >= ONE_IMAGE_BANDS else LEAST_DEPTH
        held = slab_bytes(bands, images * bands.count, size)
        need = Need((held,), (bands.count,), (bands.count,), north=1)
        for group in range(option.groups):
            first = group * option.channel_groups
            near = _middle(cores[first : first + option.channel_groups])
            at = self._memtiles.take_near(near, need, rows_read(name, layer))
            found.slabs.append(at)
        found.depths.append(images * bands.count)
        found.bands.append(bands.count)
        found.relays.append(0)
        begin = timeline.begins(layer, chosen, [(tensor.times, Bands(tensor.extent[0], 1))])
        return found, begin

    def _operand(self, layer: Layer, option: Option, name: str) -> _Operand:
        tensor = self._tensors[name]
        apart = option.channel_groups if layer.channelwise else option.cascade
        bands = bands_of(layer, option, tensor.extent[:2], tensor.source)
        parts = tuple(
            self._part(layer, option, s, c, apart, tensor, bands)
            for s in range(option.groups)
            for c in range(apart)
        )
        what = rows_read(name, layer)
        return _Operand(what, tensor, bands, parts, max(self._size(part, tensor) for part in parts))

    def _depth(self, operand: _Operand, waits: int) -> tuple[int, int]:
        """Bands that a slab holds, and memtiles on the way where one has no room for as many."""
        bands, size = operand.bands, operand.size
        depth = max(least_depth(bands, size), waits + 1 if bands.ring else waits)
        depth = round_up(depth, bands.chains)
        room = self._terms.slab_bytes
        if slab_bytes(bands, depth, size) <= room and depth <= MOST_DEPTH:
            return depth, 0
        if bands.chains > 1:
            size, images = slab_bytes(bands, depth, size), depth // bands.count
            raise NoRoomError(
                f"{operand.what}, of which {images} image{'s' * (images > 1)} must wait: {size:,} "
                f"bytes of a memtile, where {room:,} are left"
            )
        if not bands.ring:
            # An image is in two places while it goes from one to the next.
            return LEAST_DEPTH, ceil_div(depth + 1, LEAST_DEPTH) - 1
        each = min(MOST_DEPTH, room // round_up(size, BUFFER_ALIGNMENT))
        count = ceil_div(depth, each - 1)
        return ceil_div(depth, count) + 1, count - 1

    def _place(
        self,
        layer: Layer,
        chosen: Chosen,
        operand: _Operand,
        cores: Sequence[Coordinate],
        held: tuple[int, int],
        found: _Slabs,
    ) -> None:
        """Memtiles for the slabs of an operand, and for those on the way."""
        option = chosen.option
        apart = len(operand.parts) // option.groups
        for number, part in enumerate(operand.parts):
            # The cores of a cascade stand in one column; all groups of channels read.
            s, c = divmod(number, apart)
            first = s * option.channel_groups + (c if layer.channelwise else 0)
            count = 1 if layer.channelwise else option.channel_groups
            near = self._begins(part, operand.tensor, _middle(cores[first : first + count]))
            sends = windows_sent(deal_of(layer, option), s, operand.bands)
            needs = self._needs(part, operand, *held, sends)
            way = [self._memtiles.take_near(near, need, operand.what) for need in needs]
            found.relay_tiles += way[:-1]
            found.slabs += way[-1:]

    @staticmethod
    def _part(
        layer: Layer, option: Option, s: int, c: int, apart: int, tensor: _Tensor, bands: Bands
    ) -> Part:
        height, width, depth = tensor.extent
        stored = round_up(depth, 4)
        if (layer.input[0], layer.input[1]) != (height, width):
            return Part((0, height), (0, stored))
        channels = option.call.out_channels if layer.channelwise else stored // apart
        part = (c * channels, (c + 1) * channels) if apart > 1 else (0, stored)
        return Part(part_rows(deal_of(layer, option), s, bands), part)

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

    def _begins(self, part: Part, tensor: _Tensor, column: int) -> int:
        """The column near which slabs of a part stand: where the lane that brings it begins, as few
        lanes have a way along the shims, but many windows one along the cores."""
        if not tensor.columns:
            return column
        return tensor.columns[tensor.lanes.index(self._lane(part, tensor))]

    def _size(self, part: Part, tensor: _Tensor) -> int:
        """Bytes of a part in whole messages."""
        height, width, _ = tensor.extent
        first, end = messages.whole_rows(part, self._lane(part, tensor), height)
        return (end - first) * width * (part.channels[1] - part.channels[0])

    def _needs(
        self, part: Part, operand: _Operand, depth: int, relays: int, sends: int
    ) -> list[Need]:
        """Of the memtiles on the way of a part, its slab the last."""
        tensor, bands = operand.tensor, operand.bands
        (height, width, _), lane = tensor.extent, self._lane(part, tensor)
        kept = Part(messages.whole_rows(part, lane, height), part.channels)
        stores = sum(
            messages.descriptors(
                kept, [m for m in lane if bands.band(m.row) == band], height, width
            )
            for band in range(bands.chains)
        )
        chains = [stores, *[1] * (relays + 1)]
        ends = [*[1] * relays, sends]
        depths = [*[depth if bands.ring else LEAST_DEPTH] * relays, depth]
        return [
            Need(
                (slab_bytes(bands, held, operand.size), *([SCRAP_BYTES] if not i else [])),
                (chains[i],),
                (ends[i],),
                north=int(i == relays),
            )
            for i, held in enumerate(depths)
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
            near = _middle(cores[first :: option.channel_groups])
            streams = 1 if shared else count * option.cascade
            need = Need((count * size,), (), (1,) * streams, north=streams)
            what = f"weights of layer '{layer.name}'"
            at = self._memtiles.take_near(near, need, what)
            places += [at] * count
        return tuple(places)

    def _result(
        self, layer: Layer, chosen: Chosen, cores: Sequence[Coordinate], times: Times
    ) -> _Tensor:
        option = chosen.option
        last = [messages.cores_of_lane(option, chosen.lanes, i)[-1] for i in range(chosen.lanes)]
        columns = tuple(cores[s * option.channel_groups + c][0] for s, c in last)
        lanes = tuple(
            tuple(messages.messages_of(option, layer.output[2], chosen.lanes, lane, chosen.message))
            for lane in range(chosen.lanes)
        )
        return _Tensor(layer.output, lanes, source_of(layer, option), times, columns)


def _middle(cores: Sequence[Coordinate]) -> int:
    """The column in the middle of these cores'."""
    columns = sorted(column for column, _ in cores)
    return columns[len(columns) // 2]
