"""The legal ways to do a step, and what each takes of a core's memory and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from adfc.planner.cost import Call, call_cycles
from adfc.planner.graph import OUT_CHANNEL_MULTIPLE, WORD, Layer, ceil_div, round_up
from adfc.planner.kernel_cost import cascade_bytes, handover_cycles
from adfc.planner.resident.carried import carried_rows, later_call
from adfc.planner.resident.hub_sends import control_cycles, hub_descriptors, window_edges
from adfc.planner.resident.memory import (
    ALIGNMENT,
    BUFFERS,
    OUTPUTS,
    STACK_BYTES,
    WEIGHT_DEPTH,
    Memory,
    may_fit,
)
from adfc.planner.resident.messages import Message, busy_cycles
from adfc.planner.resident.partitions import Partition
from adfc.planner.resident.steps import Step
from adfc.planner.resident.streamed_tape import is_kept, section_units, unit_bytes
from adfc.planner.tape import TAPE_BYTES
from adfc.spec.devices import Device

CALL_CYCLES = 20
"""AIE cycles to enter a kernel that copies: assumed, as for every other kernel."""

MOST_MESSAGES = 63
"""Messages with a step's output: what a lock counts to, 6 bits (AM020)."""

MOST_ROUNDS = 4
"""Steps in which a layer that works on each channel alone is done."""

MOST_PARTS = 16
"""Tiles of output channels of a core."""

MOST_OVER = 64
"""Channels that cores may compute past a step's last one: where another operand is read for them,
that many bytes behind its tensor are read."""

FEWEST_SHARED, MOST_SHARED_SIZES = 2, 2
"""Chunks of input channels of each of two cores that share them, for a call either begins sums or
ends them; and how many sizes of them are tried, the largest ones."""

STREAM_LATENCY = 150
"""Cycles from one end of a step's way to the other without data (DMA starts, switches): assumed."""


@dataclass(frozen=True)
class Split:
    """A legal way to do a step: what it takes of a core's memory (bytes), and its cycles.

    A layer that works on each channel alone may take several rounds, each for some of its channels.
    `stack` cores receive the weights of one tape; of each set `members` cores send results.
    `handover`: cycles of a call in which a core's western neighbour, which has every other chunk of
    the input channels, hands on its sums for a tile of channels; 0: none does. `chunks`: of a core.
    `table`: parameters of the tail, which come before the head's weights. `descriptors`: those
    of the windows of all sets. `sends`: messages that a
    core sends for a tile of rows, of `output` bytes each; `busy`: cycles of a core, with each of
    BUFFERS buffers; `later`: those of the head's call for a tile of which the core has some rows,
    0: it has none; `fill`: until the first message is there that the step before may make.
    """

    grid: tuple[int, int]
    head: Call
    rows: int
    tiles: int
    chunks: int
    parts: int
    window: int
    block: int
    output: int
    scratch: int
    busy: tuple[int, ...]
    tile_blocks: int
    ends: int
    control: int
    descriptors: int
    members: int
    table: int
    cycles: tuple[int, int]
    rounds: int = 1
    stack: int = 1
    sends: int = 1
    later: int = 0
    handover: int = 0
    fill: int = 0

    def total(self, memory: Memory) -> int:
        """Modelled AIE cycles of the step: the busier of the core and its weights, then the way of
        the last output; not less than control needs to set up a step."""
        return self.rounds * max(self.control, self.work(memory))

    def work(self, memory: Memory) -> int:
        """The same of one round, but for control, where the ring is full when it begins."""
        weights = (self.buffers(memory) - WEIGHT_DEPTH) * memory.quantum // WORD
        return self.ends + max(self.busy_cycles(memory), weights)

    def busy_cycles(self, memory: Memory) -> int:
        """Cycles from a core's first message to the end of its work."""
        return self.busy[BUFFERS.index(memory.buffers)]

    @property
    def tapes(self) -> int:
        """Columns of cores that do it."""
        return self.grid[0] // self.stack * self.grid[1] * self.shares

    @property
    def shares(self) -> int:
        """Neighbouring cores that share the input channels."""
        return 2 if self.handover else 1

    @property
    def groups_of_round(self) -> int:
        """Groups of channels that are done at a time."""
        return self.grid[1] // self.rounds

    def quanta(self, memory: Memory) -> int:
        """Buffers of the weight ring that a block takes."""
        return _quanta(self.block, memory)

    def table_quanta(self, memory: Memory) -> int:
        """Buffers of the weight ring that the tail's parameters take."""
        return max(self.quanta(memory), _quanta(self.table, memory)) if self.table else 0

    def buffers(self, memory: Memory) -> int:
        """Buffers of weights that a core receives."""
        return self.table_quanta(memory) + self.times(memory) * self.tile_blocks * self.quanta(
            memory
        )

    def holds(self, quanta: int) -> bool:
        """Whether a core keeps the blocks of weights, of `quanta` buffers each, for all its tiles
        of rows: where it needs them again, and its ring has room for all."""
        again = self.tiles > 1 and self.tile_blocks * quanta <= WEIGHT_DEPTH
        return self.tile_blocks == 1 or again

    def times(self, memory: Memory) -> int:
        """How often a core receives the blocks of weights of a tile of rows."""
        return 1 if self.holds(self.quanta(memory)) else self.tiles

    def tape_bytes(self, memory: Memory) -> int:
        """Bytes that the tapes of all cores send."""
        return self.tapes * self.buffers(memory) * memory.quantum

    def ddr_bytes(self, memory: Memory) -> int:
        """Bytes that DDR brings to streamed tapes of all cores."""
        unit = unit_bytes(memory.quantum, TAPE_BYTES)
        units = 0
        if self.table:
            units += section_units(self.table_quanta(memory) * memory.quantum, 1, unit, kept=False)
        if self.tile_blocks:
            times = self.times(memory)
            size = self.tile_blocks * self.quanta(memory) * memory.quantum
            kept = is_kept(size, times, TAPE_BYTES)
            units += section_units(size, times, unit, kept=kept)
        return self.tapes * units * unit

    def fits(self, memory: Memory, capacity: int) -> bool:
        """Whether a core's memory, shared out so, has room for it."""
        last = memory.buffers * memory.activations + memory.ring - memory.quantum + self.block
        return (
            self.window <= memory.activations
            and max(self.quanta(memory), self.table_quanta(memory)) <= WEIGHT_DEPTH // 2
            and self.output <= memory.output
            and memory.windows + self.scratch <= capacity
            and last <= capacity
        )


