"""`adfc run --repeat`: inferences on one array must give what the first gave."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from adfc.cli.running import check_equal
from adfc.errors import ExecutionError


def _run(*levels: int) -> Any:
    cost = SimpleNamespace(cycles=100, control_cycles=40)
    return SimpleNamespace(outputs=(np.array(levels, np.int8),), cost=cost)


def test_an_output_that_changes_is_an_error() -> None:
    program: Any = SimpleNamespace(outputs=(SimpleNamespace(name="y"),))
    check_equal(program, [_run(1, 2), _run(1, 2)])
    with pytest.raises(ExecutionError, match="run 3 on the same array gives another y than"):
        check_equal(program, [_run(1, 2), _run(1, 2), _run(1, 3)])
