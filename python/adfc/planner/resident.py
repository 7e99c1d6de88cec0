"""The search for a resident program: weights and activations stay on the array.

Core tiles come in sets, whose cores receive the same activations; all tensors lie in a memtile, the
hub (or in each of several). A step does one layer, and a layer chained to it. Every core's memory
is shared out once for the whole program: two activation buffers, a ring of weights, one output
buffer, scratch. The search enumerates every legal split of each step, then takes the partition of
the cores and of their memory under which the sum of the steps is least. Bounded and deterministic;
ties go to the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adfc.planner.cost import Call, call_cycles
from adfc.planner.graph import OUT_CHANNEL_MULTIPLE, WORD, Graph, Layer, ceil_div, round_up
from adfc.planner.hub import Tensor, fits_hub
from adfc.planner.schedule import LayerSchedule, ResidentSchedule, Schedule
from adfc.planner.tape import TAPE_BYTES, Tape
from adfc.spec.devices import Device

ALIGNMENT = 64
"""Bytes: alignment of every buffer in a core tile."""

STACK_BYTES = 1024
"""Data memory left to a core's stack: assumed (the default of AMD's and mlir-aie's linkers)."""

MOST_SETS, MOST_CORES, MOST_HUBS = 6, 5, 3
"""A memtile has six channels in each direction (AM020): the hub one for each set, a join one for
each core of a set and one for inputs."""

MOST_MESSAGES = 63
"""What a lock counts to: 6 bits (AM020)."""

TASKS_OF_A_STEP = 2
"""Tasks of one channel in a step: a queue of four, and the one at work, serve two steps (AM020)."""

MOST_CHAIN = 5
"""Descriptors of one task that sends windows; where a tile has more, chunks are counted."""

WEIGHT_DEPTH = 8
"""Buffers of a core's ring of weights; a block takes a power of two of them."""

NEARLY_ALL = 0.85
"""Partitions with fewer cores than this part of the most are not tried."""

STREAM_LATENCY = 150
"""Cycles from one end of a step's way to the other without data (DMA starts, switches): assumed."""


@dataclass(frozen=True)
class Partition:
    """`sets` sets of `cores` core tiles, and `hubs` memtiles that each serve as many sets."""

    sets: int
    cores: int
    hubs: int

    @property
    def columns(self) -> int:
        """Columns of the array that it takes."""
        return self.sets * self.cores + self.sets + self.hubs


@dataclass(frozen=True)
class Memory:
    """How a core's memory is shared out, in bytes: see `ResidentSchedule`."""

    activations: int
    quantum: int
    output: int

    @property
    def ring(self) -> int:
        """Bytes of the ring of weights."""
        return self.quantum * WEIGHT_DEPTH


@dataclass(frozen=True)
class Step:
    """A layer, and the layer that is chained to it."""

    head: Layer
    tail: Layer | None = None
    skip: bool = False

    @property
    def last(self) -> Layer:
        """The layer whose output leaves the cores."""
        return self.tail or self.head


@dataclass(frozen=True)
class Split:
    """A legal way to do a step: what it takes of a core's memory (bytes), and its cycles."""

    grid: tuple[int, int]
    head: Call
    rows: int
    tiles: int
    window: int
    block: int
    output: int
    scratch: int
    compute: int
    stream_words: int
    blocks: int
    fixed: int
    control: int
    cycles: tuple[int, int]

    def total(self, memory: Memory) -> int:
        """Modelled AIE cycles of the step: fill, the busiest of core and streams, drain; not less
        than control needs to set up a step."""
        weights = self.blocks * self.quanta(memory) * memory.quantum // WORD
        return max(self.control, self.fixed + max(self.compute, self.stream_words, weights))

    def quanta(self, memory: Memory) -> int:
        """Buffers of the weight ring that a block takes."""
        return 1 << (ceil_div(self.block, memory.quantum) - 1).bit_length() if self.block else 0

    def fits(self, memory: Memory, capacity: int) -> bool:
        """Whether a core's memory, shared out so, has room for it."""
        used = 2 * memory.activations + memory.ring + round_up(memory.output, ALIGNMENT)
        last = 2 * memory.activations + memory.ring - memory.quantum + self.block
        return (
            self.window <= memory.activations
            and self.quanta(memory) <= WEIGHT_DEPTH // 2
            and self.output <= memory.output
            and used + self.scratch <= capacity
            and last <= capacity
        )