def _quanta(size: int, memory: Memory) -> int:
    """Buffers of the weight ring, a power of two of them, that `size` bytes take."""
    return 1 << (ceil_div(size, memory.quantum) - 1).bit_length() if size else 0


@dataclass(frozen=True)
class Demands:
    """What the network asks of a step's splits.

    `final`: its result leaves the array, so no core may have channels past the last one; `exact`:
    the result's bytes must be without gaps; `apart`: each hub's sets must have rows of their own;
    `opens`: it is the first step, before which its channels had nothing to do; `paired`: the
    cores of a set have places beside each other, two by two.
    """

    final: bool = False
    exact: bool = False
    apart: bool = False
    opens: bool = False
    paired: bool = False


def splits_of(
    step: Step, partition: Partition, device: Device, demands: Demands
) -> Iterator[Split]:
    """Every legal way to do `step`, with as many cores of a set as there is a way for."""
    kernels = KernelCycles(step, device)
    if demands.paired and step.head.adds_up and step.head.pixel is None and not step.head.wide:
        halved = replace(partition, cores=partition.cores // 2)
        yield from _splits_of(step, halved, kernels, demands, handed_over=True)
    for members in range(partition.cores, 0, -1):
        found = False
        narrow = replace(partition, cores=members)
        for split in _splits_of(step, narrow, kernels, demands):
            found = True
            yield split
        # The windows of fewer cores are shorter where each core works on its own channels.
        if found or not step.head.channelwise:
            return


def _splits_of(
    step: Step,
    partition: Partition,
    kernels: KernelCycles,
    demands: Demands,
    *,
    handed_over: bool = False,
) -> Iterator[Split]:
    """The same, with all cores of the partition's sets. `handed_over`: each has a neighbour besides
    that has every other chunk of the input channels."""
    height, width, channels = step.last.output
    chunks = _shared_chunks(step.head) if handed_over else _chunks(step.head)
    for groups in range(1, partition.sets + 1):
        if not partition.splits_rows(groups) or (
            demands.apart and not partition.keeps_apart(groups)
        ):
            continue
        cores = partition.sets // groups * partition.cores
        for grid_channels, tile_channels, parts in _channel_splits(
            step, channels, cores, final=demands.final, exact=demands.exact
        ):
            if handed_over and 2 * grid_channels <= cores:
                continue  # half of the cores would be idle
            rounds = ceil_div(grid_channels, cores)
            messages = rounds * groups * ceil_div(grid_channels // rounds, partition.cores)
            if demands.apart:
                messages = ceil_div(messages, partition.hubs)
            # In a stack a layer of few rows leaves the upper cores idle.
            used = min(groups, height) if partition.stack > 1 else groups
            for rows in _tile_rows(height, groups, used, messages):
                if parts * rows * width * tile_channels > OUTPUTS[-1]:
                    continue
                for chunk in chunks:
                    split = _split(
                        step,
                        partition,
                        kernels,
                        grid=(groups, grid_channels),
                        call=Call(rows, width, tile_channels, chunk),
                        parts=parts,
                        rounds=rounds,
                        demands=demands,
                        handed_over=handed_over,
                    )
                    if split is not None:
                        yield split


def _channel_splits(
    step: Step, channels: int, cores: int, *, final: bool, exact: bool
) -> Iterator[tuple[int, int, int]]:
    """(groups of channels, channels of a tile, tiles of a core)."""
    padded = round_up(channels, WORD)
    if step.head.channelwise:
        for groups in range(1, MOST_ROUNDS * cores + 1):
            if padded % (WORD * groups) == 0 and groups % ceil_div(groups, cores) == 0:
                yield groups, padded // groups, 1
        return
    for tile in range(OUT_CHANNEL_MULTIPLE, 65, OUT_CHANNEL_MULTIPLE):
        if tile > round_up(channels, OUT_CHANNEL_MULTIPLE):
            continue
        seen: set[int] = set()
        for groups in range(1, cores + 1):
            parts = ceil_div(ceil_div(padded, tile), groups)
            used = ceil_div(ceil_div(padded, tile), parts)
            if parts > MOST_PARTS or used in seen:
                continue
            seen.add(used)
            over = used * parts * tile - padded
            if (exact and over) or (final and over >= tile) or over > MOST_OVER:
                continue
            yield used, tile, parts


def _tile_rows(height: int, groups: int, used: int, messages: int) -> list[int]:
    """Rows of a tile: the sizes that ceil(rows / n) takes, n = 1, 2, ..., as no other cut of a
    group's rows is evener; those that leave `used` groups with rows, and no more messages than are
    counted, where each tile of a group makes `messages`."""
    each = ceil_div(height, groups)
    sizes = sorted({ceil_div(each, n) for n in range(1, min(each, MOST_MESSAGES) + 1)})
    return [
        rows
        for rows in sizes
        if ceil_div(height, round_up(each, rows)) == used
        and messages * ceil_div(each, rows) <= MOST_MESSAGES
    ]


def _chunks(head: Layer) -> list[int]:
    if head.channelwise or head.unpadded:
        return [head.in_channels]
    words = head.in_channels // WORD
    return [WORD * d for d in range(words, 0, -1) if words % d == 0][:7]


def _shared_chunks(head: Layer) -> list[int]:
    """The same where two cores do as many each."""
    counts = [(size, head.in_channels // size) for size in _chunks(head)]
    legal = [s for s, count in counts if count % 2 == 0 and count >= 2 * FEWEST_SHARED]
    return legal[:MOST_SHARED_SIZES]


def _split(
    step: Step,
    partition: Partition,
    kernels: KernelCycles,
    *,
    grid: tuple[int, int],
    call: Call,
    parts: int,
    rounds: int,
    demands: Demands,
    handed_over: bool,
) -> Split | None:
    """What one split takes; None where the array's descriptors, locks or queues cannot do it, or
    no core's memory.

    `call` is one of the last layer, but for its input channels; `parts`: tiles of output channels
    of a core; `rounds`: how often the cores do some of the channels; `handed_over`: two cores share
    the input channels.
    """
    head, last, device = step.head, step.last, kernels.device
    height, width, _ = last.output
    tiles = ceil_div(ceil_div(height, grid[0]), call.rows)
    chunks = 1 if head.channelwise else head.in_channels // call.in_channels
    own_chunks = chunks // 2 if handed_over else chunks
    inner = Call(
        last.rows.window(call.rows) if step.tail else call.rows,
        last.columns.window(width) if step.tail else width,
        call.out_channels,
        call.out_channels if head.channelwise else call.in_channels,
        first_column=step.tail.columns.first(0) if step.tail else 0,
    )
    cores = min(partition.cores, grid[1] // rounds)
    window = inner.activation_bytes(head) * (cores if head.channelwise else 1)
    skip = call.rows * width * cores * parts * call.out_channels if step.skip else 0
    block = inner.weights_bytes(head) if step.has_weights else 0
    sends = _sends(parts, tiles, partition, final=demands.final)
    output = parts * call.output_bytes() // sends
    capacity = device.core.data_bytes - STACK_BYTES
    if not may_fit(max(window, skip), block, output, 0, capacity):
        return None
    edges = kernels.edges(inner)
    sums = inner.accumulator_bytes(head)
    if edges is None or (handed_over and sums > cascade_bytes()):
        return None
    messages = int(step.skip) + int(head.pixel is not None) + head.activations * chunks
    sent = partial(hub_descriptors, step, partition, edges, grid, tiles, messages, device)
    alone = demands.opens and chunks * parts == 1
    carried = carried_rows(step, inner, tiles, alone=alone)
    if carried and kernels.of(call, later_call(inner, carried))[0] > kernels.of(call, inner)[0]:
        carried = 0  # fewer pixels may fill a kernel's blocks worse
    descriptors = sent(carried=carried)
    if descriptors is None and carried:
        carried, descriptors = 0, sent()
    if descriptors is None:
        return None
    scratch = _scratch(step, call, inner, parts, sends, carried)
    if not may_fit(max(window, skip), block, output, scratch, capacity):
        return None
    cycles = kernels.of(call, inner)
    work = first = _messages(step, call, inner, cycles, window, skip, parts, sends, cores, device)
    handover = 0
    if handed_over:
        handover = handover_cycles(sums, device)
        work = first = _shared_work(work, chunks, cycles[0], parts * handover)
    later = 0
    if carried:
        following = later_call(inner, carried)
        later = kernels.of(call, following)[0]
        first, work = _carried_work(step, work[0], inner, following, later - cycles[0], device)
    # What a set's cores send goes one after the other from their join to the hubs.
    relayed = tiles * sends * cores * output // WORD
    return Split(
        grid=grid,
        head=inner,
        rows=call.rows,
        tiles=tiles,
        chunks=own_chunks,
        parts=parts,
        window=max(window, skip),
        block=block,
        output=output,
        scratch=scratch,
        busy=tuple(
            max(busy_cycles(work, tiles, first=first, buffers=n, early=int(step.skip)), relayed)
            for n in BUFFERS
        ),
        tile_blocks=own_chunks * parts if block else 0,
        ends=(cores + 1) * output // WORD + 2 * STREAM_LATENCY,
        control=control_cycles(partition, grid, descriptors, device),
        descriptors=descriptors,
        members=partition.cores,
        table=step.table_bytes,
        cycles=cycles,
        rounds=rounds,
        stack=partition.stack,
        sends=sends,
        later=later,
        handover=handover,
        fill=window // WORD,
    )


def _sends(parts: int, tiles: int, partition: Partition, *, final: bool) -> int:
    """Messages that a core sends for a tile of rows: one for each tile of its channels, where there
    is one tile of rows and locks count them; what leaves the array is sent as one."""
    alone = tiles == 1 and parts * partition.sets <= MOST_MESSAGES
    return parts if alone and not final else 1


def _window_pixels(head: Layer, inner: Call) -> int:
    return head.rows.window(inner.rows) * head.columns.window(inner.columns)


class KernelCycles:
    """AIE cycles of the calls of a step's kernels, and their windows' edges; each is worked out
    once."""

    def __init__(self, step: Step, device: Device) -> None:
        self._step = step
        self.device = device
        self._known: dict[tuple[Call, Call], tuple[int, int]] = {}
        self._edges: dict[tuple[int, int], tuple[bool, bool] | None] = {}

    def of(self, call: Call, inner: Call) -> tuple[int, int]:
        """Of one call of the head, and of the tail (0: none)."""
        key = call, inner
        if key not in self._known:
            self._known[key] = self._head(inner), self._tail(call)
        return self._known[key]

    def edges(self, inner: Call) -> tuple[bool, bool] | None:
        """Whether the windows of the head's calls are padded: see `window_edges`."""
        key = inner.rows, inner.columns
        if key not in self._edges:
            self._edges[key] = window_edges(self._step, inner, self.device)
        return self._edges[key]

    def _head(self, inner: Call) -> int:
        return call_cycles(self._step.head, inner, self.device)

    def _tail(self, call: Call) -> int:
        if not self._step.tail:
            return 0
        outer = Call(call.rows, call.columns, call.out_channels, call.out_channels)
        return call_cycles(self._step.tail, outer, self.device)


def _copy(size: int, device: Device) -> int:
    """AIE cycles to copy `size` bytes within a core."""
    return ceil_div(size, device.store_bytes) + CALL_CYCLES


def _carried_work(
    step: Step, message: Message, inner: Call, following: Call, more: int, device: Device
) -> tuple[list[Message], list[Message]]:
    """What a core receives for the first tile of rows, and for each later one: the rows that it has
    are not sent again. `more`: cycles of the head's call for a later tile, more than for the first.
    """
    kept = _copy(inner.output_bytes() - following.output_bytes(), device)
    fresh = _copy(following.output_bytes(), device)
    load = following.activation_bytes(step.head) // WORD
    first = replace(message, after=message.after + kept)
    return [first], [Message(load, message.work + more + fresh, first.after)]


def _messages(
    step: Step,
    call: Call,
    inner: Call,
    cycles: tuple[int, int],
    window: int,
    skip: int,
    parts: int,
    sends: int,
    cores: int,
    device: Device,
) -> list[Message]:
    """What a core receives for one tile of rows, as `ProgramBuilder` of the compiler's resident
    programs works on it: `window` and `skip` are the messages' bytes, `cores` those of a set, of
    which each has `parts` tiles of channels and makes `sends` messages."""
    head, copy = step.head, partial(_copy, device=device)
    last = copy(call.output_bytes()) if not step.tail or parts > sends else 0
    finish = cycles[1] + last
    messages: list[Message] = []
    if step.skip:
        messages.append(Message(skip // WORD, parts * copy(call.output_bytes())))
    if head.channelwise:
        own = copy(_window_pixels(head, inner) * call.out_channels)
        messages += [Message(window // WORD, own)] * head.activations
        if head.pixel is not None:
            messages.append(Message(cores * call.out_channels // WORD, copy(call.out_channels)))
        finish += cycles[0]
    else:
        chunks = head.in_channels // call.in_channels
        messages += [Message(window // WORD, parts * cycles[0])] * (head.activations * chunks)
    # The last message's buffer is free when the head has read it.
    end = messages.pop()
    return [*messages, Message(end.load, end.work + (parts - 1) * finish, finish)]


def _shared_work(messages: list[Message], chunks: int, call: int, handover: int) -> list[Message]:
    """The same of the core that sends, of two that share the input channels: it lets every other of
    the last `chunks` messages go, from the first one on, and takes sums over while it works on the
    last one, in `handover` cycles. The other core had its own a message earlier; the first sums
    come when that one's first call, of `call` cycles, has ended."""
    other = len(messages) - chunks
    handover += max(0, call - messages[-1].load)
    kept = [
        replace(message, work=0) if index >= other and (index - other) % 2 == 0 else message
        for index, message in enumerate(messages)
    ]
    return [*kept[:-1], replace(kept[-1], work=kept[-1].work + handover)]


def _scratch(step: Step, call: Call, inner: Call, parts: int, sends: int, carried: int) -> int:
    """Bytes of a core's scratch memory in the step."""
    head, part = step.head, call.output_bytes()
    own = _window_pixels(head, inner) * call.out_channels if head.channelwise else 0
    return sum(
        round_up(size, ALIGNMENT) * count
        for size, count in (
            (inner.output_bytes(), 1),
            (later_call(inner, carried).output_bytes(), int(carried > 0)),
            (own, head.activations),
            (call.out_channels, int(head.pixel is not None)),
            (inner.accumulator_bytes(head), parts),
            (part, parts if step.skip else 0),
            (part, int(parts > sends and step.tail is not None)),
            (step.table_bytes, 1),
        )
    )
