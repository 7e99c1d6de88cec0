"""Which rows of a step's result each hub keeps: those that the sets read which it serves."""

from __future__ import annotations

from dataclasses import dataclass

from adfc.planner.graph import Axis, ceil_div, round_up
from adfc.planner.resident.partitions import Partition
from adfc.planner.resident.splits import Split
from adfc.planner.resident.steps import Step


@dataclass(frozen=True)
class Part:
    """What one hub keeps of a tensor: rows from `first` on, which come in `messages`; `foreign`:
    some of them from sets that it does not serve."""

    first: int
    rows: int
    messages: int
    foreign: bool = False


Range = tuple[int, int]
"""Rows [first, end)."""


@dataclass(frozen=True)
class RowSplit:
    """How a step's output rows are split: over groups of sets, and in tiles of rows."""

    height: int
    rows: int
    each: int
    sets_of_group: int
    messages: int

    @staticmethod
    def of(step: Step, split: Split, partition: Partition) -> RowSplit:
        """That of a step: groups have `each` rows, the last one maybe fewer; each tile of rows
        makes `messages`."""
        height = step.last.output[0]
        return RowSplit(
            height=height,
            rows=split.rows,
            each=round_up(ceil_div(height, split.grid[0]), split.rows),
            sets_of_group=partition.sets // split.grid[0],
            messages=split.rounds * split.sends * ceil_div(split.groups_of_round, split.members),
        )

    @property
    def groups(self) -> int:
        """Groups that have rows."""
        return ceil_div(self.height, self.each)

    @property
    def written(self) -> int:
        """Rows of the result, with those that the last tile writes past its end."""
        return self.tiles(self.groups - 1)[-1] + self.rows

    def tiles(self, group: int) -> range:
        """The first row of each of a group's tiles."""
        return range(group * self.each, min(self.height, (group + 1) * self.each), self.rows)

    def hubs_of_group(self, group: int, partition: Partition) -> set[int]:
        """The hubs that serve a group's sets."""
        sets = range(group * self.sets_of_group, (group + 1) * self.sets_of_group)
        return {partition.hub_of(number) for number in sets}

    def groups_of_hub(self, hub: int, partition: Partition) -> range:
        """The groups whose sets a hub serves."""
        sets = partition.sets_of_hub(hub)
        first, last = sets[0] // self.sets_of_group, sets[-1] // self.sets_of_group
        return range(min(first, self.groups), min(last + 1, self.groups))


def rows_read(
    step: Step, split: Split, partition: Partition, hub: int, *, skip: bool
) -> Range | None:
    """The rows of a head's operand, or of the chained layer's other one (`skip`), that the sets of
    a hub read in a step; None: none."""
    own = RowSplit.of(step, split, partition)
    groups = own.groups_of_hub(hub, partition)
    if not groups:
        return None
    first, last = own.tiles(groups[0])[0], own.tiles(groups[-1])[-1]
    return (
        _read_by_tile(step, split, first, skip=skip)[0],
        _read_by_tile(step, split, last, skip=skip)[1],
    )


def kept_parts(
    step: Step, split: Split, partition: Partition, reads: list[Range | None]
) -> list[Part]:
    """What each hub keeps of a step's result, whose rows `reads` its sets read."""
    own = RowSplit.of(step, split, partition)
    tiles = [(row, group) for group in range(own.groups) for row in own.tiles(group)]
    parts: list[Part] = []
    for hub, read in enumerate(reads):
        kept = [t for t in tiles if read and t[0] < read[1] and t[0] + own.rows > read[0]]
        if not kept:
            parts.append(Part(0, 0, 0))
            continue
        first, last = kept[0][0], kept[-1][0]
        foreign = any(own.hubs_of_group(group, partition) != {hub} for _, group in kept)
        parts.append(Part(first, last + own.rows - first, len(kept) * own.messages, foreign))
    return parts


def _read_by_tile(step: Step, split: Split, row: int, *, skip: bool) -> Range:
    if skip:
        return row, min(row + split.rows, step.last.output[0])
    if step.tail:
        row = step.tail.rows.first(row)
    return _slice(step.head.rows, row, split.head.rows)


def _slice(axis: Axis, output: int, outputs: int) -> Range:
    """The positions that exist of a window for `outputs` outputs; with a span of 1 it has only
    every stride-th."""
    start, size = axis.first(output), axis.window(outputs)
    pace = axis.stride if axis.span == 1 and axis.upsample == 1 else 1
    before = min(size, ceil_div(-start, pace) if start < 0 else 0)
    first = start + before * pace
    count = max(0, min(ceil_div(axis.size - first, pace), size - before))
    return first, first + (count - 1) * pace + 1