def plan_resident(
    graph: Graph, device: Device, *, tiles: int, avoid: Sequence[tuple[int, int]] = ()
) -> tuple[Schedule, int] | None:
    """The best resident schedule on at most `tiles` core tiles and its modelled AIE cycles for an
    inference, or None where there is none.

    None: the tensors do not fit the hub, the weights not the cores' memtiles, or a layer is of a
    form that a resident program cannot do.
    """
    steps = chain_layers(graph)
    if not all(_is_possible(graph, step) for step in steps):
        return None
    best: tuple[int, Schedule] | None = None
    for partition in _partitions(device, tiles, avoid):
        found = _best_under(graph, steps, partition, device)
        if found is None or (best is not None and found[0] >= best[0]):
            continue
        memory, splits = found[1], found[2]
        best = found[0], _schedule(device, tiles, avoid, partition, memory, steps, splits)
    return (best[1], best[0]) if best else None


def _is_possible(graph: Graph, step: Step) -> bool:
    """Whether a resident program knows the step's form."""
    for layer in (step.head, step.tail):
        if layer is None:
            continue
        # Weights that are computed, constants that are activations, and kernels that need all
        # channels of a pixel have no place on a tape or in a set.
        if layer.streamed is not None or layer.column_weights or layer.all_channels:
            return False
        if "" in layer.inputs:
            return False
    # The joins pass a result on to the hubs or to DDR, not to both.
    last = step.last
    return not (last.given and any(last.name in layer.inputs for layer in graph.layers))


def chain_layers(graph: Graph) -> list[Step]:
    """The graph's layers as steps, in the order in which they run.

    A layer without weights goes with the one that computes one of its operands for it alone: an
    element-wise operation of two tensors always, a pooling right behind its layer.
    """
    uses: dict[str, int] = {}
    for layer in graph.layers:
        for name in layer.inputs:
            uses[name] = uses.get(name, 0) + 1
    steps: list[Step] = []
    for layer in graph.layers:
        place = _chain_place(layer, steps, uses)
        if place is None:
            steps.append(Step(layer))
        else:
            step = steps.pop(place)
            steps.append(Step(step.head, layer, skip=layer.activations == 2))
    return steps


def _chain_place(layer: Layer, steps: list[Step], uses: dict[str, int]) -> int | None:
    if layer.has_weights or layer.activations > 2 or len(set(layer.inputs)) < layer.activations:
        return None
    if layer.activations == 1 and (layer.kind != "max_pool2d" or layer.rows.span > 4):
        return None
    for name in layer.inputs:
        for index, step in enumerate(steps):
            if step.head.name != name or step.tail or uses[name] != 1:
                continue
            if layer.activations == 1 and (index != len(steps) - 1 or not step.head.has_weights):
                continue
            return index
    return None


def _partitions(
    device: Device, tiles: int, avoid: Sequence[tuple[int, int]]
) -> Iterator[Partition]:
    """Those that use nearly as many cores as any, more sets first."""
    lowest = device.core_rows[0]
    columns = device.columns - len({column for column, row in avoid if row == lowest})
    every = (
        Partition(sets, cores, hubs)
        for sets in range(MOST_SETS, 0, -1)
        for cores in range(MOST_CORES, 0, -1)
        for hubs in range(1, min(sets, MOST_HUBS) + 1)
        if sets % hubs == 0
    )
    possible = [p for p in every if p.sets * p.cores <= tiles and p.columns <= columns]
    most = max((p.sets * p.cores for p in possible), default=0)
    yield from (p for p in possible if p.sets * p.cores > NEARLY_ALL * most)


