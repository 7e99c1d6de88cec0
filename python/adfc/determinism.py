"""Float arithmetic that gives the same bits each time."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import torch


@contextmanager
def reproducible(seed: int = 0) -> Generator[None]:
    """One thread and a fixed random state; both are put back afterwards.

    Sums of floats depend on how they are split over threads, and scales depend on those sums.
    """
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
