"""One way for each layer, with as few cores as a period leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from adfc.planner.graph import Graph, Layer, round_up, stored_words
from adfc.planner.pipeline.bands import (
    MOST_SENDS,
    bands_of,
    deal_of,
    gathered_bytes,
    least_depth,
    part_rows,
    rows_read,
    slab_bytes,
    source_of,
    windows_of,
)
from adfc.planner.pipeline.columns import STREAMS_PER_COLUMN
from adfc.planner.pipeline.memtiles import Coordinate
from adfc.planner.pipeline.messages import MOST_PIXELS
from adfc.planner.pipeline.options import CASCADES, MOST_COUNT, Option, Ways, of_each_shape

LANES = (1, 2, 4, 8)
"""Streams that a result is divided over; powers of two, as channels mostly are."""


MOST_GATHERED = 6
"""Streams in which an input of the network comes at most: shims hand on four in each direction
(AM020), and two or so are nearer (assumed)."""

MOST_TILES = 20
"""Tiles of a result whose channels come in parts and that have more than MOST_PIXELS: each takes
a descriptor of a slab's memtile, which has 24 for channels of a parity (AM020)."""


@dataclass(frozen=True)
class Chosen:
    """How a layer is split, in how many streams its result leaves, and in messages of how many
    channels: all that a core makes, or as many as a reader takes apart. `gathered`: an input comes
    to each group of rows by itself."""

    option: Option
    lanes: int
    message: int
    gathered: bool = False

    @property
    def cycles(self) -> int:
        """AIE cycles for an image."""
        return max(self.option.stage_cycles, self.option.lane_cycles(self.lanes))


@dataclass(frozen=True)
class Terms:
    """What holds for all layers that are on the array together: bytes for a slab, at most, streams
    in which inputs come, where they are several, streams that lead to a column, whether inputs of
    the network may come to each group of rows by themselves, and tiles to avoid."""

    slab_bytes: int
    lanes: Mapping[str, int] = field(default_factory=dict[str, int])
    streams: int = STREAMS_PER_COLUMN
    gather: bool = True
    avoid: Set[Coordinate] = frozenset()


@dataclass
class Limits:
    """What turned out not to be possible: of tensors `apart`, those that work on each channel alone
    must take the same parts as cores of a cascade do; those in `whole` do not come in parts."""

    apart: set[str] = field(default_factory=set[str])
    whole: set[str] = field(default_factory=set[str])


def balance(
    graph: Graph,
    ways: Ways,
    period: int,
    terms: Terms,
    prices: Prices,
    *,
    limits: Limits | None,
) -> dict[str, Chosen] | NoWay:
    """A choice for each layer by name that takes at most `period` cycles for an image, on these
    `terms`; or none, and why. `ways`: the cheapest first, at these `prices`.

    What the cores of a cascade read comes in parts, so all that read a tensor must agree on it, and
    who makes it must be able to send it so: `limits` grow where not. None: there are no cascades.
    """
    within = of_each_shape(
        graph, ways, lambda _, options: [o for o in options if o.stage_cycles <= period]
    )
    while True:
        search = _Search(graph, within, period, terms, prices, limits)
        chosen = search.run()
        if not isinstance(chosen, str):
            return chosen
        if limits is None:
            return NoWay(search, chosen)
        # Who makes it, or reads it too, may not be able to do so in parts.
        between = [name for name in search.in_the_way(chosen) if name not in terms.lanes]
        parted = [name for name in between if search.parts[name] > 1]
        first = [name for name in parted if name not in limits.apart]
        if first:
            limits.apart.update(first)
        elif parted:
            limits.whole.update(parted)
        else:
            return NoWay(search, chosen)


@dataclass(frozen=True)
class NoWay:
    """There is no choice for a layer; as a string, for what there is no room."""

    search: _Search
    layer: str

    def __str__(self) -> str:
        return self.search.lacking(self.layer)


