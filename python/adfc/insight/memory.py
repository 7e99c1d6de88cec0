"""Which bytes of which memory a run uses, when, and for which layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adfc.image.core_program import WINDOW_BIT
from adfc.image.isa import rcb_isa
from adfc.insight.descriptor import memory_of
from adfc.insight.places import Tile
from adfc.insight.replay import CoreStart
from adfc.insight.timeline import Timeline
from adfc.runtime import EventKind, Role, Who


@dataclass(frozen=True)
class Use:
    """Bytes [low, high) of a memory in use over cycles [start, end).

    `what` names the user; `action` is "write", "read", "kernel", or "held" between a write and the
    last read of the same bytes.
    """

    low: int
    high: int
    start: int
    end: int
    phase: int
    what: str
    action: str


@dataclass(frozen=True)
class Memory:
    """One memory: of a tile, or a DDR buffer (`tile` is None); `capacity` in bytes."""

    name: str
    tile: Tile | None
    capacity: int
    uses: tuple[Use, ...]

    def peak(self, phase: int | None = None) -> int:
        """Bytes that are used at all, in one phase or in any."""
        spans = sorted((u.low, u.high) for u in self.uses if phase is None or u.phase == phase)
        total, reach = 0, 0
        for low, high in spans:
            total += max(high - max(low, reach), 0)
            reach = max(reach, high)
        return total


def memories(timeline: Timeline, buffers: dict[int, int]) -> tuple[Memory, ...]:
    """All memories that the run uses; `buffers` gives the DDR buffers' bytes by number."""
    device = timeline.replay.array.device
    found: dict[Tile | int, list[Use]] = {}
    for key, use in (*_dma_uses(timeline), *_core_uses(timeline)):
        found.setdefault(key, []).append(use)
    result: list[Memory] = []
    names = rcb_isa().enumeration("buffer").cases
    for buffer, size in sorted(buffers.items()):
        if buffer in found:
            uses = _with_held(found[buffer])
            result.append(Memory(f"DDR {names[buffer].name}", None, size, uses))
    for tile in sorted(key for key in found if isinstance(key, tuple)):
        kind = device.kind(tile[1])
        name = f"{'memtile' if kind == 'mem' else kind} ({tile[0]},{tile[1]})"
        size = device.tile(tile[1]).data_bytes
        result.append(Memory(name, tile, size, _with_held(found[tile])))
    return tuple(result)


def _dma_uses(timeline: Timeline) -> Iterator[tuple[Tile | int, Use]]:
    device = timeline.replay.array.device
    for span in timeline.of_kind(EventKind.TASK):
        task = timeline.task(span)
        if task is None:
            continue
        action = "read" if task.who.role is Role.MM2S else "write"
        for descriptor in task.descriptors:
            tile, low = memory_of(device, descriptor)
            key = tile if tile is not None else descriptor.buffer
            if key is None:
                continue
            size = descriptor.extent[1] - descriptor.extent[0]
            what = f"{task.who} BD {descriptor.number}"
            yield key, Use(low, low + size, span.start, span.end, task.phase, what, action)


def _core_uses(timeline: Timeline) -> Iterator[tuple[Tile | int, Use]]:
    """The buffers of kernel calls that no DMA touches are scratch; the others are windows."""
    for span in timeline.of_kind(EventKind.RUN):
        start = timeline.core_start(span)
        if start is None:
            continue
        for low, high, name in _operands(timeline, start):
            yield start.tile, Use(low, high, span.start, span.end, start.phase, name, "kernel")


def _operands(timeline: Timeline, start: CoreStart) -> Iterator[tuple[int, int, str]]:
    program = timeline.replay.programs.get(start.offset)
    windows: dict[int, tuple[int, int, int]] = {}
    seen: set[tuple[int, int, str]] = set()
    for instruction in program.instructions if program else ():
        f = instruction.fields
        if instruction.mnemonic == "window":
            windows[f["window"]] = f["base"], f["stride"], f["depth"]
        if instruction.mnemonic != "call":
            continue
        kernel = timeline.kernels[f["kernel"]]
        for word, size in zip(instruction.lists["buffers"], kernel.buffers, strict=False):
            base, stride, depth = word, 0, 1
            if word & WINDOW_BIT:
                base, stride, depth = windows[word & ~WINDOW_BIT]
            for turn in range(depth):
                low = base + turn * stride
                entry = low, low + size, kernel.name.removeprefix("kernel$")
                if entry not in seen:
                    seen.add(entry)
                    yield entry


def _with_held(uses: list[Use]) -> tuple[Use, ...]:
    """The uses, and between a write and the reads of it, that its bytes are held.

    Of core tiles nothing is said: there a kernel reads and writes in between.
    """
    if any(u.action == "kernel" for u in uses):
        return tuple(sorted(uses, key=_order))
    writes = sorted((u for u in uses if u.action == "write"), key=lambda u: u.start)
    reads = [u for u in uses if u.action == "read"]
    held: list[Use] = []
    for write in writes:
        next_write = min(
            (w.start for w in writes if w.start >= write.end and _overlap(w, write)),
            default=None,
        )
        until = max(
            (
                r.start
                for r in reads
                if r.start >= write.end
                and _overlap(r, write)
                and (next_write is None or r.start < next_write)
            ),
            default=write.end,
        )
        if until > write.end:
            held.append(
                Use(write.low, write.high, write.end, until, write.phase, write.what, "held")
            )
    return tuple(sorted([*uses, *held], key=_order))


def _order(use: Use) -> tuple[int, int, int, int, str]:
    return use.low, use.start, use.high, use.end, use.what


def _overlap(a: Use, b: Use) -> bool:
    return a.low < b.high and b.low < a.high


def tiles_of(timeline: Timeline) -> set[Tile]:
    """All tiles of which something happened."""
    return {Who.of(who).tile for who in timeline.spans if Who.of(who).role is not Role.CONTROL}
