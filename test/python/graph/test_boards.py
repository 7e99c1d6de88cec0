"""A graph without an operating system: the cascade and 32 tiles on boards in QEMU."""

from __future__ import annotations

import numpy as np
import pytest
from graphs import example, program

from adfc.boards import BuildOptions
from adfc.cli.deploy import run_board

pytestmark = pytest.mark.boards


@pytest.mark.parametrize("board", ["versal", "virt"])
@pytest.mark.parametrize("name", ["fir", "gemm"])
def test_graph_on_a_board_is_bit_exact(name: str, board: str) -> None:
    graph = program(name)
    random = np.random.default_rng(7)
    inputs = [spec.noise(random) for spec in graph.inputs]
    (run,) = run_board(
        graph,
        board,
        graph.quantize(inputs),
        runs=1,
        boots=1,
        time_limit=120.0,
        options=BuildOptions(),
    )
    (output,) = graph.dequantize(run.outputs)
    assert np.array_equal(output, example(name).reference(*inputs))