class _Search:
    """Choices for one period. `parts` of a tensor: so many cores of a cascade share what its
    readers read of it."""

    def __init__(
        self,
        graph: Graph,
        ways: Ways,
        period: int,
        terms: Terms,
        prices: Prices,
        limits: Limits | None,
    ) -> None:
        self._graph = graph
        self._ways = ways
        self._period = period
        self._terms = terms
        self._prices = prices
        self._apart = limits.apart if limits else set[str]()
        self._layers = {layer.name: layer for layer in graph.layers}
        self._readers: dict[str, list[Layer]] = {layer.name: [] for layer in graph.layers}
        for layer in graph.layers:
            for name in layer.inputs:
                self._readers.setdefault(name, []).append(layer)
        self._lanes = {name: self._least_lanes(name) for name in self._readers}
        self.parts = {
            name: 1 if limits is None or name in limits.whole else self._parts(name)
            for name in self._readers
        }
        self.parts.update(terms.lanes)
        self._chosen: dict[str, Chosen] = {}

    def run(self) -> dict[str, Chosen] | str:
        """A choice for each layer, or the name of one for which there is none."""
        chosen = self._chosen
        # A reader limits in how many streams a result may come, so the last layer is first.
        for layer in reversed(self._graph.layers):
            taken = self._choose(layer, chosen)
            if taken is None:
                return layer.name
            chosen[layer.name] = taken
        return {layer.name: chosen[layer.name] for layer in self._graph.layers}

    def lacking(self, name: str) -> str:
        """For what there is no room, where `run` gave this layer's name."""
        maker, room = self._layers[name], self._terms.slab_bytes
        ways = self._ways[name]
        if not ways:
            return f"layer '{name}' within {self._period:,} AIE cycles for an image"
        if not any(self._takes_parts(maker, option) for option in ways):
            return (
                f"layer '{name}' with its inputs in the parts of channels that others read or make"
            )
        if self._must_gather(maker) and not any(
            can_gather(maker, way, self._terms) for way in ways
        ):
            return f"layer '{name}', whose input takes longer than the period in one stream"
        for reader in self._readers[name]:
            taken = self._chosen[reader.name]
            least = min(max(_slabs(maker, way, reader, taken)) for way in ways)
            if least > room:
                what = rows_read(name, reader)
                return f"{what}: {least:,} bytes of a memtile, where {room:,} are left"
        return f"layer '{name}' with its result in the parts of channels and rows that others read"

    def in_the_way(self, name: str) -> list[str]:
        """Tensors that a layer reads or makes."""
        return [*self._layers[name].inputs, name]

    def _least_lanes(self, name: str) -> int:
        """Streams in which a tensor comes at least, at a word a cycle each."""
        maker = self._layers.get(name)
        if maker is None:
            return self._terms.lanes.get(name, 1)
        words = stored_words(maker.output)
        return next((n for n in LANES if n * self._period >= words), LANES[-1])

    def _parts(self, name: str) -> int:
        """Into how many parts the fewest cores go, for all that read all channels of a tensor."""
        maker = self._layers.get(name)
        readers = [layer for layer in self._readers[name] if not layer.channelwise]
        if maker is None or any(reader.input != maker.output for reader in self._readers[name]):
            return 1
        costs: dict[int, int] = {}
        for parts in (parts for parts in CASCADES if parts >= self._lanes[name]):
            found = [self._least(reader, parts) for reader in readers]
            # More than two cores fill a column with fewer that send: only where nothing else is.
            if found and None not in found and (parts <= 2 or not costs):
                costs[parts] = sum(cost for cost in found if cost is not None)
        return min(costs, key=lambda parts: (costs[parts], parts)) if costs else 1

    def _least(self, layer: Layer, parts: int) -> int | None:
        fit = (option for option in self._ways[layer.name] if option.cascade == parts)
        cheapest = next(fit, None)
        return None if cheapest is None else self._prices.of(layer, cheapest)

    def _choose(self, layer: Layer, chosen: Mapping[str, Chosen]) -> Chosen | None:
        readers, gathers = self._readers[layer.name], self._must_gather(layer)
        for option in self._ways[layer.name]:
            if not self._takes_parts(layer, option):
                continue
            if gathers and not can_gather(layer, option, self._terms):
                continue
            message = _message(option, readers, chosen)
            if not message or not all(
                size <= self._terms.slab_bytes
                for reader in readers
                for size in _slabs(layer, option, reader, chosen[reader.name])
            ):
                continue
            for lanes in LANES:
                if option.lane_cycles(lanes) <= self._period and _can_come(
                    layer, option, lanes, message, readers, chosen
                ):
                    return Chosen(option, lanes, message, gathers)
        return None

    def _must_gather(self, layer: Layer) -> bool:
        """Whether an input of the network would be too slow in one stream, at a word a cycle."""
        return stored_words(layer.input) > self._period and any(
            name not in self._layers and name not in self._terms.lanes for name in layer.inputs
        )

    def _takes_parts(self, layer: Layer, option: Option) -> bool:
        """Whether it reads its operands in the parts in which they come."""
        for name in layer.inputs:
            parts = self.parts[name]
            # What comes from DDR is in no smaller parts than its lanes.
            from_ddr = name not in self._layers
            if layer.channelwise and from_ddr and option.channel_groups != self._lanes[name]:
                return False
            if option.cascade != parts and not layer.channelwise:
                return False
            apart = max(self._lanes[name], parts if name in self._apart else 1)
            if layer.channelwise and option.channel_groups % apart:
                return False
        return True


