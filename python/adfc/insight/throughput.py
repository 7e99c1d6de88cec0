"""How fast images leave a pipelined program."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adfc.insight.attributed import phases_by_mark
from adfc.insight.replay import Replay
from adfc.runtime import EventKind, Events
from adfc.runtime.events import Role, Who


@dataclass(frozen=True)
class Throughput:
    """Of an inference of `batch` images, in modelled AIE cycles.

    `cycles_per_image`: all of the inference, its ends and what segments take to set up, shared out;
    `images_per_second` is the same as a rate. `period_cycles`: from one image to the next in the
    second half of the batch, when the pipeline is full, of several segments in sum;
    `steady_images_per_second` likewise. `latency_cycles`: until the first image has left.
    """

    batch: int
    cycles_per_image: float
    images_per_second: float
    period_cycles: float
    steady_images_per_second: float
    latency_cycles: int


def throughput(
    replay: Replay, events: Events, cycles: int, batch: int, clock_mhz: float
) -> Throughput:
    """The figures of a run of a batch, of so many AIE cycles, of which all events of kind BD are
    known; one image has no period but its own cycles."""
    done = events["kind"] == EventKind.BD.value
    drained = done & np.isin(events["who"], [w for w in np.unique(events["who"]) if _is_drain(w)])
    events = events[drained]
    phases = phases_by_mark(replay, events)
    # All images go through a segment before the next one's come: their periods add up.
    half, period, ends = batch // 2, 0.0, np.zeros(batch, np.int64)
    for phase in np.unique(phases):
        ends = _ends(events[phases == phase], batch)
        period += float(ends[-1] - ends[half - 1]) / (batch - half) if half else 0.0
    each = cycles / batch
    period = period or each
    rate = clock_mhz * 1e6
    return Throughput(batch, each, rate / each, period, rate / period, int(ends[0]))


def _ends(done: Events, batch: int) -> NDArray[np.int64]:
    """When each image has left. Every result has a descriptor, or several, for each image; the
    slowest counts."""
    ends = np.zeros(batch, np.int64)
    for who in np.unique(done["who"]):
        mine = np.sort(done[done["who"] == who]["end"])
        each = len(mine) // batch
        ends = np.maximum(ends, mine[each - 1 :: each][:batch].astype(np.int64))
    return ends


def _is_drain(who: int) -> bool:
    at = Who.of(int(who))
    return at.role is Role.S2MM and at.row == 0
