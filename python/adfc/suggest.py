"""Near misses: what somebody may have meant by a name that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from adfc.errors import InputError


def nearest(name: str, known: Sequence[str], count: int = 3) -> list[str]:
    """The known names that look most like `name`, the best first; none where none does."""
    folded = {candidate.lower(): candidate for candidate in reversed(known)}
    close = difflib.get_close_matches(name.lower(), list(folded), n=count, cutoff=0.6)
    return [folded[match] for match in close]


def did_you_mean(name: str, known: Sequence[str], otherwise: str) -> str:
    """A hint: "did you mean X?", or `otherwise` where nothing is near."""
    close = nearest(name, known)
    return f"did you mean {' or '.join(close)}?" if close else otherwise


def unknown(what: str, name: str, known: Sequence[str]) -> InputError:
    """The error for a name that is no `what`, with those that it may have meant."""
    few = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    return InputError(f"'{name}' is no {what}", hint=did_you_mean(name, known, f"use {few}"))
