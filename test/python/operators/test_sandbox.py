"""Work in a process of its own ends, whatever its parent did before."""

from __future__ import annotations

import torch

from adfc.operators.checks.sandbox import sandboxed


def _parallel_sum() -> str:
    """A sum that PyTorch spreads over its threads (its grain is 32,768 elements)."""
    return str(int(torch.ones(1 << 20, dtype=torch.int32).sum()))


def test_torch_runs_in_the_child_of_a_parent_whose_threads_run():
    """Threads do not follow a fork: a child that waited for them would never end."""
    threads = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        expected = _parallel_sum()
        assert sandboxed(_parallel_sum) == expected == str(1 << 20)
    finally:
        torch.set_num_threads(threads)
