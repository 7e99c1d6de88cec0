"""Faults that the emulated array can be given (runtime/include/adfc/emulator.h)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from adfc.runtime import library as lib


class FaultKind(IntEnum):
    """enum aie_injection_kind."""

    DEAD_TILE = 0
    STUCK_LOCK = 1
    LOST_WORD = 2
    STALLED_DDR = 3
    FLIPPED_BIT = 4


@dataclass(frozen=True)
class Fault:
    """One fault, from `cycle` of the array's time on.

    DEAD_TILE: the core and DMA of `tile` (column, row) stop. STUCK_LOCK: lock `index` of it keeps
    `value`. LOST_WORD: once, a word that its MM2S channel `index` sends. STALLED_DDR: DDR does not
    answer for `length` cycles, 0: ever again. FLIPPED_BIT: once, bit `value` of the word at byte
    `index` of its data memory.
    """

    kind: FaultKind
    tile: tuple[int, int] = (0, 0)
    index: int = 0
    value: int = 0
    cycle: int = 0
    length: int = 0

    def to_struct(self) -> lib.InjectionStruct:
        """For the library."""
        column, row = self.tile
        return lib.InjectionStruct(
            self.kind, column, row, self.index, self.value, 0, self.cycle, self.length
        )