def _best_under(
    graph: Graph, steps: list[Step], partition: Partition, device: Device
) -> tuple[int, Memory, list[Split]] | None:
    known: dict[tuple[Step, bool, bool], list[Split]] = {}
    options: list[list[Split]] = []
    outputs = graph.outputs
    for step in steps:
        key = Step(step.head.shape(), step.tail.shape() if step.tail else None, step.skip)
        final = step.last.name in outputs
        # A reader that sees another shape needs the bytes without gaps.
        exact = step.skip or any(
            step.last.name in layer.inputs and layer.input != step.last.output
            for layer in graph.layers
        )
        if (key, final, exact) not in known:
            known[key, final, exact] = list(
                _splits(step, partition, device, final=final, exact=exact)
            )
        splits = known[key, final, exact]
        if not splits:
            return None
        options.append(splits)
    best: tuple[int, Memory, list[Split]] | None = None
    capacity = device.core.data_bytes - STACK_BYTES
    for memory in _memories(capacity):
        chosen = _choose(options, memory, capacity)
        if chosen is None:
            continue
        total = sum(split.total(memory) for split in chosen)
        if (best is None or total < best[0]) and _fits_array(
            graph, steps, chosen, partition, memory, device
        ):
            best = total, memory, chosen
    return best


def _memories(capacity: int) -> Iterator[Memory]:
    for activations in (8192, 10240, 12288, 14336, 15360, 16384, 18432, 20480, 24576):
        for quantum in (640, 1216, 2432, 3072):
            for output in (1024, 1792, 2304, 3584, 4608):
                memory = Memory(activations, quantum, output)
                if 2 * activations + memory.ring + output <= capacity:
                    yield memory


def _choose(options: list[list[Split]], memory: Memory, capacity: int) -> list[Split] | None:
    known: dict[int, Split] = {}
    for splits in options:
        if id(splits) in known:
            continue
        fitting = [split for split in splits if split.fits(memory, capacity)]
        if not fitting:
            return None
        known[id(splits)] = min(fitting, key=lambda split: split.total(memory))
    return [known[id(splits)] for splits in options]


def _splits(
    step: Step, partition: Partition, device: Device, *, final: bool, exact: bool
) -> Iterator[Split]:
    height, width, channels = step.last.output
    for groups in range(1, partition.sets + 1):
        if partition.sets % groups:
            continue
        cores = partition.sets // groups * partition.cores
        for grid_channels, tile_channels, parts in _channel_splits(
            step, channels, cores, final=final, exact=exact
        ):
            for rows in sorted({ceil_div(ceil_div(height, groups), n) for n in range(1, 17)}):
                for chunk in _chunks(step.head):
                    split = _split(
                        step,
                        partition,
                        device,
                        grid=(groups, grid_channels),
                        call=Call(rows, width, tile_channels, chunk),
                        parts=parts,
                    )
                    if split is not None:
                        yield split


def _channel_splits(
    step: Step, channels: int, cores: int, *, final: bool, exact: bool
) -> Iterator[tuple[int, int, int]]:
    """(groups of channels, channels of a tile, tiles of a core)."""
    padded = round_up(channels, WORD)
    if step.head.channelwise:
        for groups in range(1, cores + 1):
            if padded % (WORD * groups) == 0:
                yield groups, padded // groups, 1
        return
    for tile in (16, 32, 48, 64):
        if tile > round_up(channels, OUT_CHANNEL_MULTIPLE):
            continue
        seen: set[int] = set()
        for groups in range(1, cores + 1):
            parts = ceil_div(ceil_div(padded, tile), groups)
            used = ceil_div(ceil_div(padded, tile), parts)
            if parts > 8 or used in seen:
                continue
            seen.add(used)
            over = used * parts * tile - padded
            if (exact and over) or (final and over >= tile):
                continue
            yield used, tile, parts


