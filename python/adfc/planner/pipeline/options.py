"""Ways to split one layer over cores, and how long they take for an image.

A stage's time for an image is that of its busiest part: a core, a stream to it, or the stream in
which its result leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from adfc.planner import cost, fit
from adfc.planner.cost import Call, Trips
from adfc.planner.fit import Split
from adfc.planner.graph import OUT_CHANNEL_MULTIPLE, WORD, Graph, Layer, ceil_div, round_up
from adfc.planner.kernel_cost import cascade_bytes, handover_cycles
from adfc.planner.pipeline.chains import Chain
from adfc.spec.devices import Device

MOST_GROUPS = 16
"""Groups of rows, and of channels, that are tried at most: a lane cannot take more streams."""

LEAST_DEPTH = 2
"""Images, or bands of rows, that a slab holds: one that comes, and one that is read."""

CASCADES = (1, 2, 4)
"""Cores that make a sum one after the other."""

MOST_WEIGHTS = 256 * 1024
"""Bytes of a layer's weights in one memtile: half of it, the rest is for slabs."""

MOST_WORDS = 16383
"""Words of one of a core's buffer descriptors (AM025: 14 bits)."""

MOST_COUNT = 255
"""What a field of a core's buffer descriptors can count to (AM025: 8 bits)."""

LOCK_STEPS = 6
"""Lock requests of a core for each call: taking and giving back three windows."""


