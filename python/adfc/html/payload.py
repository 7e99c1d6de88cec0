"""What the page's scripts work on: one JSON object, kept small."""

from __future__ import annotations

from typing import Any

from adfc.html.charts import REASON_CLASS, REASON_TITLE
from adfc.html.view import LayerView, View
from adfc.insight.labels import label
from adfc.insight.places import Tile
from adfc.insight.timeline import Span
from adfc.runtime import EventKind, Role, Who

_WAITS = (EventKind.LOCK_WAIT, EventKind.STREAM_WAIT, EventKind.CONTROL_WAIT)
CATEGORIES = (
    "layer",
    "program",
    "kernel",
    "lock wait",
    "stream wait",
    "descriptor",
    "start",
    "move",
    "confirm",
    "control",
    "control wait",
    "cascade wait",
)
_CATEGORY = {
    EventKind.RUN: 1,
    EventKind.CALL: 2,
    EventKind.LOCK_WAIT: 3,
    EventKind.STREAM_WAIT: 4,
    EventKind.BD: 5,
    EventKind.START: 6,
    EventKind.MOVE: 7,
    EventKind.CONFIRM: 8,
    EventKind.CONTROL: 9,
    EventKind.CONTROL_WAIT: 10,
    EventKind.CASCADE_WAIT: 11,
}


