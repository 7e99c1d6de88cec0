"""The user's line that a graph's parts were made in."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

_OWN = str(Path(__file__).parent)


@dataclass(frozen=True)
class Place:
    """A line of a Python file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.file else "unknown line"


def caller() -> Place:
    """The nearest line that called into this package."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    # A dataclass's __init__ is made from text, and has no file.
    while frame is not None and frame.f_code.co_filename.startswith((_OWN, "<string>")):
        frame = frame.f_back
    if frame is None:
        return Place("", 0)
    return Place(frame.f_code.co_filename, frame.f_lineno)
