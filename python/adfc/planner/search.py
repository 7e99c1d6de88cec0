"""The search for each layer's schedule: every legal split is costed, the cheapest is taken.

Bounded and deterministic: the candidates are enumerated in a fixed order and ties go to the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from adfc.errors import CapacityError, DeviceError
from adfc.planner import cost, fit
from adfc.planner.cost import Call, LayerCost, Traffic, Trips
from adfc.planner.fit import Overflow, Split
from adfc.planner.graph import OUT_CHANNEL_MULTIPLE, WORD, Graph, Layer, ceil_div, round_up
from adfc.planner.schedule import LayerSchedule, Schedule
from adfc.spec.devices import Device

ROUNDS = (1, 2, 4, 8, 16, 32)
"""Into how many phases a layer may be cut where its input or output exceeds the memtiles."""


DEPTHS = ((2, 2, 2), (2, 1, 2), (1, 2, 2), (1, 1, 2), (1, 1, 1))
"""Buffers of the (activation, weights, output) windows that are tried."""


@dataclass(frozen=True)
class Candidate:
    """A schedule and its estimated cost."""

    cost: LayerCost
    schedule: LayerSchedule

    @property
    def cycles(self) -> int:
        """Estimated AIE cycles of the whole layer."""
        return self.cost.cycles


def plan(
    graph: Graph, device: Device, *, tiles: int, avoid: Sequence[tuple[int, int]] = ()
) -> Schedule:
    """Schedule every layer of `graph` on at most `tiles` core tiles of `device`.

    Raises DeviceError where the device has not so many tiles left, and CapacityError where a layer
    fits in no way: it names the memory and by how much the closest way exceeds it.
    """
    return plan_layers(graph, device, tiles=tiles, avoid=avoid)[0]


def plan_layers(
    graph: Graph, device: Device, *, tiles: int, avoid: Sequence[tuple[int, int]] = ()
) -> tuple[Schedule, int]:
    """What `plan` makes, and the modelled AIE cycles of all layers one after the other."""
    check_tiles(device, tiles, avoid)
    known: dict[Layer, Candidate] = {}
    layers: dict[str, LayerSchedule] = {}
    cycles = 0
    for layer in graph.layers:
        shape = layer.shape()
        if shape not in known:
            known[shape] = _choose(layer, device, tiles)
        layers[layer.name] = known[shape].schedule
        cycles += known[shape].cycles
    return Schedule(device.name, tiles, tuple(avoid), layers), cycles


def misfits(graph: Graph, device: Device, *, tiles: int) -> tuple[CapacityError, ...]:
    """What is wrong with each layer that fits `device` in no way; none for a graph that fits."""
    found: dict[Layer, CapacityError] = {}
    for layer in graph.layers:
        try:
            if layer.shape() not in found:
                _choose(layer, device, tiles)
        except CapacityError as error:
            found[layer.shape()] = error
    return tuple(found.values())


def check_tiles(device: Device, tiles: int, avoid: Sequence[tuple[int, int]]) -> None:
    """Raise DeviceError where `avoid` names no core tile, or fewer than `tiles` are left."""
    first, count = device.core_rows
    for column, row in avoid:
        if not (0 <= column < device.columns and first <= row < first + count):
            raise DeviceError(
                f"{device.name} has no core tile {column},{row} to avoid",
                hint=f"columns 0..{device.columns - 1}, rows {first}..{first + count - 1}",
            )
    left = device.core_tiles - len(set(avoid))
    if not 1 <= tiles <= left:
        raise DeviceError(
            f"{tiles} core tiles asked for, {device.name} has {left} that may be used",
            hint=f"use --tiles 1..{left}",
        )


def _choose(layer: Layer, device: Device, tiles: int) -> Candidate:
    closest: Overflow | None = None
    for rounds in ROUNDS:
        if rounds > layer.output[0]:
            break
        best: Candidate | None = None
        for outcome in _candidates(layer, device, tiles, rounds):
            if isinstance(outcome, Overflow):
                closest = min(closest or outcome, outcome, key=_distance)
            elif best is None or outcome.cycles < best.cycles:
                best = outcome
        if best is not None:
            return best
    if closest is None:
        closest = Overflow("DMA padding or repeat fields", 1)
    raise CapacityError(
        f"layer '{layer.name}' ({layer.kind}, {layer.location}) does not fit {device.name}: "
        f"{closest.what} is exceeded by {closest.over:,}"
        + (" bytes" if "memory" in closest.what else ""),
        hint="use a smaller input, fewer channels, or a larger device",
    )


def candidates(layer: Layer, device: Device, tiles: int) -> list[Candidate]:
    """All that `plan` chooses from for `layer`: those with the fewest rounds that have any."""
    for rounds in ROUNDS:
        if rounds > layer.output[0]:
            break
        outcomes = _candidates(layer, device, tiles, rounds)
        found = [outcome for outcome in outcomes if isinstance(outcome, Candidate)]
        if found:
            return found
    return []


def candidate_of(layer: Layer, schedule: LayerSchedule, device: Device) -> Candidate:
    """What `schedule`, which fits, is estimated to cost."""
    height, _, channels = layer.output
    call = Call(*schedule.tile)
    spatial_groups, channel_groups = schedule.grid
    rows = round_up(ceil_div(ceil_div(height, schedule.rounds), spatial_groups), call.rows)
    columns = round_up(layer.output[1], call.columns)
    out_tiles = ceil_div(layer.in_channels if layer.channelwise else channels, call.out_channels)
    trips = Trips(
        ceil_div(out_tiles, channel_groups),
        (rows // call.rows) * (columns // call.columns),
        1 if layer.channelwise else layer.in_channels // call.in_channels,
        layer.weight_strips,
    )
    split = Split(spatial_groups, channel_groups, schedule.rounds, rows, columns, call, trips)
    return _candidate(
        layer,
        split,
        depth=schedule.depth,
        memtiles=schedule.memtiles,
        cycles=schedule.cycles,
        device=device,
    )


def _distance(overflow: Overflow) -> tuple[bool, int]:
    """How far from a fit: a call that fits a core tile has come further than one that does not."""
    return overflow.what == fit.CORE_MEMORY, overflow.over


def _candidates(
    layer: Layer, device: Device, tiles: int, rounds: int
) -> Iterator[Candidate | Overflow]:
    for call in _calls(layer, rounds):
        depths = _depths(layer, call, device)
        if not depths:
            least = fit.core_bytes(layer, call, DEPTHS[-1])
            yield Overflow(fit.CORE_MEMORY, least - device.core.data_bytes)
            continue
        cycles = cost.call_cycles(layer, call, device)
        for split in _splits(layer, call, tiles, rounds):
            outcome = _judge(layer, split, device)
            if isinstance(outcome, Overflow):
                yield outcome
            elif outcome is not None:
                for depth in depths:
                    yield _candidate(
                        layer, split, depth=depth, memtiles=outcome, cycles=cycles, device=device
                    )


def _depths(layer: Layer, call: Call, device: Device) -> list[tuple[int, int, int]]:
    """The depths of rings that fit a core tile; double buffers alone where they all do."""
    fitting = [d for d in DEPTHS if fit.core_bytes(layer, call, d) <= device.core.data_bytes]
    return fitting[:1] if DEPTHS[0] in fitting else fitting


def _calls(layer: Layer, rounds: int) -> Iterator[Call]:
    """Sizes of one kernel call, large ones first."""
    height, width, channels = layer.output
    rows = ceil_div(height, rounds)
    for out_channels in _out_channels(layer, channels):
        for in_channels in _in_channels(layer, out_channels):
            for columns in [1] if layer.column_weights else _shares(width):
                for tile_rows in _shares(rows):
                    yield Call(tile_rows, columns, out_channels, in_channels)


def _shares(size: int) -> list[int]:
    """The sizes that ceil(size / n) takes, n = 1, 2, ...: no other cut is evener."""
    return sorted({ceil_div(size, parts) for parts in range(1, size + 1)}, reverse=True)


def _divisors(words: int) -> list[int]:
    return [d for d in range(words, 0, -1) if words % d == 0]


def _out_channels(layer: Layer, channels: int) -> list[int]:
    if layer.channelwise and layer.all_channels:
        return [layer.in_channels]
    if layer.channelwise:
        return [WORD * d for d in _divisors(layer.in_channels // WORD)]
    widest = round_up(channels, OUT_CHANNEL_MULTIPLE)
    if layer.all_channels:
        return [widest]
    return [w for w in (128, 64, 32, 16) if w <= widest] or [widest]


def _in_channels(layer: Layer, out_channels: int) -> list[int]:
    if layer.channelwise:
        return [out_channels]
    if layer.all_channels:
        return [layer.in_channels]
    return [WORD * d for d in _divisors(layer.in_channels // WORD)][:6]


def _splits(layer: Layer, call: Call, tiles: int, rounds: int) -> Iterator[Split]:
    height, width, channels = layer.output
    rows_in_round = ceil_div(height, rounds)
    chunks = 1 if layer.channelwise else layer.in_channels // call.in_channels
    columns = round_up(width, call.columns)
    out_tiles = ceil_div(layer.in_channels if layer.channelwise else channels, call.out_channels)
    for gs, rows in _groups(rows_in_round, call.rows, tiles):
        spatial = (rows // call.rows) * (columns // call.columns)
        # A group of channels would need its own activations where channels stay apart.
        for gc, group_tiles in (
            [(1, out_tiles)] if layer.channelwise else _groups(out_tiles, 1, tiles // gs)
        ):
            trips = Trips(group_tiles, spatial, chunks, layer.weight_strips)
            yield Split(gs, gc, rounds, rows, columns, call, trips)


def _groups(size: int, step: int, most: int) -> Iterator[tuple[int, int]]:
    """Ways to give `size` positions to at most `most` groups: (groups, positions of each group).

    Positions are whole multiples of `step`; every group has some, and no two ways give as many.
    """
    seen: set[int] = set()
    for groups in range(1, most + 1):
        each = round_up(ceil_div(size, groups), step)
        used = ceil_div(size, each)
        if each not in seen:
            seen.add(each)
            yield used, each


def _judge(layer: Layer, split: Split, device: Device) -> tuple[int, int] | Overflow | None:
    """The (slabs, joins) that a split needs; an Overflow, or None where it is not possible."""
    if not fit.window_fits(layer, split, device) or not _repeats_fit(split, device):
        return None
    channels = len(device.noc_columns)
    weight_streams = split.channel_groups if layer.has_weights else 0
    most_slabs = channels * device.shim.mm2s_channels - weight_streams
    most_joins = channels * device.shim.s2mm_channels
    cores = split.spatial_groups * split.channel_groups
    slabs = _spread(
        ceil_div(split.spatial_groups, fit.STREAMS_PER_MEMTILE),
        min(split.spatial_groups, most_slabs),
        lambda count: fit.slab_overflow(layer, split, count, device),
    )
    joins = _spread(
        ceil_div(cores, fit.STREAMS_PER_MEMTILE),
        min(cores, most_joins),
        lambda count: fit.join_overflow(split, count, device),
    )
    if isinstance(slabs, Overflow):
        return slabs
    if isinstance(joins, Overflow):
        return joins
    return None if slabs is None or joins is None else (slabs, joins)


def _spread(
    least: int, most: int, overflow: Callable[[int], Overflow | None]
) -> int | Overflow | None:
    """The fewest memtiles that hold it; the least Overflow, or None where there are not so many."""
    closest: Overflow | None = None
    for count in range(least, most + 1):
        closest = overflow(count)
        if closest is None:
            return count
    return closest


def _repeats_fit(split: Split, device: Device) -> bool:
    """Whether repeat counts, iterations and queues of the DMAs' tasks hold the loop nest."""
    pushes = fit.PUSHES << device.core.repeat_bits
    trips = split.trips
    # Weights that come again for each spatial tile are a task for each tile of output channels.
    weight_tasks = trips.out_tiles if trips.chunks > 1 and trips.spatial > 1 else 1
    return (
        trips.calls <= pushes and trips.out_tiles <= fit.LOCK_LIMIT and weight_tasks <= fit.PUSHES
    )


