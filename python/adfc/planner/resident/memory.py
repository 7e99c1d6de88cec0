"""How the memory of every core is shared out, once for the whole program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from adfc.planner.graph import round_up

ALIGNMENT = 64
"""Bytes: alignment of every buffer in a core tile."""

STACK_BYTES = 1024
"""Data memory left to a core's stack: assumed (the default of AMD's and mlir-aie's linkers)."""

WEIGHT_DEPTH = 8
"""Buffers of a core's ring of weights; a block takes a power of two of them."""


BUFFERS = (2, 3)
"""Of activations, in each core: a short message between long ones keeps one of two from the next
long one."""

ACTIVATIONS = (8192, 9216, 10240, 12288, 14336, 15360, 16384, 18432, 20480, 24576)
QUANTA = (640, 1216, 2432, 3072)
OUTPUTS = (1024, 1792, 2304, 3584, 4608)
"""Bytes that are tried for a buffer of activations, of weights, and of output."""


@dataclass(frozen=True)
class Memory:
    """How a core's memory is shared out, in bytes: see `ResidentSchedule`."""

    activations: int
    quantum: int
    output: int
    buffers: int = 2

    @property
    def ring(self) -> int:
        """Bytes of the ring of weights."""
        return self.quantum * WEIGHT_DEPTH

    @property
    def windows(self) -> int:
        """Bytes of all windows; scratch memory lies behind them."""
        return self.buffers * self.activations + self.ring + round_up(self.output, ALIGNMENT)


def may_fit(window: int, block: int, output: int, scratch: int, capacity: int) -> bool:
    """Whether `capacity` bytes hold, shared out in the best way, buffers for windows and blocks of
    weights of so many bytes, output and scratch memory: a ring holds two blocks."""
    ring = max(QUANTA[0] * WEIGHT_DEPTH, 2 * block)
    fits = block <= WEIGHT_DEPTH // 2 * QUANTA[-1] and window <= ACTIVATIONS[-1]
    return fits and min(BUFFERS) * window + ring + output + scratch <= capacity


def memories(capacity: int) -> Iterator[Memory]:
    """The ways that are tried to share out `capacity` bytes."""
    for buffers, activations, quantum, output in product(BUFFERS, ACTIVATIONS, QUANTA, OUTPUTS):
        memory = Memory(activations, quantum, output, buffers)
        if memory.windows <= capacity:
            yield memory