def can_gather(layer: Layer, option: Option, terms: Terms) -> bool:
    """Whether an input can come to each group of rows in a stream of its own, window by window."""
    if not terms.gather or layer.channelwise or layer.activations > 1 or option.cascade > 1:
        return False
    size = gathered_bytes(deal_of(layer, option), layer.columns.size * layer.in_channels)
    few = option.tiles <= MOST_SENDS and option.groups <= MOST_GATHERED
    return few and slab_bytes(windows_of(option), option.tiles, size) <= terms.slab_bytes


@dataclass(frozen=True)
class Prices:
    """What a core, one that sends, and a stream count, where choices are compared."""

    core: int
    sender: int
    stream: int

    def of(self, layer: Layer, option: Option) -> int:
        """What a choice takes of the array."""
        return (
            self.core * option.cores
            + self.sender * option.senders
            + self.stream * option.streams(layer)
        )


PRICES = (Prices(3, 6, 4), Prices(3, 18, 4), Prices(3, 1, 0))
"""Those that are tried. Of a column's 8 cores 4 can send, and 6 streams lead there (AM020): the
first are in 24ths of a column. The others are for where there are too few senders, or cores."""


def cheapest_first(layer: Layer, ways: Sequence[Option], prices: Prices) -> list[Option]:
    """Ways in the order in which `balance` tries them."""
    return sorted(
        ways,
        key=lambda option: (
            prices.of(layer, option),
            option.channel_groups,
            option.stage_cycles,
        ),
    )


def _slabs(maker: Layer, option: Option, reader: Layer, chosen: Chosen) -> Iterator[int]:
    """Bytes of a memtile for what each group of the reader's cores reads, in whole messages."""
    taken, step = chosen.option, option.call.rows
    deal = deal_of(reader, taken)
    bands = bands_of(reader, taken, maker.output[:2], source_of(maker, option))
    for group in range(taken.groups):
        first, end = part_rows(deal, group, bands)
        rows = round_up(end, step) - first // step * step
        size = rows * reader.columns.size * _part(reader, taken)
        yield slab_bytes(bands, least_depth(bands, size), size)


def _pixels(layer: Layer) -> int:
    """Pixels of a layer's result."""
    return layer.output[0] * layer.output[1]


def _part(reader: Layer, taken: Option) -> int:
    """Channels that a core reads."""
    return taken.call.out_channels if reader.channelwise else reader.in_channels // taken.cascade


def _message(option: Option, readers: Sequence[Layer], chosen: Mapping[str, Chosen]) -> int:
    """Channels of a message that each reader keeps or drops wholly; 0: there are none such."""
    made = option.call.out_channels
    parts = [_part(reader, chosen[reader.name].option) for reader in readers]
    message = min([made, *parts])
    if message == made:
        return made
    # A core's descriptor has three dimensions for channels, pixels and parts (AM020).
    pixels = option.call.rows * option.call.columns
    return 0 if made % message or pixels > MOST_COUNT else message


def _can_come(
    layer: Layer,
    option: Option,
    lanes: int,
    message: int,
    readers: Sequence[Layer],
    chosen: Mapping[str, Chosen],
) -> bool:
    """Whether all readers can take the result in so many streams: each part of an operand comes
    whole in one of them, in messages that are wholly the part's."""
    if option.channel_groups % lanes or option.senders % lanes:
        return False
    # A shim has descriptors for one part of the channels of all pixels, or for all of one.
    if layer.given and (
        lanes != (option.channel_groups if _pixels(layer) > 1 else 1)
        or not source_of(layer, option).exact
    ):
        return False
    # The last group may have fewer channels than others.
    if message < option.call.out_channels and layer.output[2] % message:
        return False
    lane_channels = option.channel_groups // lanes * option.call.out_channels
    return all(
        _can_take(reader, chosen[reader.name].option, layer, option, lane_channels, lanes, message)
        for reader in readers
    )


def _can_take(
    reader: Layer,
    taken: Option,
    layer: Layer,
    option: Option,
    lane_channels: int,
    lanes: int,
    message: int,
) -> bool:
    part, tiles = layer.output[2], option.tiles * option.groups
    if taken.cascade > 1 or (reader.channelwise and taken.channel_groups > 1):
        part = _part(reader, taken)
        even = part % message == 0 and lane_channels % part == 0
        if not even or reader.input != layer.output:
            return False
        # Of each tile some messages are kept and others dropped, which takes two descriptors.
        if lane_channels > part and 2 * tiles > MOST_TILES:
            return False
    elif lanes > 1:
        return False
    # Messages of many pixels, or the last one of fewer channels, take descriptors of their own.
    uneven = layer.output[2] % message > 0
    many = option.call.rows * option.call.columns > MOST_PIXELS
    in_parts = part > message and (many or uneven)
    return not in_parts or (1 + uneven) * tiles <= MOST_TILES
