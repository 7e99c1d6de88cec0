"""Which bytes of which memory a run uses, when, and for which layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

from adfc.image.core_program import WINDOW_BIT, CoreProgram
from adfc.image.isa import rcb_isa
from adfc.image.tables import Kernel
from adfc.insight.descriptor import Descriptor, memory_of
from adfc.insight.lasting import core_work
from adfc.insight.places import Tile
from adfc.insight.reach import core_memory
from adfc.insight.steps import Task
from adfc.insight.timeline import Span, Timeline
from adfc.runtime import LOAD_MARK, EventKind, Role, Who


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

    def alive(self) -> int:
        """Bytes that are in use at a time, at most: no layout can do with less."""
        cuts = sorted({u.low for u in self.uses} | {u.high for u in self.uses})
        changes: dict[int, int] = {}
        for low, high in pairwise(cuts):
            reach = -1
            for use in sorted((u for u in self.uses if u.low <= low < u.high), key=_start):
                if use.end > reach:
                    start = max(use.start, reach)
                    changes[start] = changes.get(start, 0) + high - low
                    changes[use.end] = changes.get(use.end, 0) - (high - low)
                    reach = use.end
        return max(accumulate(change for _, change in sorted(changes.items())), default=0)


def _start(use: Use) -> int:
    return use.start


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
    for span in timeline.of_kind(EventKind.TASK):
        task = timeline.task(span)
        if task is not None:
            for descriptor in task.descriptors:
                yield from _use(timeline, task, descriptor, span.start, span.end, task.phase)
    for spans in timeline.spans.values():
        yield from _lasting_uses(timeline, [s for s in spans if s.mark >= LOAD_MARK])


def _lasting_uses(timeline: Timeline, spans: list[Span]) -> Iterator[tuple[Tile | int, Use]]:
    """Of a channel whose task never ends: the descriptors that it goes through for each phase."""
    moves = (span for span in spans if span.kind is EventKind.MOVE)
    for phase, group in groupby(moves, lambda span: int(timeline.phase_of[span.number])):
        members = list(group)
        task = timeline.task(members[0])
        numbers = {span.b for span in members}
        for descriptor in task.descriptors if task is not None else ():
            if task is not None and descriptor.number in numbers:
                start, end = members[0].start, members[-1].end
                yield from _use(timeline, task, descriptor, start, end, phase)


def _use(
    timeline: Timeline, task: Task, descriptor: Descriptor, start: int, end: int, phase: int
) -> Iterator[tuple[Tile | int, Use]]:
    tile, low = memory_of(timeline.replay.array.device, descriptor)
    key = tile if tile is not None else descriptor.buffer
    if key is not None:
        action = "read" if task.who.role is Role.MM2S else "write"
        size = descriptor.extent[1] - descriptor.extent[0]
        what = f"{task.who} BD {descriptor.number}"
        yield key, Use(low, low + size, start, end, phase, what, action)


def _core_uses(timeline: Timeline) -> Iterator[tuple[Tile | int, Use]]:
    """The buffers of kernel calls that no DMA touches are scratch; the others are windows."""
    lasting = core_work(timeline.replay)
    for span in timeline.of_kind(EventKind.RUN):
        start = timeline.core_start(span)
        program = timeline.replay.programs.get(start.offset) if start is not None else None
        if start is None or program is None:
            continue
        phase, only = start.phase, None
        if start.load:
            phase = int(timeline.phase_of[span.number])
            calls = lasting[start.tile].calls if start.tile in lasting else ()
            only = {call.instruction for call in calls if call.phase == phase}
        for use in operand_bytes(program, start.tile, timeline.kernels, only):
            name = use.kernel
            yield use.tile, Use(use.low, use.high, span.start, span.end, phase, name, "kernel")


class Operand(NamedTuple):
    """Bytes [low, high) of a core tile's memory that a call of `kernel` works on."""

    tile: Tile
    low: int
    high: int
    kernel: str


def operand_bytes(
    program: CoreProgram, tile: Tile, kernels: Sequence[Kernel], only: set[int] | None = None
) -> Iterator[Operand]:
    """The bytes that the kernel calls of a core program of `tile` work on, of that tile's memory
    and its neighbours', each once; `only` those of the instructions with these indices."""
    windows: dict[int, tuple[int, int, int]] = {}
    seen: set[Operand] = set()
    for index, instruction in enumerate(program.instructions):
        f = instruction.fields
        if instruction.mnemonic == "window":
            windows[f["window"]] = f["base"], f["stride"], f["depth"]
        if instruction.mnemonic != "call" or (only is not None and index not in only):
            continue
        kernel = kernels[f["kernel"]]
        for word, size in zip(instruction.lists["buffers"], kernel.buffers, strict=False):
            base, stride, depth = word, 0, 1
            if word & WINDOW_BIT:
                base, stride, depth = windows[word & ~WINDOW_BIT]
            for turn in range(depth):
                place = core_memory(tile, base + turn * stride)
                if place is None:
                    continue
                name = kernel.name.removeprefix("kernel$")
                entry = Operand(place[0], place[1], place[1] + size, name)
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
