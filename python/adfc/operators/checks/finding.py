"""What one check of the admission test found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One check of one operator. `detail` says what was tried, or what is wrong and where."""

    operator: str
    check: str
    passed: bool
    detail: str


class CheckError(Exception):
    """A check's way to say that it failed, in one line."""


def ensure(condition: bool, text: str) -> None:
    """Raise CheckError with `text` where the condition does not hold."""
    if not condition:
        raise CheckError(text)
