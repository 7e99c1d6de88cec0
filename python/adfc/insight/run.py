"""A program's run, observed."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from adfc.errors import ExecutionError
from adfc.image import ImageParts
from adfc.insight.replay import replay
from adfc.insight.timeline import Timeline
from adfc.metadata import Metadata
from adfc.runtime import Run


class Observable(Protocol):
    """What is needed of a program."""

    parts: ImageParts
    metadata: Metadata

    def observe(self) -> Run:
        """One run with its events."""
        ...


def observe(program: Observable) -> Timeline:
    """Run the program once (what happens does not depend on the input's values) and make its
    timeline. Raises ExecutionError where it stops with a fault."""
    return timeline_of(program, program.observe())


def timeline_of(program: Observable, run: Run) -> Timeline:
    """The timeline of a run that was observed. Raises ExecutionError for one that was not."""
    if run.events is None:
        raise ExecutionError("the run was not observed", cycles=0, control_cycles=0)
    # What never ends, such as streams of weights, goes on when the last output is there.
    events = run.events.copy()
    for when in ("start", "end"):
        events[when] = np.minimum(events[when], run.cost.cycles)
    return Timeline(
        replay(program.parts, program.metadata),
        events,
        tuple(program.parts.kernels),
        run.cost.cycles,
    )