class _Strings:
    """Texts by number; 0 is none."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"": 0}

    def __call__(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))


def payload(view: View) -> dict[str, Any]:
    """The object; cycles are whole numbers, tracks lists of six numbers a slice:

    start (from the slice's before), length, category, name, cause, phase.
    """
    strings = _Strings()
    tracks, tiles = _tracks(view, strings), _tiles_by_phase(view)
    return {
        "model": view.model,
        "device": view.device.name,
        "clock": view.device.clock_mhz,
        "cycles": view.timeline.cycles,
        "categories": CATEGORIES,
        "reasons": [
            {"name": name, "title": REASON_TITLE[name], "class": css}
            for name, css in REASON_CLASS.items()
        ],
        "layers": [_layer(view, layer, tiles.get(layer.phase, [])) for layer in view.layers],
        "tiles": [_tile(view, tile) for tile in view.used_tiles],
        "tracks": tracks,
        "memories": _memories(view, strings),
        "strings": list(strings.numbers),
    }


def _layer(view: View, layer: LayerView, tiles: list[str]) -> dict[str, Any]:
    order = list(REASON_CLASS)
    kernels = {
        label(view.timeline, span)
        for span in view.timeline.of_kind(EventKind.CALL)
        if int(view.timeline.phase_of[span.number]) == layer.phase
    }
    return {
        "phase": layer.phase,
        "name": layer.info.name,
        "kind": layer.info.kind,
        "source": layer.info.place,
        "ops": [
            {"tosa": op.tosa, "name": op.name, "aten": list(op.aten), "source": op.place}
            for op in layer.info.ops
        ],
        "macs": layer.info.macs,
        "start": layer.time.start,
        "end": layer.time.end,
        "cores": [f"{c},{r}" for c, r in layer.time.cores],
        "tiles": tiles,
        "spent": [[order.index(r), round(share, 4)] for r, share in layer.time.shares.items()],
        "advice": layer.advice,
        "ddr": layer.ddr_bytes,
        "control": layer.control_cycles,
        "used": round(layer.macs_per_cycle / view.peak_macs, 4),
        "kernels": sorted(kernels),
    }


def _tiles_by_phase(view: View) -> dict[int, list[str]]:
    """Tiles whose core or DMA worked for each phase."""
    tiles: dict[int, set[Tile]] = {}
    for kind in (EventKind.CALL, EventKind.MOVE):
        for span in view.timeline.of_kind(kind):
            phase = int(view.timeline.phase_of[span.number])
            tiles.setdefault(phase, set()).add(Who.of(span.who).tile)
    return {phase: [f"{c},{r}" for c, r in sorted(found)] for phase, found in tiles.items()}


def _tile(view: View, tile: Tile) -> dict[str, Any]:
    kind = view.device.kind(tile[1])
    memory = next((m for m in view.memories if m.tile == tile), None)
    channels: list[dict[str, Any]] = []
    for who, spans in sorted(view.timeline.spans.items()):
        w = Who.of(who)
        if w.tile != tile or w.role not in (Role.S2MM, Role.MM2S):
            continue
        channels.append(
            {
                "name": f"{w.role.name} {w.number}",
                "bytes": sum(4 * s.a for s in spans if s.kind is EventKind.MOVE),
                "moving": sum(s.cycles for s in spans if s.kind is EventKind.MOVE),
                "lock": sum(s.cycles for s in spans if s.kind is EventKind.LOCK_WAIT),
                "stream": sum(s.cycles for s in spans if s.kind is EventKind.STREAM_WAIT),
            }
        )
    fills: dict[int, int] = {}
    for phase in {use.phase for use in memory.uses} if memory else ():
        fills[phase] = memory.peak(phase) if memory else 0
    return {
        "id": f"{tile[0]},{tile[1]}",
        "kind": "memtile" if kind == "mem" else kind,
        "busy": view.busy.get(tile, 0),
        "capacity": memory.capacity if memory else 0,
        "peak": memory.peak() if memory else 0,
        "fills": fills,
        "channels": channels,
    }


def _track_order(who: int) -> tuple[int, ...]:
    w = Who.of(who)
    return (w.role is not Role.CONTROL, w.column, w.row, w.role, w.number)


def _tracks(view: View, strings: _Strings) -> list[dict[str, Any]]:
    tracks: list[dict[str, Any]] = _layer_lanes(view, strings)
    for who in sorted(view.timeline.spans, key=_track_order):
        w = Who.of(who)
        slices = _slices(view, view.timeline.spans[who], strings)
        if slices:
            name = "core" if w.role is Role.CORE else f"{w.role.name} {w.number}"
            control = w.role is Role.CONTROL
            tracks.append(
                {
                    "tile": "" if control else f"{w.column},{w.row}",
                    "name": "control program" if control else name,
                    "slices": slices,
                }
            )
    return tracks


def _layer_lanes(view: View, strings: _Strings) -> list[dict[str, Any]]:
    """The layers; those that overlap in time stand in lanes of their own."""
    lanes: list[tuple[list[int], int, int]] = []  # slices, the last one's start, its end
    for layer in sorted(view.layers, key=lambda entry: (entry.time.start, entry.phase)):
        start, cycles = layer.time.start, layer.time.cycles
        free = next((i for i, (_, _, end) in enumerate(lanes) if end <= start), len(lanes))
        slices, at, _ = lanes[free] if free < len(lanes) else ([], 0, 0)
        slices += [start - at, cycles, 0, strings(layer.info.name), 0, layer.phase]
        lanes[free : free + 1] = [(slices, start, start + cycles)]
    return [
        {"tile": "", "name": "layers" if i == 0 else "", "slices": slices}
        for i, (slices, _, _) in enumerate(lanes or [([], 0, 0)])
    ]


def _slices(view: View, spans: list[Span], strings: _Strings) -> list[int]:
    flat: list[int] = []
    at = 0
    for span in spans:
        if span.kind is EventKind.TASK or not span.cycles:
            continue
        cause = 0
        if span.kind in _WAITS:
            found = view.causes.of(span)
            cause = strings(found.text)
        phase = int(view.timeline.phase_of[span.number])
        name = strings(label(view.timeline, span))
        flat += [span.start - at, span.cycles, _CATEGORY[span.kind], name, cause, phase]
        at = span.start
    return flat


def _memories(view: View, strings: _Strings) -> list[dict[str, Any]]:
    actions = ("write", "read", "kernel", "held")
    return [
        {
            "name": memory.name,
            "tile": f"{memory.tile[0]},{memory.tile[1]}" if memory.tile else "",
            "capacity": memory.capacity,
            "uses": [
                number
                for use in memory.uses
                for number in (
                    use.low,
                    use.high - use.low,
                    use.start,
                    use.end - use.start,
                    use.phase,
                    strings(use.what),
                    actions.index(use.action),
                )
            ],
        }
        for memory in view.memories
    ]