def _chunks(head: Layer) -> list[int]:
    if head.channelwise:
        return [head.in_channels]
    words = head.in_channels // WORD
    return [WORD * d for d in range(words, 0, -1) if words % d == 0][:7]


def _split(
    step: Step,
    partition: Partition,
    device: Device,
    *,
    grid: tuple[int, int],
    call: Call,
    parts: int,
) -> Split | None:
    """What one split takes; None where the array's descriptors, locks or queues cannot do it."""
    head, last = step.head, step.last
    height, width, _ = last.output
    rows_of_group = round_up(ceil_div(height, grid[0]), call.rows)
    groups = ceil_div(height, rows_of_group)
    tiles = rows_of_group // call.rows
    chunks = 1 if head.channelwise else head.in_channels // call.in_channels
    if groups != grid[0]:
        return None
    cores = min(partition.cores, grid[1])
    inner = Call(
        last.rows.window(call.rows) if step.tail else call.rows,
        last.columns.window(width) if step.tail else width,
        call.out_channels,
        call.out_channels if head.channelwise else call.in_channels,
    )
    window_channels = cores * call.out_channels if head.channelwise else call.in_channels
    window_rows, window_columns = head.rows.window(inner.rows), head.columns.window(inner.columns)
    window = window_rows * window_columns * window_channels
    skip = call.rows * width * cores * parts * call.out_channels if step.skip else 0
    messages = int(step.skip) + head.activations * chunks
    descriptors = _hub_descriptors(step, partition, inner, grid, tiles, messages, device)
    if descriptors is None:
        return None
    block = inner.weights_bytes(head) if head.has_weights else 0
    cycles = (call_cycles(head, inner, device), 0)
    part = call.output_bytes()
    output = parts * part
    copies = ceil_div(part, device.store_bytes) + 20
    per_tile = chunks * parts * cycles[0]
    if step.tail:
        outer = Call(call.rows, width, call.out_channels, call.out_channels)
        cycles = (cycles[0], call_cycles(step.tail, outer, device))
        per_tile += parts * (cycles[1] + copies * (int(step.skip) + int(parts > 1)))
    else:
        per_tile += parts * copies
    own = window_rows * window_columns * call.out_channels if head.channelwise else 0
    if head.channelwise:
        per_tile += head.activations * (ceil_div(own, device.store_bytes) + 20)
    act_words = (skip + head.activations * chunks * window) // WORD
    accumulators = inner.accumulator_bytes(head)
    scratch = sum(
        round_up(size, ALIGNMENT) * count
        for size, count in (
            (inner.output_bytes(), parts if step.skip else 1),
            (own, head.activations),
            (accumulators, parts),
            (part, parts if step.skip else 0),
            (part, int(parts > 1 and step.tail is not None)),
        )
    )
    held = chunks * parts == 1
    return Split(
        grid=grid,
        head=inner,
        rows=call.rows,
        tiles=tiles,
        window=max(window, skip),
        block=block,
        output=output,
        scratch=scratch,
        compute=tiles * per_tile,
        stream_words=tiles * act_words,
        blocks=(1 if held else tiles * chunks * parts) if block else 0,
        fixed=window // WORD + (cores + 1) * output // WORD + 2 * STREAM_LATENCY,
        control=_control_cycles(partition, grid, descriptors, device),
        cycles=cycles,
    )


def _control_cycles(
    partition: Partition, grid: tuple[int, int], descriptors: int, device: Device
) -> int:
    """AIE cycles in which control sets up a step: a descriptor, a push, and a wait for each output
    of a set that each hub takes; descriptors and pushes of what the hubs send; pushes to cores."""
    write = device.cycles("control_write_cycles")
    block = write + 7 * device.cycles("control_block_word_cycles")
    sets = min(partition.sets, ceil_div(grid[1], partition.cores) * grid[0])
    return (
        sets * partition.hubs * (block + 2 * write)
        + descriptors * (block + write)
        + sets * partition.cores * write
    )


