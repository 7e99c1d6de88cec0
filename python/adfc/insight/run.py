"""A program's run, observed."""

from __future__ import annotations

from typing import Protocol

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
    run = program.observe()
    if run.events is None:
        raise ExecutionError("the run was not observed", cycles=0, control_cycles=0)
    return Timeline(
        replay(program.parts, program.metadata),
        run.events,
        tuple(program.parts.kernels),
        run.cost.cycles,
    )
