"""Core tiles: the first column with room for the cores that make a sum, and for their streams."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from adfc.planner.pipeline.memtiles import Coordinate
from adfc.spec.devices import Device

SENDERS_PER_COLUMN = 4
"""Cores of a column that send: it has four southbound streams (AM020)."""

STREAMS_PER_COLUMN = 8
"""Streams that lead to cores of a column and not to those beside it: it has six northbound ones
(AM020), but some can come through neighbours that need fewer (assumed)."""

SURE_STREAMS = 6
"""So many need no way through neighbours: for where streams could not be routed."""

REACH = 8
"""Columns that a search goes back from the last one in use: streams should be short (assumed)."""


@dataclass
class _Column:
    """`streams`: those that come from the south; `known`: with those that a column beside has."""

    rows: int = 0
    senders: int = 0
    streams: Set[object] = field(default_factory=frozenset[object])
    known: Set[object] = field(default_factory=frozenset[object])


class Columns:
    """All core tiles of a device but those to avoid, column by column from the south."""

    def __init__(
        self, device: Device, avoid: Set[Coordinate], streams: int = STREAMS_PER_COLUMN
    ) -> None:
        self._device = device
        self._streams = streams
        self._avoid = avoid
        self._columns = [_Column() for _ in range(device.columns)]
        self._last = 0

    def take(self, count: int, streams: Set[object]) -> tuple[Coordinate, ...] | None:
        """So many neighbours, from north to south, of which the last one sends, and to which these
        streams lead. None where there are none."""
        for at in range(max(0, self._last - REACH), len(self._columns)):
            column = self._columns[at]
            # What the column beside gets can come from there.
            beside = self._columns[at - 1].known if at else frozenset[object]()
            together = column.streams | (streams - beside)
            rows = self._free_rows(at, count)
            if rows and len(together) <= self._streams:
                column.rows, column.streams = rows[-1] + 1, together
                column.known = column.known | streams
                column.senders += 1
                self._last = max(self._last, at)
                first = self._device.core_rows[0]
                return tuple((at, first + row) for row in reversed(rows))
        return None

    def _free_rows(self, at: int, count: int) -> range | None:
        """So many neighbours of the column's rows that may be used, the next ones."""
        column = self._columns[at]
        first, rows = self._device.core_rows
        if column.senders == SENDERS_PER_COLUMN:
            return None
        for start in range(column.rows, rows - count + 1):
            found = range(start, start + count)
            if not any((at, first + row) in self._avoid for row in found):
                return found
        return None
