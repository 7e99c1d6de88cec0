"""What is taken of each memtile, and the nearest one that has room."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

from adfc.errors import CapacityError
from adfc.planner.fit import BUFFER_ALIGNMENT
from adfc.planner.graph import round_up
from adfc.spec.devices import Device

Coordinate = tuple[int, int]
"""(column, row)."""


NORTHBOUND = 6
"""Streams that leave a column's memtiles for cores: more would go by way of the shims (AM020)."""


class NoRoomError(CapacityError):
    """There is no room; the message says for what."""


@dataclass(frozen=True)
class Need:
    """What something takes of a memtile: bytes of each window, and, for each DMA channel that
    receives or sends, its buffer descriptors; `north`: channels that send to cores."""

    windows: tuple[int, ...] = ()
    receives: tuple[int, ...] = ()
    sends: tuple[int, ...] = ()
    north: int = 0

    @cached_property
    def bytes(self) -> int:
        """Bytes of all windows, each where a buffer may begin."""
        return sum(round_up(size, BUFFER_ALIGNMENT) for size in self.windows)


@dataclass(frozen=True)
class _Use:
    """What of one memtile is taken: of each channel that receives or sends, its descriptors."""

    windows: int = 0
    bytes: int = 0
    receives: tuple[int, ...] = ()
    sends: tuple[int, ...] = ()


class Memtiles:
    """All memtiles of a device but those to avoid."""

    def __init__(self, device: Device, avoid: Set[Coordinate]) -> None:
        first, count = device.mem_rows
        self._device = device
        self._uses = {
            (column, row): _Use()
            for column in range(device.columns)
            for row in range(first, first + count)
            if (column, row) not in avoid
        }
        self._north: dict[int, int] = {}

    def take_near(
        self, column: int, need: Need, what: str, *, reach: int | None = None
    ) -> Coordinate:
        """Take it of the memtile with room that is nearest to the column, at most `reach` columns
        away; of equals of the one with more memory left. Columns in which more streams go north
        than there are come last. Raises NoRoomError, which says `what` has no room and what it
        takes, where there is none."""
        order = sorted(
            (at for at in self._uses if reach is None or abs(at[0] - column) <= reach),
            key=lambda at: (
                need.north > 0 and self._north.get(at[0], 0) + need.north > NORTHBOUND,
                abs(at[0] - column),
                self._uses[at].bytes,
                at,
            ),
        )
        for at in order:
            if self.take(at, need):
                return at
        room = self._device.mem.data_bytes
        left = max((room - self._uses[at].bytes for at in order), default=0)
        if need.bytes > left:
            raise NoRoomError(f"{what}: {need.bytes:,} bytes of a memtile, where {left:,} are left")
        chains = [*need.receives, *need.sends]
        raise NoRoomError(
            f"{what}: {need.bytes:,} bytes of a memtile are left, but not together with "
            f"{2 * len(need.windows)} locks, {len(need.receives)} channels that receive and "
            f"{len(need.sends)} that send, with {sum(chains)} descriptors"
        )

    def take(self, at: Coordinate, need: Need) -> bool:
        """Take it of this memtile; False, and nothing taken, where there is no room."""
        use = self._uses.get(at)
        taken = None if use is None else self._with(use, need)
        if taken is None:
            return False
        self._uses[at] = taken
        self._north[at[0]] = self._north.get(at[0], 0) + need.north
        return True

    def _with(self, use: _Use, need: Need) -> _Use | None:
        mem = self._device.mem
        taken = _Use(
            use.windows + len(need.windows),
            use.bytes + need.bytes,
            (*use.receives, *need.receives),
            (*use.sends, *need.sends),
        )
        if taken.bytes > mem.data_bytes or 2 * taken.windows > mem.locks:
            return None
        return taken if self._has_channels(taken) else None

    def _has_channels(self, use: _Use) -> bool:
        """Whether channels and descriptors go round, of which those of one parity share half. Those
        with most come first, each takes the first channel of those with most descriptors left: the
        same as lib/Transforms/Place/Placer.cpp."""
        mem = self._device.mem
        left = [mem.bds // 2, mem.bds // 2]
        free = {True: [*range(mem.s2mm_channels)], False: [*range(mem.mm2s_channels)]}
        needs = [(bds, True) for bds in use.receives] + [(bds, False) for bds in use.sends]
        for bds, receives in sorted(needs, key=lambda need: (-need[0], not need[1])):
            fit = [channel for channel in free[receives] if left[channel % 2] >= bds]
            if not fit:
                return False
            channel = max(fit, key=lambda channel: (left[channel % 2], -channel))
            free[receives].remove(channel)
            left[channel % 2] -= bds
        return True
