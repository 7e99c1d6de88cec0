"""Whether operators without a passing admission test may be used, in this context."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

_TRUSTED: ContextVar[bool] = ContextVar("adfc_untrusted_operators", default=False)


@contextmanager
def untrusted_operators(allowed: bool = True) -> Generator[None]:
    """In its body, models may use operators that have passed no admission test."""
    token = _TRUSTED.set(allowed)
    try:
        yield
    finally:
        _TRUSTED.reset(token)


def are_untrusted_operators_allowed() -> bool:
    """Whether operators without admission may be used here."""
    return _TRUSTED.get()


def allow_untrusted_operators(allowed: bool) -> None:
    """From here on, models may, or may not, use operators without admission."""
    _TRUSTED.set(allowed)
