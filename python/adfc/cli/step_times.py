"""`--verbose`: each step of a compilation with the time that it took."""

from __future__ import annotations

import time
from collections.abc import Callable

from adfc.cli.console import messages


class StepTimes:
    """Told the name of each step as it begins, prints it with its seconds when it has ended.

    `then` is told the names, too.
    """

    def __init__(self, then: Callable[[str], None]) -> None:
        self._then = then
        self._step = ""
        self._begun = self._first = time.perf_counter()

    def __call__(self, step: str) -> None:
        """The next step begins."""
        self._end()
        self._step = step
        self._then(step)

    def _end(self) -> None:
        now = time.perf_counter()
        if self._step:
            messages.print(f"{now - self._begun:9.3f} s  {self._step}", markup=False)
        self._begun = now

    def finish(self) -> None:
        """The last step has ended."""
        self._end()
        self._step = ""
        messages.print(f"{self._begun - self._first:9.3f} s  in all", markup=False)
