"""What a program takes of each tile: memories, buffer descriptors, locks, channels and ports.

Counted from the control programs themselves, as they write registers: nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from adfc.image import ImageParts
from adfc.image.rcb import decode as decode_rcb
from adfc.image.tables import Kernel
from adfc.insight.descriptor import memory_of
from adfc.insight.machine import register_writes
from adfc.insight.memory import operand_bytes
from adfc.insight.places import ArrayMap, Place, Tile
from adfc.insight.reach import core_lock
from adfc.insight.replay import Replay
from adfc.planner.fit import CORE_STACK_BYTES
from adfc.spec.devices import Device


@dataclass(frozen=True)
class Resource:
    """How much of something is used of how much there is, in bytes or pieces."""

    used: int
    capacity: int

    @property
    def share(self) -> float:
        """Used of the capacity, 0 to 1."""
        return self.used / self.capacity if self.capacity else 0.0


@dataclass(frozen=True)
class TileUsage:
    """A tile and its resources by name, such as "data memory" (bytes) or "NORTH masters"."""

    tile: Tile
    kind: str
    resources: dict[str, Resource]

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "tile": list(self.tile),
            "kind": self.kind,
            **{
                name.replace(" ", "_"): {"used": r.used, "capacity": r.capacity}
                for name, r in self.resources.items()
            },
        }


def tile_usage(
    parts: ImageParts, replay: Replay, kernels: Sequence[Kernel]
) -> tuple[TileUsage, ...]:
    """Every tile that the load program or the program uses.

    Descriptors and locks are those of the whole program; of switch ports the most at one time. A
    core tile's data memory has its stack in it, its program memory only the core program: what
    kernels take there is not known to this compiler.
    """
    tally = _Tally(replay.array)
    for program in (parts.load_program, parts.program):
        for instruction in decode_rcb(program).instructions if program else ():
            for address, value, mask in register_writes(instruction):
                place = replay.array.place(address)
                if place is not None:
                    tally.write(place, value, mask)
    for both in (replay.load, replay):
        if both is not None:
            _tasks(tally, both)
            _cores(tally, both, kernels, len(parts.core_programs))
    return tuple(tally.usage(tile) for tile in sorted(tally.tiles))


def fullest(tiles: Iterable[TileUsage]) -> Iterator[tuple[str, str, Resource, Tile]]:
    """For each kind of tile and resource that is used: (kind, name, resource, a fullest tile)."""
    found: dict[tuple[str, str], tuple[Resource, Tile]] = {}
    entries = list(tiles)
    for entry in entries:
        for name, resource in entry.resources.items():
            known = found.get((entry.kind, name))
            if resource.used and (known is None or resource.share > known[0].share):
                found[entry.kind, name] = resource, entry.tile
    for kind in ("core", "mem", "shim"):
        names = next((entry.resources for entry in entries if entry.kind == kind), {})
        for name in names:
            if (kind, name) in found:
                yield kind, name, *found[kind, name]


@dataclass
class _TileTally:
    bds: set[int] = field(default_factory=set[int])
    locks: set[int] = field(default_factory=set[int])
    channels: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    bytes: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    program: int = 0
    enabled: dict[tuple[str, int], bool] = field(default_factory=dict[tuple[str, int], bool])
    most: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])


class _Tally:
    """What has been used so far, tile by tile."""

    def __init__(self, array: ArrayMap) -> None:
        self._array = array
        self.tiles: dict[Tile, _TileTally] = {}

    def of(self, tile: Tile) -> _TileTally:
        return self.tiles.setdefault(tile, _TileTally())

    def write(self, place: Place, value: int, mask: int) -> None:
        name = place.register.name
        if name == "DMA_BD":
            self.of(place.tile).bds.add(place.index)
        elif name == "LOCK" and value & mask:
            self.of(place.tile).locks.add(place.index)
        elif name.startswith("SWITCH_"):
            self._port(place, value & mask)

    def _port(self, place: Place, value: int) -> None:
        enable = place.register.field("ENABLE")
        on = bool(value >> enable.lsb & enable.mask)
        side = "masters" if place.register.name == "SWITCH_MASTER" else "slaves"
        if not on and place.tile not in self.tiles:
            return
        tile = self.of(place.tile)
        tile.enabled[side, place.index] = on
        ports = self._array.registers.tiles[place.kind]
        ranges = (ports.masters if side == "masters" else ports.slaves).ranges
        for kind, (first, count) in ranges.items():
            if first <= place.index < first + count:
                used = sum(tile.enabled.get((side, first + i), False) for i in range(count))
                tile.most[kind, side] = max(tile.most.get((kind, side), 0), used)

    def usage(self, tile: Tile) -> TileUsage:
        device = self._array.device
        kind, has, used = device.kind(tile[1]), device.tile(tile[1]), self.tiles[tile]
        found: dict[str, Resource] = {}
        if has.data_bytes:
            stack = CORE_STACK_BYTES if kind == "core" and used.program else 0
            found["data memory"] = Resource(_union(used.bytes) + stack, has.data_bytes)
        if has.program_bytes:
            found["program memory"] = Resource(used.program, has.program_bytes)
        found["buffer descriptors"] = Resource(len(used.bds), has.bds)
        found["locks"] = Resource(len(used.locks), has.locks)
        for role, count in (("S2MM", has.s2mm_channels), ("MM2S", has.mm2s_channels)):
            channels = sum(name == role for name, _ in used.channels)
            found[f"{role} channels"] = Resource(channels, count)
        for side, counts in (("masters", has.masters), ("slaves", has.slaves)):
            for port, count in counts.items():
                if count:
                    found[f"{port} {side}"] = Resource(used.most.get((port, side), 0), count)
        return TileUsage(tile, kind, found)


def _union(spans: Iterable[tuple[int, int]]) -> int:
    total = reach = 0
    for low, high in sorted(spans):
        total += max(high - max(low, reach), 0)
        reach = max(reach, high)
    return total


def _tasks(tally: _Tally, replay: Replay) -> None:
    device = replay.array.device
    for task in replay.tasks:
        tally.of(task.who.tile).channels.add((task.who.role.name, task.who.number))
        for descriptor in task.descriptors:
            tile, base = memory_of(device, descriptor)
            if tile is not None:
                low, high = descriptor.extent
                tally.of(tile).bytes.add((base, base + high - low))
            for use in (descriptor.acquire, descriptor.release):
                if use is not None:
                    tally.of(use[0].tile).locks.add(use[0].number)


def _cores(tally: _Tally, replay: Replay, kernels: Sequence[Kernel], section: int) -> None:
    ends = dict(zip(sorted(replay.programs), [*sorted(replay.programs)[1:], section], strict=True))
    for start in replay.starts:
        program = replay.programs.get(start.offset)
        if program is None:
            continue
        tile = tally.of(start.tile)
        tile.program = max(tile.program, ends[start.offset] - start.offset)
        for operand in operand_bytes(program, start.tile, kernels):
            tally.of(operand.tile).bytes.add((operand.low, operand.high))
        for instruction in program.instructions:
            if "lock" in instruction.fields:
                lock = core_lock(start.tile, instruction.fields["lock"])
                tally.of(lock.tile).locks.add(lock.number)


def capacity_of(device: Device) -> dict[str, int]:
    """Bytes of all memories of the array, by kind of tile."""
    return {
        "memtiles": device.columns * device.mem_rows[1] * device.mem.data_bytes,
        "core tiles": device.core_tiles * device.core.data_bytes,
    }
