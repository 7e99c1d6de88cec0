"""In which order a tensor in DDR is read or written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adfc.errors import InputError
from adfc.spec.devices import TileKind


@dataclass(frozen=True)
class Access:
    """Values `offset` on, in nested loops: (count, step) in values, innermost first.

    Example: columns 8 to 15 of a 64 x 64 matrix: Access(8, ((8, 1), (64, 64))).
    """

    offset: int
    loops: tuple[tuple[int, int], ...]

    @staticmethod
    def of(offset: int = 0, *loops: tuple[int, int]) -> Access:
        """An access; raises InputError for a count below 1 or a step below 0."""
        if offset < 0 or not loops or any(count < 1 or step < 0 for count, step in loops):
            raise InputError(f"access from {offset} by {loops}: counts start at 1, steps at 0")
        return Access(offset, tuple(loops))

    @property
    def values(self) -> int:
        """How many are read or written."""
        return math.prod(count for count, _ in self.loops)

    @property
    def end(self) -> int:
        """One past the last one that is touched."""
        return self.offset + sum((count - 1) * step for count, step in self.loops) + 1

    def indices(self) -> NDArray[np.int64]:
        """The values' numbers, in their order."""
        found = np.array([self.offset], np.int64)
        for count, step in self.loops:
            found = (np.arange(count)[:, None] * step + found[None, :]).reshape(-1)
        return found


@dataclass(frozen=True)
class Descriptor:
    """An access as a buffer descriptor has it, in words: runs `repeat` times, `step` apart."""

    offset: int
    counts: tuple[int, ...]
    steps: tuple[int, ...]
    repeat: int = 1
    repeat_step: int = 0


def descriptor(access: Access, value_bytes: int, tile: TileKind) -> Descriptor:
    """The descriptor of `tile` (a shim) for an access to values of so many bytes.

    Raises InputError where the innermost run is not made of whole words, and where the hardware's
    dimensions, counts or steps do not suffice.
    """
    loops = _joined(_in_words(access, value_bytes))
    limit = (1 << tile.wrap_bits) - 1
    loops = _split(loops, limit)
    repeat, step = 1, 0
    if len(loops) > tile.dimensions:
        repeat, step = loops[-1]
        loops = loops[:-1]
    if len(loops) > tile.dimensions or repeat > 1 << tile.iteration_wrap_bits:
        raise InputError(
            f"access in {len(access.loops)} loops is more than a descriptor's {tile.dimensions} "
            f"dimensions and {1 << tile.iteration_wrap_bits} repeats",
            hint="use fewer loops, or several inputs",
        )
    if any(loop_step > 1 << tile.step_bits for _, loop_step in (*loops, (1, step))):
        raise InputError(f"access has a step over {1 << tile.step_bits} words")
    counts, steps = zip(*loops, strict=True)
    return Descriptor(access.offset * value_bytes // 4, counts, steps, repeat, step)


def _in_words(access: Access, value_bytes: int) -> list[tuple[int, int]]:
    if access.offset * value_bytes % 4:
        raise InputError(f"access from value {access.offset} does not begin at a word")
    loops = [(count, step * value_bytes) for count, step in access.loops]
    inner = value_bytes
    words: list[tuple[int, int]] = []
    for count, step in loops:
        if not words and step == inner:
            inner *= count
            continue
        if not words:
            words.append((inner // 4, 1))
            if inner % 4:
                raise InputError(
                    f"access takes runs of {inner} bytes",
                    hint="the array moves words of 4 bytes: make innermost runs multiples of it",
                )
        if step % 4:
            raise InputError(f"access has a step of {step} bytes", hint="use whole words")
        words.append((count, step // 4))
    if not words:
        words.append((-(-inner // 4), 1))
    return words


def _joined(loops: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Loops that go on where the one inside ends are one."""
    joined: list[tuple[int, int]] = []
    for count, step in loops:
        if joined and step == joined[-1][0] * joined[-1][1]:
            joined[-1] = (joined[-1][0] * count, joined[-1][1])
        elif count > 1 or not joined:
            joined.append((count, step))
    return joined


def _split(loops: Sequence[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    """All counts but the last within `limit`."""
    result: list[tuple[int, int]] = []
    for index, (count, step) in enumerate(loops):
        rest, at = count, step
        while index + 1 < len(loops) and rest > limit:
            factor = next((f for f in range(limit, 1, -1) if rest % f == 0), 0)
            if not factor:
                raise InputError(f"access has a loop of {count}, which cannot be split")
            result.append((factor, at))
            rest, at = rest // factor, at * factor
        result.append((rest, at))
    return result