def _candidate(
    layer: Layer,
    split: Split,
    *,
    depth: tuple[int, int, int],
    memtiles: tuple[int, int],
    cycles: int,
    device: Device,
) -> Candidate:
    slabs, joins = memtiles
    slab = fit.slab_bytes(layer, split, slabs)
    height, width, channels = layer.output
    weights = split.trips.weight_blocks * split.call.weights_bytes(layer)
    cores = split.spatial_groups * split.channel_groups
    weight_streams = split.channel_groups if weights else 0
    estimate = cost.layer_cost(
        layer,
        split.call,
        split.trips,
        depth=depth,
        traffic=Traffic(
            slab=slab,
            slabs=slabs * slab,
            join=fit.join_bytes(split, joins),
            output=height * width * round_up(channels, WORD) // split.rounds,
            weights=weights * split.channel_groups,
        ),
        cycles=cycles,
        control=cost.control_cycles(cores, slabs, joins, weight_streams, device),
        rounds=split.rounds,
        device=device,
    )
    schedule = LayerSchedule(
        grid=(split.spatial_groups, split.channel_groups),
        tile=(
            split.call.rows,
            split.call.columns,
            split.call.out_channels,
            split.call.in_channels,
        ),
        depth=depth,
        memtiles=memtiles,
        rounds=split.rounds,
        cycles=cycles,
    )
    return Candidate(estimate, schedule)
