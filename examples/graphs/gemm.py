"""A matrix product of int8 on a grid of 8 x 4 tiles.

adfc compile examples/graphs/gemm.py -o gemm.rimfs

Each column of the array has the tiles that get the same rows of A, and each of its four tiles 32
columns of B, which a row of tiles shares. Each tile computes blocks of 16 rows of C one after the
other. A column's four blocks meet in its memory tile, from where they go to their places in C.
"""

import numpy as np
from numpy.typing import NDArray

from adfc.graph import Access, Graph, input_window, output_window, parameter

PARTS_OF_A, PARTS_OF_B = 8, 4
ROWS, DEPTH, COLUMNS, SHIFT = 16, 128, 32, 8
ITERATIONS = 2
M, N = ROWS * PARTS_OF_A * ITERATIONS, COLUMNS * PARTS_OF_B
STEP = ROWS * PARTS_OF_A
"""Rows of C that all tiles compute at a time."""

MACS = ROWS * DEPTH * COLUMNS
CYCLES = MACS // 256 + 60  # 256 MACs of int8 a cycle (AM020); 60 to start and end: an estimate


def graph() -> Graph:
    """C = saturate(A B / 256), rounded half to even; A is 256 x 128, B 128 x 128."""
    g = Graph("gemm", iterations=ITERATIONS)
    a = g.input("a", "int8", (M, DEPTH))
    b = g.input("b", "int8", (DEPTH, N))
    c = g.output("c", "int8", (M, N))
    ports = [
        input_window("int8", ROWS * DEPTH),
        parameter("int8", DEPTH * COLUMNS),
        output_window("int8", ROWS * COLUMNS),
    ]
    grid = [
        [
            g.kernel("gemm", ports, source="kernels/gemm.cc", cycles=CYCLES, macs=MACS)
            for _ in range(PARTS_OF_B)
        ]
        for _ in range(PARTS_OF_A)
    ]
    for i, row in enumerate(grid):
        rows_of_a = Access.of(i * ROWS * DEPTH, (ROWS * DEPTH, 1), (ITERATIONS, STEP * DEPTH))
        g.connect(a, *(tile[0] for tile in row), access=rows_of_a)
        blocks_of_c = Access.of(
            i * ROWS * N, (COLUMNS, 1), (ROWS, N), (PARTS_OF_B, COLUMNS), (ITERATIONS, STEP * N)
        )
        g.connect(g.join(f"rows{i}", [tile[2] for tile in row]), c, access=blocks_of_c)
    for j in range(PARTS_OF_B):
        columns_of_b = Access.of(j * COLUMNS, (COLUMNS, 1), (DEPTH, N))
        g.connect(b, *(row[j][1] for row in grid), access=columns_of_b)
    return g


def reference(a: NDArray[np.int8], b: NDArray[np.int8]) -> NDArray[np.int8]:
    """What a run gives, by numpy."""
    exact = a.astype(np.int64) @ b.astype(np.int64)
    down, rest, half = exact >> SHIFT, exact & ((1 << SHIFT) - 1), 1 << (SHIFT - 1)
    rounded = down + ((rest > half) | ((rest == half) & (down & 1 == 1)))
    return np.clip(rounded, -128, 127).astype(np.int8)
