"""A beam-former: 8 antennas to 4 beams of complex int16, over four tiles joined by the cascade.

adfc compile examples/graphs/beamformer.py -o beamformer.rimfs

Each tile has two antennas and adds its part of each beam to what comes over the cascade. The
weights steer the beams; they are run-time parameters, one set for each tile, which come on the
channel of the tile's first antenna.
"""

import numpy as np
from numpy.typing import NDArray

from adfc.graph import (
    Access,
    Graph,
    PortType,
    input_cascade,
    input_window,
    output_cascade,
    output_window,
    parameter,
)

ANTENNAS, BEAMS, TILES, SHIFT = 8, 4, 4, 15
PER_TILE = ANTENNAS // TILES
WINDOW, ITERATIONS = 64, 8
SAMPLES = WINDOW * ITERATIONS
MACS = WINDOW * BEAMS * PER_TILE * 4
CYCLES = MACS // 64 + 80  # 64 real MACs of int16 a cycle (AM020); 80 to start and end: an estimate


def graph() -> Graph:
    """beams[b, n] = sum over antennas of x[a, n] * weights[b, a] / 2^15, rounded half to even."""
    g = Graph("beamformer", iterations=ITERATIONS)
    x = g.input("x", "cint16", (ANTENNAS, SAMPLES))
    weights = g.input("weights", "cint16", (BEAMS, ANTENNAS))
    beams = g.output("beams", "cint16", (BEAMS, SAMPLES))
    before = None
    for tile in range(TILES):
        first, last = tile == 0, tile == TILES - 1
        ports: list[PortType] = [input_window("cint16", WINDOW) for _ in range(PER_TILE)]
        ports.append(parameter("cint16", BEAMS * PER_TILE))
        ports += [] if first else [input_cascade("cacc64", BEAMS * WINDOW)]
        send = output_window("cint16", BEAMS * WINDOW)
        ports.append(send if last else output_cascade("cacc64", BEAMS * WINDOW))
        function = "beam_first" if first else "beam_last" if last else "beam_middle"
        k = g.kernel(function, ports, source="kernels/beamformer.cc", cycles=CYCLES, macs=MACS)
        for i in range(PER_TILE):
            antenna = tile * PER_TILE + i
            g.connect(x, k[i], access=Access.of(antenna * SAMPLES, (SAMPLES, 1)))
        columns = Access.of(tile * PER_TILE, (PER_TILE, 1), (BEAMS, ANTENNAS))
        g.connect(weights, k[2], access=columns)
        if before is not None:
            g.connect(before, k[3])
        before = k[len(ports) - 1]
    blocks = Access.of(0, (WINDOW, 1), (BEAMS, SAMPLES), (ITERATIONS, WINDOW))
    assert before is not None
    g.connect(before, beams, access=blocks)
    return g


def reference(x: NDArray[np.int16], weights: NDArray[np.int16]) -> NDArray[np.int16]:
    """What a run gives, by numpy."""
    xr, xi = np.moveaxis(x.astype(np.int64), -1, 0)
    wr, wi = np.moveaxis(weights.astype(np.int64), -1, 0)
    exact = np.stack([wr @ xr - wi @ xi, wr @ xi + wi @ xr], -1)
    down, rest, half = exact >> SHIFT, exact & ((1 << SHIFT) - 1), 1 << (SHIFT - 1)
    rounded = down + ((rest > half) | ((rest == half) & (down & 1 == 1)))
    return np.clip(rounded, -(2**15), 2**15 - 1).astype(np.int16)
