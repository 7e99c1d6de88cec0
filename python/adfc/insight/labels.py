"""What an event is, in a few words."""

from __future__ import annotations

from collections.abc import Callable

from adfc.insight.timeline import Span, Timeline
from adfc.runtime import Control, EventKind, EventLock, Who


def label(timeline: Timeline, span: Span) -> str:
    """Such as "conv2d_3", "waits: lock 2 of (1,3)" or "write shim (2,0) DMA_BD[0] word 1"."""
    return _LABELS[span.kind](timeline, span)


def _run(timeline: Timeline, span: Span) -> str:
    return timeline.layer_name(int(timeline.phase_of[span.number])) or "core program"


def _call(timeline: Timeline, span: Span) -> str:
    return timeline.kernels[span.a].name.removeprefix("kernel$")


def _lock_wait(_: Timeline, span: Span) -> str:
    return f"waits: {EventLock.of(span.a)}"


def _cascade_wait(_timeline: Timeline, _span: Span) -> str:
    return "waits: the cascade's other end"


def _task(_: Timeline, span: Span) -> str:
    return f"task of BD {span.a}"


def _bd(_: Timeline, span: Span) -> str:
    return f"BD {span.a}"


def _start(_: Timeline, span: Span) -> str:
    return "DMA starts" if Who.of(span.who).row else "DDR answers"


def _stream_wait(_: Timeline, span: Span) -> str:
    return f"waits: {Who.of(span.by)}"


def _move(_: Timeline, span: Span) -> str:
    return f"{span.a} words"


def _confirm(_timeline: Timeline, _span: Span) -> str:
    return "DDR confirms"


def _control_wait(timeline: Timeline, span: Span) -> str:
    if span.a == Control.WAIT_TASK:
        return f"waits: {Who.of(span.b)}"
    return f"polls {_register(timeline, span.b)}"


def _register(timeline: Timeline, address: int) -> str:
    place = timeline.replay.array.place(address)
    return f"({place.tile[0]},{place.tile[1]}) {place.name}" if place else hex(address)


def _control(timeline: Timeline, span: Span) -> str:
    control = Control(span.a)
    match control:
        case Control.PHASE | Control.TIMESTAMP:
            return f"{control.name.lower()} {span.b}"
        case Control.LOAD_CORE:
            return f"load_core ({span.b >> 8},{span.b & 0xFF})"
        case Control.WAIT_TASK:
            return f"wait_task {Who.of(span.b)}"
        case _:
            return f"{control.name.lower()} {_register(timeline, span.b)}"


_LABELS: dict[EventKind, Callable[[Timeline, Span], str]] = {
    EventKind.RUN: _run,
    EventKind.CALL: _call,
    EventKind.LOCK_WAIT: _lock_wait,
    EventKind.CASCADE_WAIT: _cascade_wait,
    EventKind.TASK: _task,
    EventKind.BD: _bd,
    EventKind.START: _start,
    EventKind.STREAM_WAIT: _stream_wait,
    EventKind.MOVE: _move,
    EventKind.CONFIRM: _confirm,
    EventKind.CONTROL: _control,
    EventKind.CONTROL_WAIT: _control_wait,
}
