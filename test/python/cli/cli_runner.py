"""What running the `adfc` command gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """Exit status and what was printed."""

    status: int
    stdout: str
    stderr: str


Adfc = Callable[..., Outcome]
