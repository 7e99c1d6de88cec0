"""How long a core takes over the messages of a step, which come to it through its buffers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SIMULATED_TILES = 4
"""Tiles of rows that are followed message by message; those that come later take as long as the
last two of them, on the average."""


@dataclass(frozen=True)
class Message:
    """A message of activations: cycles on its stream, of the core's work on it, and of the work
    that comes after its buffer is free."""

    load: int
    work: int
    after: int = 0


def busy_cycles(
    messages: Sequence[Message],
    tiles: int,
    *,
    first: Sequence[Message] = (),
    buffers: int = 2,
    early: int = 0,
) -> int:
    """AIE cycles from the first word of the first message to the end of the last one's work.

    `messages` are those of one tile of rows, in order; each of `tiles` tiles has as many; `first`:
    those of the first tile, where they differ. A message is loaded when the one before it is, into
    the next of `buffers` buffers, when that is free. The first `early` of all are there when the
    step begins.
    """
    loaded, done, free = 0, 0, [0] * buffers
    ends: list[int] = []
    for tile in range(min(tiles, SIMULATED_TILES)):
        for index, message in enumerate(first if first and not tile else messages):
            buffer = (tile * len(messages) + index) % buffers
            load = message.load if tile or index >= early else 0
            loaded = max(loaded, free[buffer]) + load
            done = max(done, loaded) + message.work
            free[buffer] = done
            done += message.after
        ends.append(done)
    left = tiles - len(ends)
    return ends[-1] + (left * (ends[-1] - ends[-3]) // 2 if left else 0)
