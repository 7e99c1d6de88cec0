"""The smallest graph: one kernel, a window in and a window out.

adfc compile examples/graphs/scale.py -o scale.rimfs
"""

import numpy as np
from numpy.typing import NDArray

from adfc.graph import Graph, input_window, output_window

SAMPLES, WINDOW = 1024, 256


def graph() -> Graph:
    """y = saturate(3 * x / 4) of 1024 int16 values, 256 at a time."""
    g = Graph("scale", iterations=SAMPLES // WINDOW)
    x = g.input("x", "int16", SAMPLES)
    y = g.output("y", "int16", SAMPLES)
    arguments = [input_window("int16", WINDOW), output_window("int16", WINDOW)]
    # 256 values, 32 lanes of 16 bits a cycle, and the loop's start: an estimate.
    k = g.kernel("scale", arguments, source="kernels/scale.cc", cycles=40, macs=WINDOW)
    g.connect(x, k[0])
    g.connect(k[1], y)
    return g


def reference(x: NDArray[np.int16]) -> NDArray[np.int16]:
    """What a run gives, by numpy."""
    return np.clip(3 * x.astype(np.int32) >> 2, -(2**15), 2**15 - 1).astype(np.int16)
