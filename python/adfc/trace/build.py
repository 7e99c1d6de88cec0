"""A run's events as tracks: layers, control, each tile's core and DMA channels, streams, locks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from adfc.insight.causes import Causes, moved_late
from adfc.insight.labels import label
from adfc.insight.steps import Task
from adfc.insight.timeline import Span, Timeline
from adfc.runtime import EventKind, EventLock, Role, Who
from adfc.trace.model import Counter, Slice, Trace, Track, Value, lanes

_WAITS = (EventKind.LOCK_WAIT, EventKind.STREAM_WAIT, EventKind.CONTROL_WAIT)
_CATEGORIES = {
    EventKind.RUN: "core",
    EventKind.CALL: "kernel",
    EventKind.LOCK_WAIT: "stall.lock",
    EventKind.STREAM_WAIT: "stall.stream",
    EventKind.CASCADE_WAIT: "stall.cascade",
    EventKind.TASK: "dma",
    EventKind.BD: "dma",
    EventKind.START: "stall.start",
    EventKind.MOVE: "move",
    EventKind.CONFIRM: "stall.ddr",
    EventKind.CONTROL: "control",
    EventKind.CONTROL_WAIT: "control.wait",
}

_CAUSES: Mapping[EventKind, Callable[[Who], str]] = {
    EventKind.START: lambda who: "DMA set-up" if who.row else "DDR latency",
    EventKind.CONFIRM: lambda _: "DDR latency",
    EventKind.CASCADE_WAIT: lambda _: "kernel of the cascade's other end",
}
"""What stalls come down to that wait for nobody else's lock or stream."""


def build_trace(timeline: Timeline, title: str) -> Trace:
    """The whole run. Waits say what they wait for (`for`), what that comes down to (`cause`), and
    over whom (`chain`)."""
    causes = Causes(timeline)
    tracks = [*_layer_tracks(timeline)]
    for who in sorted(timeline.spans, key=_order):
        slices = tuple(_slice(timeline, causes, s) for s in timeline.spans[who] if s.cycles)
        if slices:
            tracks.append(Track(_group(timeline, Who.of(who)), _name(Who.of(who)), slices))
    tracks += _stream_tracks(timeline, causes)
    tracks += _lock_tracks(timeline, causes)
    device = timeline.replay.array.device
    return Trace(title, device.clock_mhz, tuple(tracks), _ddr(timeline, device.clock_mhz))


def _order(who: int) -> tuple[int, ...]:
    """Control first, then tile by tile, the core before its channels."""
    w = Who.of(who)
    return (w.role is not Role.CONTROL, w.column, w.row, w.role, w.number)


def _group(timeline: Timeline, who: Who) -> str:
    if who.role is Role.CONTROL:
        return "control engine"
    kind = timeline.replay.array.device.kind(who.row)
    return f"{'memtile' if kind == 'mem' else kind} ({who.column},{who.row})"


def _name(who: Who) -> str:
    if who.role is Role.CONTROL:
        return "control program"
    return "core" if who.role is Role.CORE else f"{who.role.name} {who.number}"


def _slice(timeline: Timeline, causes: Causes, span: Span) -> Slice:
    details: dict[str, Value] = {"cycles": span.cycles}
    layer = timeline.layer_name(int(timeline.phase_of[span.number]))
    if layer and span.kind in (EventKind.CALL, EventKind.TASK):
        details["layer"] = layer
    if span.kind in _WAITS:
        details |= _cause(causes, span)
    elif span.kind in _CAUSES:
        details["cause"] = _CAUSES[span.kind](Who.of(span.who))
    elif span.kind is EventKind.MOVE and Who.of(span.who).row == 0 and moved_late(span) > 0:
        details["ddr_stall_cycles"] = moved_late(span)
    if span.kind in (EventKind.CONTROL, EventKind.CONTROL_WAIT, EventKind.TASK, EventKind.RUN):
        step = timeline.replay.step_of_call(span.mark)
        details["load_word" if step.load else "word"] = step.word
    return Slice(label(timeline, span), _CATEGORIES[span.kind], span.start, span.end, details)


