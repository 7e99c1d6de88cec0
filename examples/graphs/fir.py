"""A 32-tap FIR filter of int16 over four tiles, which add up their parts over the cascade.

adfc compile examples/graphs/fir.py -o fir.rimfs

Tile i has taps 8 i to 8 i + 7. All tiles get the same windows; each adds its part of the sums to
those that come from its neighbour, and the last one rounds, saturates and gives the results.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from adfc.graph import (
    Graph,
    Kernel,
    PortType,
    input_cascade,
    input_window,
    output_cascade,
    output_window,
    parameter,
)

TAPS, TILES, SHIFT = 32, 4, 15
WINDOW, ITERATIONS = 256, 8
SAMPLES = WINDOW * ITERATIONS
MARGIN = TAPS  # one more than the filter looks back, for windows of whole words
MACS = WINDOW * TAPS // TILES
CYCLES = MACS // 64 + 60  # 64 MACs of int16 a cycle (AM020); 60 to start and end: an estimate


def graph() -> Graph:
    """y[n] = saturate(sum of taps[k] * x[n - k], rounded to 2^-15); x has 32 values of history."""
    g = Graph("fir", iterations=ITERATIONS)
    x = g.input("x", "int16", MARGIN + SAMPLES)
    taps = g.input("taps", "int16", TAPS)
    y = g.output("y", "int16", SAMPLES)
    tiles = [_tile(g, i) for i in range(TILES)]
    g.connect(x, *(tile[0] for tile in tiles))
    g.connect(taps, *(tile[1] for tile in tiles))
    for left, right in pairwise(tiles):
        g.connect(left[len(left.ports) - 1], right[2])
    g.connect(tiles[-1][3], y)
    return g


def _tile(g: Graph, index: int) -> Kernel:
    ports: list[PortType] = [input_window("int16", WINDOW, margin=MARGIN), parameter("int16", TAPS)]
    if index > 0:
        ports.append(input_cascade("acc64", WINDOW))
    last = index == TILES - 1
    ports.append(output_window("int16", WINDOW) if last else output_cascade("acc64", WINDOW))
    function = "fir_last" if last else f"fir_{index}"
    return g.kernel(function, ports, source="kernels/fir.cc", cycles=CYCLES, macs=MACS)


def reference(x: NDArray[np.int16], taps: NDArray[np.int16]) -> NDArray[np.int16]:
    """What a run gives, by numpy."""
    sums = np.convolve(x.astype(np.int64), taps.astype(np.int64))[MARGIN : MARGIN + SAMPLES]
    rounded = (sums + (1 << (SHIFT - 1))) >> SHIFT
    return np.clip(rounded, -(2**15), 2**15 - 1).astype(np.int16)