@dataclass(frozen=True)
class Option:
    """A layer on `groups` x `channel_groups` x `cascade` cores: tiles of rows are dealt out to the
    groups of rows in turn, each gets `tiles` of them, in `chunks` parts for each core. The cores of
    a cascade share the input channels, and the last one sends.

    `depth`: buffers of a core's (activation, weights, output) windows; `call_cycles`: modelled AIE
    cycles of a call; `core_cycles`, `act_words`, `weight_words`: of an image, for each core;
    `result_words`: of an image, all of the result. `handover`: cycles of a call that copies sums
    between memory and the cascade, 0 where there is none; `tail_cycles`: of a call of the pooling
    that is chained to the layer, 0 where there is none. `paired`: every second core has its result
    in memory of the one before it, which sends both.
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
    cascade: int = 1
    handover: int = 0
    tail_cycles: int = 0
    paired: bool = False

    @property
    def cores(self) -> int:
        """Core tiles in use."""
        return self.groups * self.channel_groups * self.cascade

    @property
    def together(self) -> int:
        """Cores whose results one of them sends."""
        return 2 if self.paired else 1

    @property
    def rows(self) -> int:
        """Rows of a column that a core that sends stands in, with those for which it does."""
        return self.cascade * self.together

    @property
    def senders(self) -> int:
        """Core tiles that send a part of the result."""
        return self.groups * self.channel_groups // self.together

    @cached_property
    def stage_cycles(self) -> int:
        """AIE cycles for an image, without the way out of the stage."""
        return max(self.core_cycles, self.act_words, self.weight_words)

    def shares_weights(self, layer: Layer) -> bool:
        """Whether all cores with weights from one memtile get them in one stream: those that keep
        them do, where a descriptor can drop the others'."""
        return self.chunks == 1 and self._shared_scrap(layer) is not None

    def weight_groups(self, layer: Layer) -> int:
        """Groups of channels whose weights one memtile keeps: of those that are sent for each
        image, one, as each takes a channel of it."""
        most = groups_in_part(self.group_bytes(layer)) if self.chunks == 1 else 1
        return min(self.channel_groups, most)

    def group_bytes(self, layer: Layer) -> int:
        """Bytes of the weights of a group of channels."""
        return self.cascade * self.chunks * self.call.weights_bytes(layer)

    def weights_bytes(self, layer: Layer) -> int:
        """Bytes of all weights of the layer, as memtiles keep them."""
        return self.channel_groups * self.group_bytes(layer)

    def streams(self, layer: Layer) -> int:
        """Streams that lead to its cores."""
        parts = self.channel_groups if layer.channelwise else self.cascade
        found = layer.activations * self.groups * parts
        if not layer.has_weights:
            return found
        if self.shares_weights(layer):
            return found + ceil_div(self.channel_groups, self.weight_groups(layer))
        return found + self.channel_groups * self.cascade

    def _shared_scrap(self, layer: Layer) -> int | None:
        block = self.call.weights_bytes(layer)
        return shared_scrap(block // WORD, self.weight_groups(layer) * self.cascade)

    def rows_read(self, layer: Layer, group: int) -> tuple[int, int]:
        """The input rows [first, end) that a group of rows reads."""
        last_valid = (layer.output[0] - 1) // self.call.rows
        last = min((self.tiles - 1) * self.groups + group, last_valid) * self.call.rows
        end = layer.rows.first(last) + layer.rows.extent(self.call.rows)
        return max(0, layer.rows.first(group * self.call.rows)), min(layer.rows.size, end)

    def lane_cycles(self, lanes: int) -> int:
        """AIE cycles that the result takes in so many streams, one word a cycle."""
        return ceil_div(self.result_words, lanes)


Ways = Mapping[str, Sequence[Option]]
"""Those of each layer by its name; layers of one shape share theirs."""


def of_each_shape(
    graph: Graph, ways: Ways, make: Callable[[Layer, Sequence[Option]], list[Option]]
) -> dict[str, list[Option]]:
    """What is made of the ways of a graph's layers, once where layers share theirs: they share what
    is made, too."""
    made: dict[int, list[Option]] = {}
    for layer in graph.layers:
        shared = ways[layer.name]
        if id(shared) not in made:
            made[id(shared)] = make(layer, shared)
    return {layer.name: made[id(ways[layer.name])] for layer in graph.layers}


def options(layer: Layer, device: Device, *, chain: Chain | None = None) -> list[Option]:
    """All ways that fit, with the fewest cores first; ties as they are enumerated. `chain`: where
    the layer is one."""
    found = [
        option
        for share in _shares(layer, chain)
        if _can_be_told(layer, share, device)
        for option in _both(layer, share, device, chain)
    ]
    best = _best_chunks(layer, found)
    return sorted(best, key=lambda option: (option.cores, option.stage_cycles))


def _best_chunks(layer: Layer, found: Sequence[Option]) -> list[Option]:
    """Without those that differ from a faster one in the chunks of a core only, and have no fewer
    streams."""
    best: dict[object, list[Option]] = {}
    for option in sorted(found, key=lambda option: option.stage_cycles):
        call, streams = option.call, option.streams(layer)
        grid = option.groups, option.channel_groups, option.cascade, option.paired
        alike = best.setdefault((grid, call.rows, call.out_channels), [])
        if all(streams < other.streams(layer) for other in alike):
            alike.append(option)
    return [option for alike in best.values() for option in alike]


def least_core_bytes(layer: Layer, device: Device) -> int:
    """Bytes that a layer takes of each core tile at least: of the splits that descriptors can be
    told, or where there are none, of all."""
    shares = list(_shares(layer))
    told = [share for share in shares if _can_be_told(layer, share, device)]
    return min(
        _core_bytes(layer, share, _depths(share[1])[-1], None, paired=False)
        for share in told or shares
    )


Share = tuple[Split, int, int]
"""A split, the chunks of each core, and the cores of a cascade."""


def _shares(layer: Layer, chain: Chain | None = None) -> Iterator[Share]:
    """Of a chain those in which each call sees all input channels."""
    if chain:
        yield from ((split, 1, 1) for split, chunks in _splits(layer) if chunks == 1)
        return
    cascades = CASCADES if layer.adds_up else CASCADES[:1]
    for split, chunks in _splits(layer):
        for cascade in cascades:
            if chunks % cascade == 0:
                yield split, chunks // cascade, cascade


def _can_be_told(layer: Layer, share: Share, device: Device) -> bool:
    """Whether descriptors and the cascade can do it, whatever memory it takes."""
    split, _, cascade = share
    # Tiles below the last row read what the last one above it does.
    rows = round_up(layer.output[0], split.call.rows)
    one = replace(split, spatial_groups=1, rows=rows)
    fits_cascade = cascade == 1 or split.call.accumulator_bytes(layer) <= cascade_bytes()
    return fits_cascade and fit.window_fits(layer, one, device)


def _can_pair(share: Share) -> bool:
    """Cores of a cascade stand one above the other, so those with results are no neighbours."""
    split, _, cascade = share
    return cascade == 1 and split.spatial_groups * split.channel_groups % 2 == 0


def _depths(chunks: int) -> tuple[tuple[int, int, int], ...]:
    """Buffers of (activation, weights, output) windows, the most first."""
    weights = 1 if chunks == 1 else 2
    return (2, weights, 2), (2, weights, 1)


@cache
def scrap_bytes(words: int) -> int | None:
    """Of a window of a core for so many words that nobody reads: runs of them, one word apart; None
    where no descriptor can do that. The same as in lib/Transforms/Pipeline/PipelineStore.cpp."""
    sums = [
        a + b + words // a // b
        for a in range(1, min(words, MOST_COUNT) + 1)
        if words % a == 0
        for b in range(1, min(words // a, MOST_COUNT) + 1)
        if words // a % b == 0 and words // a // b <= MOST_COUNT
    ]
    return WORD * (min(sums) - 2) if sums else None


@cache
def shared_scrap(words: int, blocks: int) -> int | None:
    """Bytes for what a core drops of a stream with so many cores' weights, `words` for each; None
    where no descriptor can do that, so that each core has a stream of its own."""
    if words > MOST_WORDS:
        return None
    dropped = range(1, min(blocks, MOST_WORDS // words + 1))
    sizes = [scrap_bytes(words * block) for block in dropped]
    return None if None in sizes else max((size for size in sizes if size is not None), default=0)


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


def _core_bytes(
    layer: Layer,
    share: Share,
    depth: tuple[int, int, int],
    chain: Chain | None,
    *,
    paired: bool,
) -> int:
    """Of a core, where they are `paired` of one that sends another's results, too."""
    split, chunks, cascade = share
    call, size = split.call, fit.core_bytes(layer, split.call, depth)
    if paired:
        size += depth[2] * round_up(call.output_bytes(), fit.BUFFER_ALIGNMENT)
    if chain:
        size += round_up(chain.inner(call).output_bytes(), fit.BUFFER_ALIGNMENT)
    if chunks > 1:
        return size
    # Sums of two cores are in no buffer; other cores' weights come too, and are dropped.
    sums = round_up(call.accumulator_bytes(layer), fit.BUFFER_ALIGNMENT) if cascade == 2 else 0
    block = call.weights_bytes(layer)
    blocks = min(split.channel_groups, groups_in_part(cascade * block)) * cascade
    scrap = (shared_scrap(block // WORD, blocks) or 0) if block else 0
    return size - sums + round_up(scrap, fit.BUFFER_ALIGNMENT)


def groups_in_part(size: int) -> int:
    """Groups of channels, with so many bytes of weights each, that one memtile keeps."""
    return max(1, MOST_WEIGHTS // size) if size else 1


def _both(layer: Layer, share: Share, device: Device, chain: Chain | None) -> Iterator[Option]:
    """A share where each core sends its own results, and where cores are paired; those that fit."""
    found: Option | None = None
    for paired in (False, True) if _can_pair(share) else (False,):
        depth = next(
            (
                depth
                for depth in _depths(share[1])
                if _core_bytes(layer, share, depth, chain, paired=paired) <= device.core.data_bytes
            ),
            None,
        )
        if depth is None:
            return
        found = found or _option(layer, share, device, chain)
        # Where there is one buffer for results, it is written when those before are sent.
        sent = found.call.output_bytes() // WORD * (2 if paired else 1)
        waited = 0 if depth[2] == 2 else found.tiles * sent
        yield replace(found, depth=depth, core_cycles=found.core_cycles + waited, paired=paired)


def _option(layer: Layer, share: Share, device: Device, chain: Chain | None) -> Option:
    """Of a share, with as many buffers as a core can have at most."""
    split, chunks, cascade = share
    call, tiles = split.call, split.trips.spatial
    in_one = cascade == 2 and chunks == 1
    if chain:
        cycles, tail_cycles = chain.cycles(call, device)
    else:
        cycles = cost.call_cycles(layer, call, device, over_cascade=in_one)
        tail_cycles = 0
    handover = 0
    if cascade > 1 and not in_one:
        handover = handover_cycles(call.accumulator_bytes(layer), device)
    calls = tiles * chunks
    height, width, channels = layer.output
    streamed = 0 if chunks == 1 else calls * call.weights_bytes(layer) // WORD
    # Between the first and the last core, sums come and go.
    copies = 1 if cascade == 2 else 2
    return Option(
        call=call,
        groups=split.spatial_groups,
        channel_groups=split.channel_groups,
        tiles=tiles,
        chunks=chunks,
        depth=_depths(chunks)[0],
        call_cycles=cycles,
        core_cycles=calls * (cycles + tail_cycles + LOCK_STEPS * device.cycles("lock_cycles"))
        + tiles * copies * handover,
        act_words=calls * call.activation_bytes(layer) // WORD,
        weight_words=streamed,
        result_words=max(height, split.rows * split.spatial_groups)
        * width
        * round_up(channels, WORD)
        // WORD,
        cascade=cascade,
        handover=handover,
        tail_cycles=tail_cycles,
    )