def _hub_descriptors(
    step: Step,
    partition: Partition,
    call: Call,
    grid: tuple[int, int],
    tiles: int,
    messages: int,
    device: Device,
) -> int | None:
    """The descriptors that send a step's windows; None where the hubs' locks, queues or fields of
    descriptors cannot serve it."""
    head = step.head
    sets = ceil_div(grid[1], partition.cores) * grid[0]
    if sets * tiles > MOST_MESSAGES:
        return None
    rows, columns = head.rows.window(call.rows), head.columns.window(call.columns)
    longest = (1 << device.mem.wrap_bits) - 1
    _, column_bits, row_bits = device.mem.pad_bits
    height = step.last.output[0]
    rows_of_group = tiles * (step.last.rows.window(1) and _outer_rows(step, call))
    first_pad = head.rows.pad + _tail_pad(step) * head.rows.stride
    last_row = (ceil_div(height, _outer_rows(step, call)) * _outer_rows(step, call)) - _outer_rows(
        step, call
    )
    start = _first_input(step, last_row)
    after = start + head.rows.extent(call.rows) - head.rows.size
    column_start = _first_input_column(step)
    column_after = column_start + head.columns.extent(call.columns) - head.columns.size
    if (
        max(rows, columns) > longest
        or max(first_pad, after) >= 1 << row_bits
        or max(-column_start, column_after) >= 1 << column_bits
        or start >= head.rows.size
        or head.rows.extent(call.rows) <= first_pad
        or rows_of_group < 1
    ):
        return None
    # Tiles at the image's edges have descriptors of their own.
    sets_of_group = partition.sets // grid[0]
    sets_of_hub = partition.sets // partition.hubs
    outputs = ceil_div(partition.sets, 2)
    halves = [[outputs, outputs] for _ in range(partition.hubs)]
    for number in range(partition.sets):
        group = number // sets_of_group
        edges = int(first_pad > 0 and group == 0) + int(after > 0 and group == grid[0] - 1)
        kinds = min(tiles, 1 + edges)
        if messages > MOST_CHAIN:
            if tiles > 1:
                return None
            descriptors = tasks = 1 + int(step.skip)
        else:
            descriptors, tasks = kinds * messages, kinds
        if tasks > TASKS_OF_A_STEP:
            return None
        hub, channel = divmod(number, sets_of_hub)
        halves[hub][channel % 2] += descriptors
    # Even and odd channels have a half of the descriptors each, for two steps.
    if max(max(half) for half in halves) > device.mem.bds // 4:
        return None
    return sum(map(sum, halves)) - 2 * outputs * partition.hubs


def _outer_rows(step: Step, call: Call) -> int:
    if not step.tail or step.tail.rows.span == 1:
        return call.rows
    axis = step.tail.rows
    return (call.rows - axis.span) // axis.stride + 1


def _tail_pad(step: Step) -> int:
    return step.tail.rows.pad if step.tail else 0


def _first_input(step: Step, row: int) -> int:
    if step.tail:
        row = row * step.tail.rows.stride - step.tail.rows.pad
    return row * step.head.rows.stride - step.head.rows.pad


def _first_input_column(step: Step) -> int:
    column = -step.tail.columns.pad if step.tail else 0
    return column * step.head.columns.stride - step.head.columns.pad


def _fits_array(
    graph: Graph,
    steps: list[Step],
    splits: list[Split],
    partition: Partition,
    memory: Memory,
    device: Device,
) -> bool:
    tape = max(_place_weights(splits, partition, memory)[1])
    room = TAPE_BYTES * (2 if device.mem_rows[1] >= 2 else 1)
    return tape + memory.ring <= room and fits_hub(
        _tensors(graph, steps, splits), device.mem.data_bytes, device.mem.locks
    )


