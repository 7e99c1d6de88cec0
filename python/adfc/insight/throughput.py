"""How fast images leave a pipelined program, of a run of which all events are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adfc.insight.timeline import Timeline
from adfc.runtime import EventKind
from adfc.runtime.events import Role, Who


@dataclass(frozen=True)
class Throughput:
    """Of an inference of `batch` images, in modelled AIE cycles.

    `cycles_per_image`: all of the inference, its set-up and its ends, shared out;
    `images_per_second` is the same as a rate. `period_cycles`: from one image to the next in the
    second half of the batch, when the pipeline is full; `steady_images_per_second` likewise.
    `latency_cycles`: until the first image has left.
    """

    batch: int
    cycles_per_image: float
    images_per_second: float
    period_cycles: float
    steady_images_per_second: float
    latency_cycles: int


def throughput(timeline: Timeline, batch: int, clock_mhz: float) -> Throughput:
    """The figures of a run of a batch; one image has no period but its own cycles."""
    events = timeline.events
    done = events[events["kind"] == EventKind.BD.value]
    drains = [w for w in np.unique(done["who"]) if _is_drain(Who.of(int(w)))]
    # Every output has a descriptor, or several, for each image; the slowest output counts.
    ends = np.zeros(batch, np.int64)
    for who in drains:
        mine = np.sort(done[done["who"] == who]["end"])
        each = len(mine) // batch
        ends = np.maximum(ends, mine[each - 1 :: each][:batch].astype(np.int64))
    half = batch // 2
    each = timeline.cycles / batch
    period = float(ends[-1] - ends[half - 1]) / (batch - half) if half else each
    rate = clock_mhz * 1e6
    return Throughput(batch, each, rate / each, period, rate / period, int(ends[0]))


def _is_drain(who: Who) -> bool:
    return who.role is Role.S2MM and who.row == 0
