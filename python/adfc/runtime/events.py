"""What happens in the array in a run (runtime/include/adfc/emulator_events.h)."""

from __future__ import annotations

import ctypes
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_EVENTS = 20_000_000
"""Kept of a run that is observed: 40 bytes each."""

LOAD_MARK = 0x8000_0000
"""Added to marks of the load program's RHAL calls (ADFC_LOAD_MARK)."""

EVENT = np.dtype(
    [
        ("start", "<u8"),
        ("end", "<u8"),
        ("kind", "<u4"),
        ("who", "<u4"),
        ("a", "<u4"),
        ("b", "<u4"),
        ("by", "<u4"),
        ("mark", "<u4"),
    ]
)
"""struct adfc_event. Cycles count from the run's start; a mark is the number of a RHAL call,
of those of the load program LOAD_MARK more."""

Events = NDArray[Any]
"""A one-dimensional array of EVENT."""


class EventKind(IntEnum):
    """enum aie_event_kind."""

    RUN = 0
    CALL = 1
    LOCK_WAIT = 2
    TASK = 3
    BD = 4
    START = 5
    STREAM_WAIT = 6
    MOVE = 7
    CONFIRM = 8
    CONTROL = 9
    CONTROL_WAIT = 10
    CASCADE_WAIT = 11


class Control(IntEnum):
    """enum aie_control."""

    WRITE = 0
    READ = 1
    MASK_WRITE = 2
    BLOCK_WRITE = 3
    BLOCK_SET = 4
    POLL = 5
    WAIT_TASK = 6
    LOAD_CORE = 7
    PHASE = 8
    TIMESTAMP = 9


class Role(IntEnum):
    """enum aie_who."""

    CORE = 0
    S2MM = 1
    MM2S = 2
    CONTROL = 3


class Who(NamedTuple):
    """A core, a DMA channel (`number`), or the control processor (column and row 0)."""

    role: Role
    column: int
    row: int
    number: int

    @staticmethod
    def of(code: int) -> Who:
        """What a field `who` or `by` means."""
        return Who(Role(code >> 24), code >> 8 & 0xFF, code & 0xFF, code >> 16 & 0xFF)

    @property
    def tile(self) -> tuple[int, int]:
        """(column, row)."""
        return self.column, self.row

    def __str__(self) -> str:
        if self.role is Role.CONTROL:
            return "control"
        if self.role is Role.CORE:
            return f"core ({self.column},{self.row})"
        return f"{self.role.name} {self.number} of ({self.column},{self.row})"


class EventLock(NamedTuple):
    """A lock of a tile."""

    column: int
    row: int
    number: int

    @staticmethod
    def of(code: int) -> EventLock:
        """What field `a` of a LOCK_WAIT means."""
        return EventLock(code >> 8 & 0xFF, code & 0xFF, code >> 16 & 0xFF)

    def __str__(self) -> str:
        return f"lock {self.number} of ({self.column},{self.row})"


def copy_events(library: ctypes.CDLL, handle: ctypes.c_void_p) -> Events:
    """The events that the library keeps of the program's latest run."""
    count = ctypes.c_uint64()
    address = library.adfc_program_events(handle, ctypes.byref(count))
    raw = ctypes.string_at(address, count.value * EVENT.itemsize) if count.value else b""
    return np.frombuffer(raw, EVENT)
