"""What the hubs take to send a step's windows: descriptors, locks, queues, control's time."""

from __future__ import annotations

from functools import cache

from adfc.planner.cost import Call
from adfc.planner.graph import ceil_div
from adfc.planner.resident.partitions import HUB_CHANNELS, Partition
from adfc.planner.resident.steps import Step
from adfc.spec.devices import Device

TASKS_OF_A_STEP = 2
"""Tasks of one channel in a step: a queue of four, and the one at work, serve two steps (AM020)."""

PUSHES_OF_A_SET = 3
STEPS_OF_A_DESCRIPTOR = 3
"""Tasks of a set's hub and join in a step, and how many steps a descriptor serves before it is
written again: counted on programs of ours, rounded."""

LEFT_TO_JOINS = 5
"""Descriptors of a half of a join's that it needs for two steps of its own: those of cores, and
what it receives for a hub."""

MOST_CHAIN = 5
"""Descriptors of one task that sends windows; where a tile has more, chunks are counted."""


def control_cycles(
    partition: Partition, grid: tuple[int, int], descriptors: int, device: Device
) -> int:
    """AIE cycles in which control sets up a step: tasks that are pushed, for each set two of
    windows and one of a relay, one of a store for each hub and one for each core; descriptors, of
    which most serve many steps and are written once; a wait for each store."""
    write = device.cycles("control_write_cycles")
    block = write + 7 * device.cycles("control_block_word_cycles")
    sets = min(partition.sets, ceil_div(grid[1], partition.cores) * grid[0])
    stores = sets * partition.hubs
    pushes = sets * (PUSHES_OF_A_SET + partition.cores) + stores
    written = ceil_div(descriptors + stores, STEPS_OF_A_DESCRIPTOR)
    return pushes * write + written * block + stores * device.cycles("control_read_cycles")


def hub_descriptors(
    step: Step,
    partition: Partition,
    edges: tuple[bool, bool],
    grid: tuple[int, int],
    tiles: int,
    messages: int,
    device: Device,
    *,
    carried: int = 0,
) -> int | None:
    """The descriptors that send a step's windows; None where the hubs' locks, queues or fields of
    descriptors cannot serve it.

    `edges` are those of the head's windows, `tiles` the tiles of rows of a group, `messages` those
    of one tile; `carried`: the head's rows that tiles behind a group's first have already. Only the
    first step may have them: the first tile is a task of its own, one more than else.
    """
    # Tiles at the image's edges have descriptors of their own.
    sets_of_group = partition.sets // grid[0]
    received = ceil_div(min(partition.sets, HUB_CHANNELS), 2)
    channels = _channels(partition.sets, partition.hubs)
    halves = [[received, received, LEFT_TO_JOINS] for _ in range(partition.hubs)]
    for group in range(grid[0]):
        first = carried > 0 or (edges[0] and group == 0)
        at_edges = int(first) + int(edges[1] and group == grid[0] - 1)
        kinds = min(tiles, 1 + at_edges)
        if messages > MOST_CHAIN:
            if tiles > 1:
                return None
            descriptors = tasks = 1 + int(step.skip)
        else:
            descriptors, tasks = kinds * messages, kinds
        if tasks > TASKS_OF_A_STEP + int(carried > 0):
            return None
        for hub, half in channels[group * sets_of_group : (group + 1) * sets_of_group]:
            halves[hub][half] += descriptors
    # Even and odd channels have a half of the descriptors each, for two steps.
    if max(max(half) for half in halves) > device.mem.bds // 4:
        return None
    return sum(map(sum, halves)) - (2 * received + LEFT_TO_JOINS) * partition.hubs


@cache
def _channels(sets: int, hubs: int) -> list[tuple[int, int]]:
    """The hub that serves each set, and which half of its channels sends to the set; 2: those of
    joins beside it."""
    partition = Partition(sets, 1, hubs)
    return [
        (hub, channel % 2 if channel < HUB_CHANNELS else 2)
        for hub in range(hubs)
        for channel in range(len(partition.sets_of_hub(hub)))
    ]


def window_edges(step: Step, call: Call, device: Device) -> tuple[bool, bool] | None:
    """Whether the first and the last tile of rows of the head's calls, such as `call`, are padded;
    None where a window or its padding is longer than a descriptor can say."""
    head = step.head
    rows, columns = head.rows.window(call.rows), head.columns.window(call.columns)
    longest = (1 << device.mem.wrap_bits) - 1
    word_bits, column_bits, row_bits = device.mem.pad_bits
    if head.unpadded:
        # Rows get their zeros on the way to the hubs; a window is words and rows.
        margins = head.unpadded.margins(call.first_column, call.columns)
        _, columns = head.unpadded.window(call.first_column, call.columns)
        if max(margins) >= 1 << word_bits or head.unpadded.row_words > longest:
            return None
        row_bits = column_bits
    outer = _outer_rows(step, call)
    before = head.rows.pad + _tail_pad(step) * head.rows.stride
    start = _first_input(step, (ceil_div(step.last.output[0], outer) - 1) * outer)
    after = start + head.rows.extent(call.rows) - head.rows.size
    column_start = _first_input_column(step)
    column_after = column_start + head.columns.extent(call.columns) - head.columns.size
    if head.unpadded:
        column_start = column_after = 0
    if (
        max(rows, columns) > longest
        or max(before, after) >= 1 << row_bits
        or max(-column_start, column_after) >= 1 << column_bits
        or start >= head.rows.size
        or head.rows.extent(call.rows) <= before
    ):
        return None
    return before > 0, after > 0


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
