"""How the memory of every core is shared out, once for the whole program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ALIGNMENT = 64
"""Bytes: alignment of every buffer in a core tile."""

STACK_BYTES = 1024
"""Data memory left to a core's stack: assumed (the default of AMD's and mlir-aie's linkers)."""

WEIGHT_DEPTH = 8
"""Buffers of a core's ring of weights; a block takes a power of two of them."""


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


def memories(capacity: int) -> Iterator[Memory]:
    """The ways that are tried to share out `capacity` bytes."""
    for activations in (8192, 10240, 12288, 14336, 15360, 16384, 18432, 20480, 24576):
        for quantum in (640, 1216, 2432, 3072):
            for output in (1024, 1792, 2304, 3584, 4608):
                memory = Memory(activations, quantum, output)
                if 2 * activations + memory.ring + output <= capacity:
                    yield memory
