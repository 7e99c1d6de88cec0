"""Keeping libraries' log lines away from users whom they do not concern."""

from __future__ import annotations

import logging
import warnings
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


@contextmanager
def without_recurrent_warning() -> Generator[None]:
    """Drops torch.export's warning of recurrent layers, whose own code assigns their weights."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"The tensor attributes? .*_flat_weights")
        yield