def _cause(causes: Causes, wait: Span) -> dict[str, Value]:
    cause = causes.of(wait)
    target = wait.b if wait.kind is EventKind.CONTROL_WAIT else wait.by
    details: dict[str, Value] = {"for": str(Who.of(target)), "cause": cause.text}
    if len(cause.chain) > 1:
        details["chain"] = " <- ".join(cause.chain)
    return details


def _stream_tracks(timeline: Timeline, causes: Causes) -> Iterable[Track]:
    """The stream of each sending channel: words on it, and waits for an end that is not ready."""
    for who in sorted(timeline.spans):
        if Who.of(who).role is not Role.MM2S:
            continue
        slices: list[Slice] = []
        for span in timeline.spans[who]:
            if span.kind not in (EventKind.MOVE, EventKind.STREAM_WAIT) or not span.cycles:
                continue
            details: dict[str, Value] = {"cycles": span.cycles, **_to(timeline.task(span))}
            if span.kind is EventKind.MOVE:
                details["bytes"] = 4 * span.a
            else:
                details |= _cause(causes, span)
            layer = timeline.layer_name(int(timeline.phase_of[span.number]))
            if layer:
                details["layer"] = layer
            category = "stream" if span.kind is EventKind.MOVE else "stall.stream"
            slices.append(Slice(label(timeline, span), category, span.start, span.end, details))
        if slices:
            yield Track("streams", f"from {Who.of(who)}", tuple(slices))


def _to(task: Task | None) -> dict[str, Value]:
    if task is None or task.route is None:
        return {}
    return {"to": ", ".join(str(sink) for sink in task.route.sinks)}


def _lock_tracks(timeline: Timeline, causes: Causes) -> Iterable[Track]:
    """Who waits for each lock; where several do at a time, they stand in lanes."""
    waits: dict[EventLock, list[Slice]] = {}
    for span in timeline.of_kind(EventKind.LOCK_WAIT):
        if span.cycles:
            wanted = span.b - (1 << 32 if span.b >> 31 else 0)
            details: dict[str, Value] = {"cycles": span.cycles, "asks for": wanted}
            details |= _cause(causes, span)
            name = f"{Who.of(span.who)} waits"
            entry = Slice(name, "stall.lock", span.start, span.end, details)
            waits.setdefault(EventLock.of(span.a), []).append(entry)
    for lock in sorted(waits):
        for number, lane in enumerate(lanes(sorted(waits[lock], key=lambda s: s.start))):
            yield Track("lock waits", f"{lock} {number}" if number else str(lock), lane)


def _layer_tracks(timeline: Timeline) -> Iterable[Track]:
    """The layers; those that overlap in time stand in lanes of their own."""
    entries: list[Slice] = []
    for stretch in sorted(timeline.stretches, key=lambda s: (s.start, s.phase)):
        layer = timeline.replay.layers[stretch.phase]
        details: dict[str, Value] = {"cycles": stretch.end - stretch.start, "kind": layer.kind}
        if layer.file:
            details["source"] = f"{layer.file}:{layer.line}"
        entries.append(Slice(layer.name, "layer", stretch.start, stretch.end, details))
    for number, lane in enumerate(lanes(entries)):
        yield Track("layers", f"layers {number}" if number else "layers", lane)


def _ddr(timeline: Timeline, clock_mhz: int) -> tuple[Counter, ...]:
    """Bytes that shim channels move, as rates in MB/s."""
    counters: list[Counter] = []
    for role, name in ((Role.MM2S, "DDR reads"), (Role.S2MM, "DDR writes")):
        changes: dict[int, float] = {}
        for who, spans in timeline.spans.items():
            if Who.of(who).role is not role or Who.of(who).row:
                continue
            for span in spans:
                if span.kind is EventKind.MOVE and span.cycles:
                    rate = 4 * span.a / span.cycles * clock_mhz
                    changes[span.start] = changes.get(span.start, 0.0) + rate
                    changes[span.end] = changes.get(span.end, 0.0) - rate
        points: list[tuple[int, float]] = []
        level = 0.0
        for cycle in sorted(changes):
            level += changes[cycle]
            points.append((cycle, round(max(level, 0.0), 1)))
        counters.append(Counter("DDR", name, "MB/s", tuple(points)))
    return tuple(counters)
