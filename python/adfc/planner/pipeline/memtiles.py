"""What is taken of each memtile, and the nearest one that has room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from adfc.errors import CapacityError
from adfc.planner.fit import BUFFER_ALIGNMENT
from adfc.planner.graph import round_up
from adfc.spec.devices import Device

Coordinate = tuple[int, int]
"""(column, row)."""


class NoRoomError(CapacityError):
    """There is no room; the message says for what."""


@dataclass(frozen=True)
class Need:
    """What something takes of a memtile: bytes of each window, and, for each DMA channel that
    receives or sends, its buffer descriptors."""

    windows: tuple[int, ...] = ()
    receives: tuple[int, ...] = ()
    sends: tuple[int, ...] = ()

    @cached_property
    def bytes(self) -> int:
        """Bytes of all windows, each where a buffer may begin."""
        return sum(round_up(size, BUFFER_ALIGNMENT) for size in self.windows)


@dataclass
class _Use:
    """What of one memtile is taken; descriptors by halves, which channels of one parity share."""

    windows: int = 0
    bytes: int = 0
    bds: list[int] = field(default_factory=lambda: [0, 0])
    receives: list[int] = field(default_factory=lambda: [0, 0])
    sends: list[int] = field(default_factory=lambda: [0, 0])

    def copy(self) -> _Use:
        return _Use(self.windows, self.bytes, [*self.bds], [*self.receives], [*self.sends])


class Memtiles:
    """All memtiles of a device but those to avoid."""

    def __init__(self, device: Device, avoid: Sequence[Coordinate]) -> None:
        first, count = device.mem_rows
        self._device = device
        self._uses = {
            (column, row): _Use()
            for column in range(device.columns)
            for row in range(first, first + count)
            if (column, row) not in avoid
        }

    def take_near(
        self, column: int, need: Need, what: str, *, reach: int | None = None
    ) -> Coordinate:
        """Take it of the memtile with room that is nearest to the column, at most `reach` columns
        away; of equals of the one with more memory left. Raises NoRoomError, which says `what` has
        no room and what it takes, where there is none."""
        order = sorted(
            (at for at in self._uses if reach is None or abs(at[0] - column) <= reach),
            key=lambda at: (abs(at[0] - column), self._uses[at].bytes, at),
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
        return True

    def _with(self, use: _Use, need: Need) -> _Use | None:
        mem, taken = self._device.mem, use.copy()
        taken.windows += len(need.windows)
        taken.bytes += need.bytes
        if taken.bytes > mem.data_bytes or 2 * taken.windows > mem.locks:
            return None
        chains = [(bds, taken.receives) for bds in need.receives]
        chains += [(bds, taken.sends) for bds in need.sends]
        # Longest first, each in the half with more descriptors left.
        for bds, channels in sorted(chains, key=lambda chain: -chain[0]):
            halves = [half for half in (0, 1) if channels[half] < self._channels(channels, taken)]
            halves = [half for half in halves if taken.bds[half] + bds <= mem.bds // 2]
            if not halves:
                return None
            half = min(halves, key=lambda half: taken.bds[half])
            channels[half] += 1
            taken.bds[half] += bds
        return taken

    def _channels(self, channels: list[int], use: _Use) -> int:
        mem = self._device.mem
        every = mem.s2mm_channels if channels is use.receives else mem.mm2s_channels
        return every // 2
