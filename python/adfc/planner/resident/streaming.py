"""How long steps take whose weights come from DDR, ahead of their use."""

from __future__ import annotations

import math
from collections.abc import Sequence

ROUNDS = 3
"""Inferences that are followed; the last one is counted."""


def streamed_cycles(work: Sequence[tuple[int, int]], room: int, rate: float) -> int:
    """AIE cycles of an inference, those before it like it.

    `work` is, for each step, the cycles that it takes when its weights are there, and their bytes.
    DDR brings `rate` bytes a cycle, in the order of the steps, as far ahead as `room` bytes hold;
    a step's bytes leave their places evenly while it runs.
    """
    done, loaded, began = 0.0, 0.0, 0.0
    total = 0
    used = [(0, 0.0)]  # bytes that have left their places, and when
    for _ in range(ROUNDS):
        began = done
        for cycles, size in work:
            total += size
            free = min(_when(used, total - room), done) if total > room else 0.0
            loaded = max(loaded, free) + size / rate
            done = max(done + cycles, loaded)
            used.append((total, done))
    return math.ceil(done - began)


def _when(used: list[tuple[int, float]], amount: int) -> float:
    """When `amount` bytes have left, by the steps that are over."""
    before = (0, 0.0)
    for after in used:
        if after[0] >= amount:
            share = (amount - before[0]) / max(after[0] - before[0], 1)
            return before[1] + share * (after[1] - before[1])
        before = after
    return used[-1][1]
