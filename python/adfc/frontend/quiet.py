"""Keeping libraries' log lines away from users whom they do not concern."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def quiet_logging() -> Generator[None]:
    """Drops log lines up to the level of warnings. What matters of them is raised as an error."""
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(previous)