def _place_weights(
    splits: list[Split], partition: Partition, memory: Memory
) -> tuple[list[int], list[int]]:
    """For each step the set that begins, so that all have about as much; bytes of the tapes."""
    tapes = [Tape(memory.quantum) for _ in range(partition.sets)]
    firsts: list[int] = []
    for split in splits:
        group = partition.sets // split.grid[0]
        busy = ceil_div(split.grid[1], partition.cores)
        times = split.tiles if split.blocks > 1 else 1

        def members(first: int, group: int = group, busy: int = busy) -> list[int]:
            return [
                start + (first + i) % group
                for start in range(0, partition.sets, group)
                for i in range(busy)
            ]

        first = min(range(group), key=lambda f: sum(tapes[s].estimate for s in members(f)))
        firsts.append(first)
        if split.blocks:
            for member in members(first):
                tapes[member].add(split.blocks // times, split.quanta(memory), times)
    return firsts, [tape.size() for tape in tapes]


def _tensors(graph: Graph, steps: list[Step], splits: list[Split]) -> list[Tensor]:
    """The hub's tensors in the order in which they are made."""
    last: dict[str, int] = {}
    for index, step in enumerate(steps, 1):
        for layer in (step.head, step.tail):
            for name in layer.inputs if layer else ():
                if name != step.head.name:
                    last[name] = index
    tensors = [
        Tensor(name, pitch * height * width, pitch, 0, last[name], None)
        for name, (height, width, channels) in graph.inputs.items()
        if name in last
        for pitch in (round_up(channels, WORD),)
    ]
    for index, (step, split) in enumerate(zip(steps, splits, strict=True), 1):
        if step.last.name not in last:
            continue
        height, width, channels = step.last.output
        parts = split.grid[1] * ceil_div(
            ceil_div(round_up(channels, WORD), split.grid[1]), split.head.out_channels
        )
        pitch = max(round_up(channels, WORD), parts * split.head.out_channels)
        rows = _written_rows(height, split)
        place = None
        if step.skip and step.tail:
            (place,) = [name for name in step.tail.inputs if name != step.head.name]
            if place in step.head.inputs:
                place = None
        tensors.append(
            Tensor(step.last.name, pitch * rows * width, pitch, index, last[step.last.name], place)
        )
    return tensors


def _written_rows(height: int, split: Split) -> int:
    each = round_up(ceil_div(height, split.grid[0]), split.rows)
    groups = ceil_div(height, each)
    return (groups - 1) * each + round_up(height - (groups - 1) * each, split.rows)


def _schedule(
    device: Device,
    tiles: int,
    avoid: Sequence[tuple[int, int]],
    partition: Partition,
    memory: Memory,
    steps: list[Step],
    splits: list[Split],
) -> Schedule:
    layers: dict[str, LayerSchedule] = {}
    firsts, _ = _place_weights(splits, partition, memory)
    for step, split, first in zip(steps, splits, firsts, strict=True):
        head = split.head
        layers[step.head.name] = LayerSchedule(
            grid=split.grid,
            tile=(head.rows, head.columns, head.out_channels, head.in_channels),
            depth=(2, 1, 1),
            memtiles=(1, 1),
            rounds=1,
            cycles=split.cycles[0],
            first=first,
        )
        if step.tail:
            channels = head.out_channels
            layers[step.tail.name] = LayerSchedule(
                grid=split.grid,
                tile=(split.rows, step.tail.output[1], channels, channels),
                depth=(2, 1, 1),
                memtiles=(1, 1),
                rounds=1,
                cycles=split.cycles[1],
                chained=True,
            )
    resident = ResidentSchedule(
        sets=partition.sets,
        cores=partition.cores,
        hubs=partition.hubs,
        activations=memory.activations,
        weights=(memory.quantum, WEIGHT_DEPTH),
        output=memory.output,
    )
    return Schedule(device.name, tiles, tuple(avoid), layers, resident)
