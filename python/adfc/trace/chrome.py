"""Chrome's JSON trace format ("Trace Event Format"), which Perfetto reads as well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from adfc.trace.model import Trace


def chrome_json(trace: Trace) -> bytes:
    """The trace as JSON. Each group is a process, each track a thread; times in microseconds.

    They are whole nanoseconds: Perfetto rounds starts and lengths to those one by one, and drops a
    slice that then ends after the one around it
    (perfetto/src/trace_processor/importers/common/slice_tracker.cc).
    """
    events = ",\n".join(json.dumps(e, separators=(",", ":")) for e in _events(trace))
    heading = json.dumps({"title": trace.title, "clock_mhz": trace.clock_mhz})
    return (
        f'{{"displayTimeUnit":"ns","otherData":{heading},"traceEvents":[\n{events}\n]}}\n'.encode()
    )


def _events(trace: Trace) -> Iterator[dict[str, Any]]:
    processes: dict[str, int] = {}

    def process(group: str) -> Iterator[dict[str, Any]]:
        if group in processes:
            return
        pid = processes[group] = len(processes) + 1
        yield {"ph": "M", "pid": pid, "name": "process_name", "args": {"name": group}}
        yield {"ph": "M", "pid": pid, "name": "process_sort_index", "args": {"sort_index": pid}}

    def nanoseconds(cycle: int) -> int:
        return cycle * 1000 // trace.clock_mhz

    for counter in trace.counters:
        yield from process(counter.group)
        for cycle, value in counter.points:
            yield {
                "ph": "C",
                "pid": processes[counter.group],
                "name": counter.name,
                "ts": nanoseconds(cycle) / 1000,
                "args": {counter.unit: value},
            }
    for tid, track in enumerate(trace.tracks, 1):
        yield from process(track.group)
        pid = processes[track.group]
        name = {"name": track.name}
        yield {"ph": "M", "pid": pid, "tid": tid, "name": "thread_name", "args": name}
        for entry in track.slices:
            start, end = nanoseconds(entry.start), nanoseconds(entry.end)
            yield {
                "ph": "X",
                "pid": pid,
                "tid": tid,
                "ts": start / 1000,
                "dur": (end - start) / 1000,
                "name": entry.name,
                "cat": entry.category,
                "args": dict(entry.details),
            }
