"""The timeline of a run agrees with what the array counts by itself, and with its own form."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from adfc.cli.trace import trace_command
from adfc.driver.options import CompileOptions
from adfc.errors import InputError
from adfc.frontend.load import load_model
from adfc.insight.causes import Causes, Reason
from adfc.insight.run import observe
from adfc.insight.timeline import Timeline
from adfc.program import Program, compile_tosa
from adfc.runtime import LOAD_MARK, EventKind, Role, Run, Who
from adfc.trace import build_trace, chrome_json, perfetto_bytes


def _steady(program: Program) -> Run:
    """The second inference on the same array, which is the one that is observed."""
    zeros = [np.zeros(spec.array_shape, np.int8) for spec in program.inputs]
    program.execute(zeros)
    return program.execute(zeros, keep_state=True)


def test_observing_changes_nothing(program: Program, timeline: Timeline) -> None:
    run = _steady(program)
    assert run.events is None
    assert run.cost.cycles == timeline.cycles
    assert int(timeline.events["end"].max()) <= timeline.cycles


def test_events_add_up_to_the_counters(program: Program, timeline: Timeline) -> None:
    run = _steady(program)
    spent: dict[tuple[EventKind, tuple[int, int]], int] = defaultdict(int)
    for kind in (EventKind.CALL, EventKind.LOCK_WAIT):
        for span in timeline.of_kind(kind):
            if Who.of(span.who).role is Role.CORE:
                spent[kind, Who.of(span.who).tile] += span.cycles
    for core in run.cores:
        tile = core.column, core.row
        assert spent[EventKind.CALL, tile] == core.busy_cycles
        assert spent[EventKind.LOCK_WAIT, tile] == core.stall_cycles
    moved = {
        role: sum(
            4 * span.a
            for span in timeline.of_kind(EventKind.MOVE)
            if Who.of(span.who).row == 0 and Who.of(span.who).role is role
        )
        for role in (Role.MM2S, Role.S2MM)
    }
    assert moved[Role.MM2S] == run.cost.ddr_read_bytes
    assert moved[Role.S2MM] == run.cost.ddr_write_bytes
    control = sum(span.cycles for span in timeline.of_kind(EventKind.CONTROL))
    assert control == run.cost.control_cycles


def test_marks_are_the_calls_of_the_program(program: Program, timeline: Timeline) -> None:
    """The replay counts RHAL calls as the engine makes them."""
    zeros = [np.zeros(spec.array_shape, np.int8) for spec in program.inputs]
    program.execute(zeros)
    run = program.execute(zeros, backend="trace", keep_state=True)
    assert timeline.replay.steps[-1].call == run.trace_calls
    for span in timeline.of_kind(EventKind.RUN):
        start = timeline.core_start(span)
        assert start is not None
        assert start.tile == Who.of(span.who).tile
    for span in timeline.of_kind(EventKind.TASK):
        task = timeline.task(span)
        assert task is not None
        assert task.who == Who.of(span.who)
        assert task.descriptors[0].number == span.a


def test_words_go_where_the_routes_lead(timeline: Timeline) -> None:
    """What the switches say, followed on paper, is where the emulator moved the words to."""
    seen = {False: 0, True: 0}
    for span in timeline.of_kind(EventKind.MOVE):
        if Who.of(span.who).role is Role.MM2S:
            task = timeline.task(span)
            assert task is not None
            assert task.route is not None
            assert Who.of(span.by) in task.route.sinks
            seen[span.mark >= LOAD_MARK] += 1
    assert seen[False] > 0
    assert (seen[True] > 0) == bool(timeline.replay.lasting_tasks)


def test_slices_nest_and_waits_say_why(timeline: Timeline) -> None:
    trace = build_trace(timeline, "resnet8")
    names = {track.group for track in trace.tracks}
    assert {"control engine", "layers"} <= names
    assert any(name.startswith("memtile") for name in names)
    for track in trace.tracks:
        open_ends: list[int] = []
        for entry in track.slices:
            while open_ends and open_ends[-1] <= entry.start:
                open_ends.pop()
            assert not open_ends or entry.end <= open_ends[-1], (track.group, track.name, entry)
            open_ends.append(entry.end)
            if entry.category.startswith("stall.") and entry.category.endswith(("lock", "stream")):
                assert entry.details["cause"]
    layers = [s.name for t in trace.tracks if t.group == "layers" for s in t.slices]
    assert sorted(layers) == sorted(layer.name for layer in timeline.replay.layers)


def test_streams_and_locks_have_tracks_of_their_own(timeline: Timeline) -> None:
    """All words that are sent, and all cycles that anybody waits for a lock."""
    trace = build_trace(timeline, "resnet8")
    streams = [s for t in trace.tracks if t.group == "streams" for s in t.slices]
    sent = [s for s in timeline.of_kind(EventKind.MOVE) if Who.of(s.who).role is Role.MM2S]
    assert sum(int(s.details.get("bytes", 0)) for s in streams) == sum(
        4 * span.a for span in sent if span.cycles
    )
    assert all(s.details["to"] for s in streams if s.category == "stream")
    waits = [s for t in trace.tracks if t.group == "lock waits" for s in t.slices]
    assert sum(s.end - s.start for s in waits) == sum(
        span.cycles for span in timeline.of_kind(EventKind.LOCK_WAIT)
    )
    stalls = [s for t in trace.tracks for s in t.slices if s.category.startswith("stall")]
    assert all(s.details["cause"] for s in stalls)


def test_chrome_file_is_as_the_format_says(timeline: Timeline) -> None:
    """Of "Trace Event Format": every event has its fields, every thread and process its name."""
    parsed = json.loads(chrome_json(build_trace(timeline, "resnet8")))
    named: set[tuple[int, int | None]] = set()
    for event in parsed["traceEvents"]:
        assert isinstance(event["pid"], int)
        assert isinstance(event["name"], str) and event["name"]
        if event["ph"] == "M":
            assert event["args"]
            named.add((event["pid"], event.get("tid")))
            continue
        assert event["ts"] >= 0
        if event["ph"] == "C":
            assert all(isinstance(value, int | float) for value in event["args"].values())
            assert (event["pid"], None) in named
        else:
            assert event["ph"] == "X"
            assert event["dur"] >= 0
            assert (event["pid"], event["tid"]) in named


def _dropped(slices: list[tuple[int, int]]) -> int:
    """How many of a thread's slices (start, length, in nanoseconds) Perfetto drops: those that
    begin within another one and end after it (slice_tracker.cc, MaybeCloseStack)."""
    dropped = 0
    around: list[tuple[int, int]] = []
    for start, length in sorted(slices, key=lambda entry: entry[0]):
        while around and sum(around[-1]) <= start:
            if sum(around[-1]) == start and not around[-1][1] and not length:
                break  # both without length: one stands in the other
            around.pop()
        if around and start < sum(around[-1]) < start + length:
            dropped += 1
        else:
            around.append((start, length))
    return dropped


def test_perfetto_drops_slices_that_overlap() -> None:
    assert _dropped([(0, 8), (2, 6), (8, 2)]) == 0
    assert _dropped([(0, 8), (2, 7), (8, 2)]) == 1


def test_perfetto_drops_nothing_of_a_chrome_file(timeline: Timeline) -> None:
    """It rounds times to nanoseconds (json_trace_tokenizer.cc, CoerceToTs); a cycle is shorter."""
    parsed = json.loads(chrome_json(build_trace(timeline, "resnet8")))
    threads: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for event in parsed["traceEvents"]:
        if event["ph"] == "X":
            times = [event[key] * 1000 for key in ("ts", "dur")]
            assert times == pytest.approx([round(time) for time in times], abs=1e-3)
            threads[event["tid"]].append((round(times[0]), round(times[1])))
    assert threads
    assert {tid: _dropped(slices) for tid, slices in threads.items() if _dropped(slices)} == {}


def test_perfetto_file_is_as_the_format_says(timeline: Timeline) -> None:
    """Tracks are declared before they are used, times on each do not go back, slices are closed."""
    messages = pytest.importorskip("perfetto.protos.perfetto.trace.perfetto_trace_pb2")
    packets = messages.Trace.FromString(perfetto_bytes(build_trace(timeline, "resnet8"))).packet
    known: set[int] = set()
    at: dict[int, int] = {}
    depth: dict[int, int] = defaultdict(int)
    for packet in packets:
        if packet.HasField("track_descriptor"):
            descriptor = packet.track_descriptor
            assert descriptor.uuid not in known
            assert not descriptor.parent_uuid or descriptor.parent_uuid in known
            known.add(descriptor.uuid)
        if not packet.HasField("track_event"):
            continue
        event = packet.track_event
        assert event.track_uuid in known
        assert packet.timestamp >= at.get(event.track_uuid, 0)
        at[event.track_uuid] = packet.timestamp
        depth[event.track_uuid] += {
            messages.TrackEvent.TYPE_SLICE_BEGIN: 1,
            messages.TrackEvent.TYPE_SLICE_END: -1,
        }.get(event.type, 0)
        assert depth[event.track_uuid] >= 0
    assert set(depth.values()) == {0}


def test_a_wait_for_data_comes_down_to_its_source(timeline: Timeline) -> None:
    causes = Causes(timeline)
    reasons = {causes.of(span).reason for span in timeline.of_kind(EventKind.LOCK_WAIT)}
    assert Reason.LOCK not in reasons
    # A memtile's receiver cannot have its slab before DDR has answered the shim's task.
    assert reasons & {Reason.DDR, Reason.STREAM, Reason.LATENCY, Reason.CONTROL}


def test_both_files_hold_all_slices(timeline: Timeline) -> None:
    trace = build_trace(timeline, "resnet8")
    slices = sum(len(track.slices) for track in trace.tracks)
    parsed = json.loads(chrome_json(trace))
    complete = [event for event in parsed["traceEvents"] if event["ph"] == "X"]
    assert len(complete) == slices
    # 1250 MHz: a microsecond is 1250 cycles.
    last = max(event["ts"] + event["dur"] for event in complete)
    assert last * 1250 == pytest.approx(timeline.cycles, abs=1)
    messages = pytest.importorskip("perfetto.protos.perfetto.trace.perfetto_trace_pb2")
    packets = messages.Trace.FromString(perfetto_bytes(trace)).packet
    kinds = [packet.track_event.type for packet in packets if packet.HasField("track_event")]
    begin, end = messages.TrackEvent.TYPE_SLICE_BEGIN, messages.TrackEvent.TYPE_SLICE_END
    assert kinds.count(begin) == kinds.count(end) == slices


def test_command(program: Program, tmp_path: Path) -> None:
    image, first, second = tmp_path / "m.rimfs", tmp_path / "a.json.gz", tmp_path / "b.json.gz"
    program.save(image)
    trace_command(image, first)
    trace_command(image, second)
    assert first.read_bytes() == second.read_bytes()
    assert json.loads(gzip.decompress(first.read_bytes()))["otherData"]["clock_mhz"] == 1250
    with pytest.raises(InputError, match="no timeline format"):
        trace_command(image, tmp_path / "t.txt")


@pytest.mark.slow
def test_streamed_weights_are_seen() -> None:
    """resnet18 on ve2302: tensors stay on the array, weights come from DDR for each inference."""
    tosa = load_model("resnet18").to_tosa()
    program = compile_tosa(tosa, CompileOptions(device="ve2302"), name="resnet18")
    assert program.parts.load_program
    check_streamed(program)


def check_streamed(program: Program) -> None:
    """The streams of the shim tiles carry all weights, and every stall has its cause."""
    trace = build_trace(observe(program), "resnet18")
    from_ddr = sum(
        int(entry.details.get("bytes", 0))
        for track in trace.tracks
        if track.group == "streams" and track.name.endswith(",0)")
        for entry in track.slices
    )
    assert from_ddr >= len(program.parts.weights)
    stalls = [s for t in trace.tracks for s in t.slices if s.category.startswith("stall")]
    assert stalls
    assert all(s.details["cause"] for s in stalls)
    assert any("DDR bandwidth" in str(s.details["cause"]) for s in stalls)
