"""Graphs without an operating system, on boards in QEMU: every example on one, the cascade and 32
tiles on another."""

from __future__ import annotations

import numpy as np
import pytest
from graphs import example, program

from adfc.boards import BuildOptions
from adfc.cli.deploy import run_board

pytestmark = pytest.mark.boards


EXAMPLES = ("scale", "fir", "fft", "gemm", "harris", "beamformer")


@pytest.mark.parametrize(
    ("name", "board"),
    [*((name, "virt") for name in EXAMPLES), ("fir", "versal"), ("gemm", "versal")],
)
def test_graph_on_a_board_is_bit_exact(name: str, board: str) -> None:
    graph = program(name)
    random = np.random.default_rng(7)
    own = getattr(example(name), "sample_inputs", None)
    inputs = list(own()) if own else [spec.noise(random) for spec in graph.inputs]
    (run,) = run_board(
        graph,
        board,
        graph.quantize(inputs),
        runs=1,
        boots=1,
        time_limit=120.0,
        options=BuildOptions(),
    )
    wanted = example(name).reference(*inputs)
    outputs = graph.dequantize(run.outputs)
    for output, expected in zip(
        outputs, wanted if isinstance(wanted, tuple) else (wanted,), strict=True
    ):
        assert np.array_equal(output, expected)
