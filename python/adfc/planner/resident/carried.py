"""Rows that a core keeps from one tile of rows to the next: those that windows of the pooling which
is chained to a layer share, so that each is computed once."""

from __future__ import annotations

from dataclasses import replace

from adfc.planner.cost import Call
from adfc.planner.resident.steps import Step


def carried_rows(step: Step, inner: Call, tiles: int, *, alone: bool) -> int:
    """The head's rows that a later tile has of the one before it; 0 where there are none.

    `inner` is the head's call for a first tile; `alone`: it is the only one for a tile.
    """
    tail = step.tail
    if tail is None or step.skip or step.head.channelwise or not alone or tiles == 1:
        return 0
    shared = tail.rows.span - tail.rows.stride
    # The last tile must read more than padding below the image.
    last = step.last.output[0] - 1
    row = last * tail.rows.stride - tail.rows.pad + max(shared, 0)
    first = row * step.head.rows.stride - step.head.rows.pad
    return shared if 0 < shared < inner.rows and first < step.head.rows.size else 0


def later_call(inner: Call, carried: int) -> Call:
    """The head's call for a tile behind another."""
    return replace(inner, rows=inner.rows - carried)
