"""The hubs' tensors: when each is alive, and what each hub keeps of it."""

from __future__ import annotations

from adfc.planner.graph import WORD, Graph, Layer, ceil_div, round_up
from adfc.planner.hub import Tensor
from adfc.planner.resident.hub_rows import Range, RowSplit, kept_parts, rows_read
from adfc.planner.resident.memory import ALIGNMENT
from adfc.planner.resident.partitions import Partition
from adfc.planner.resident.splits import MOST_MESSAGES, Split
from adfc.planner.resident.steps import Step

Reader = tuple[Step, Split, bool]
"""A step that reads a tensor, and whether as the chained layer's other operand."""


def hub_tensors(
    graph: Graph, steps: list[Step], splits: list[Split], partition: Partition
) -> list[Tensor] | None:
    """In the order in which they are made; None where one comes in more messages than are counted.

    Its size is what the hub takes that keeps most.
    """
    reads_of = _reads_of_all(steps)
    last = {name: max(numbers) for name, numbers in reads_of.items()}
    overs = _read_over(steps, splits, graph)
    readers = _readers(steps, splits)
    rows_of = _unpadded_rows(steps, splits)
    tensors = [
        Tensor(name, height * row + overs.get(name, 0), pitch, 0, last[name], None)
        for name, (height, width, channels) in graph.inputs.items()
        if name in last
        for pitch in (channels if name in rows_of else round_up(channels, WORD),)
        for row in (rows_of.get(name, pitch * width),)
    ]
    for index, (step, split) in enumerate(zip(steps, splits, strict=True), 1):
        name = step.last.name
        if name not in last:
            continue
        pitch, rows = _pitch(step, split), RowSplit.of(step, split, partition).written
        skipped = _skipped(step)
        place = skipped if skipped not in step.head.inputs else None
        if partition.divided and place in graph.inputs:
            place = None  # each hub has all of it
        kept: tuple[tuple[int, int], ...] = ()
        # Nothing keeps sets from a step that does not read what the one before makes.
        ahead = index > 1 and steps[index - 2].last.name not in (*step.reads, skipped)
        if partition.divided:
            reads = _reads(step.last, rows, readers[name], partition)
            parts = kept_parts(step, split, partition, reads)
            if max(part.messages for part in parts) > MOST_MESSAGES:
                return None
            kept = tuple((part.first, part.rows) for part in parts)
            ahead |= any(part.foreign for part in parts)
            rows = max(part.rows for part in parts)
        size = pitch * rows * step.last.output[1] + overs.get(name, 0)
        tensors.append(
            Tensor(name, size, pitch, index, last[name], place, kept, reads_of[name], ahead)
        )
    return tensors


def _unpadded_rows(steps: list[Step], splits: list[Split]) -> dict[str, int]:
    """Bytes of a row, with the zeros around it, of each input without padding."""
    rows: dict[str, int] = {}
    for step, split in zip(steps, splits, strict=True):
        groups = step.head.unpadded
        if groups:
            margins = groups.margins(split.head.first_column, split.head.columns)
            rows[step.head.inputs[0]] = WORD * (groups.row_words + sum(margins))
    return rows


def scrap_bytes(splits: list[Split]) -> int:
    """Bytes of a hub that take what it does not keep: the longest message, if any is not kept."""
    return max(
        round_up(min(split.members, split.groups_of_round) * split.output, ALIGNMENT)
        for split in splits
    )


def _reads_of_all(steps: list[Step]) -> dict[str, frozenset[int]]:
    """For each tensor the steps that read it."""
    reads: dict[str, set[int]] = {}
    for index, step in enumerate(steps, 1):
        other = (name for name in step.tail.inputs if name != step.head.name) if step.tail else ()
        for name in (*step.reads, *other):
            reads.setdefault(name, set()).add(index)
    return {name: frozenset(numbers) for name, numbers in reads.items()}


def _readers(steps: list[Step], splits: list[Split]) -> dict[str, list[Reader]]:
    """The steps that read each tensor."""
    readers: dict[str, list[Reader]] = {}
    for step, split in zip(steps, splits, strict=True):
        for name in set(step.reads):
            readers.setdefault(name, []).append((step, split, False))
        skipped = _skipped(step)
        if skipped is not None:
            readers.setdefault(skipped, []).append((step, split, True))
    return readers


def _reads(
    layer: Layer, rows: int, readers: list[Reader], partition: Partition
) -> list[Range | None]:
    """The rows that each hub's sets read of a layer's result, which has `rows` with those past its
    end: all where a reader sees another shape."""
    reads: list[Range | None] = []
    for hub in range(partition.hubs):
        ranges: list[Range] = []
        for step, split, skip in readers:
            read = rows_read(step, split, partition, hub, skip=skip)
            if read and not skip and step.head.input != layer.output:
                read = 0, rows
            if read:
                ranges.append(read)
        reads.append((min(r[0] for r in ranges), max(r[1] for r in ranges)) if ranges else None)
    return reads


def _pitch(step: Step, split: Split) -> int:
    """Bytes from pixel to pixel of a step's result in the hub."""
    channels, tile = round_up(step.last.output[2], WORD), split.head.out_channels
    each = ceil_div(ceil_div(channels, split.grid[1]), tile) * tile
    return max(channels, split.grid[1] * each)


def _skipped(step: Step) -> str | None:
    """The tensor that is the other operand of the layer chained to a step's head."""
    if not (step.skip and step.tail):
        return None
    (name,) = [name for name in step.tail.inputs if name != step.head.name]
    return name


def _read_over(steps: list[Step], splits: list[Split], graph: Graph) -> dict[str, int]:
    """Bytes behind tensors that are read: by cores that compute past a step's last channel."""
    pitches = {name: round_up(shape[2], WORD) for name, shape in graph.inputs.items()}
    overs: dict[str, int] = {}
    for step, split in zip(steps, splits, strict=True):
        pitches[step.last.name] = _pitch(step, split)
        name = _skipped(step)
        if name is not None:
            over = _pitch(step, split) - pitches[name]
            overs[name] = max(overs.get(name, 0), over)
    return overs
