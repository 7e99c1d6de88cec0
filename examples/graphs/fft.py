"""FFTs of 1024 points of complex int16, one after the other, pipelined over three tiles.

adfc compile examples/graphs/fft.py -o fft.rimfs

Each of the ten stages halves its results, so the whole is the transform divided by 1024. The
twiddle factors are a run-time parameter.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from adfc.graph import Graph, input_window, output_window, parameter

POINTS, TRANSFORMS, BITS = 1024, 4, 10
STAGES = {"fft_first": 4, "fft_middle": 3, "fft_last": 3}
BUTTERFLY_MACS = 4  # real products of a complex one


def graph() -> Graph:
    """y = FFT(x) / 1024 for each of 4 blocks of 1024 points."""
    g = Graph("fft", iterations=TRANSFORMS)
    x = g.input("x", "cint16", (TRANSFORMS, POINTS))
    twiddles = g.input("twiddles", "cint16", POINTS // 2)
    y = g.output("y", "cint16", (TRANSFORMS, POINTS))
    kernels = []
    for function, stages in STAGES.items():
        macs = stages * (POINTS // 2) * BUTTERFLY_MACS
        ports = [
            input_window("cint16", POINTS),
            parameter("cint16", POINTS // 2),
            output_window("cint16", POINTS),
        ]
        # 64 real MACs of int16 a cycle (AM020), half of them used, and loops' starts: an estimate.
        cycles = macs // 32 + 100 * stages
        kernels.append(g.kernel(function, ports, source="kernels/fft.cc", cycles=cycles, macs=macs))
    g.connect(twiddles, *(kernel[1] for kernel in kernels))
    g.connect(x, kernels[0][0])
    for left, right in pairwise(kernels):
        g.connect(left[2], right[0])
    g.connect(kernels[-1][2], y)
    return g


def twiddle_factors() -> NDArray[np.int16]:
    """exp(-2 pi i k / 1024) times 32767, rounded, as (real, imaginary)."""
    angles = -2 * np.pi * np.arange(POINTS // 2) / POINTS
    return np.stack([np.rint(32767 * np.cos(angles)), np.rint(32767 * np.sin(angles))], -1).astype(
        np.int16
    )


def reference(x: NDArray[np.int16], twiddles: NDArray[np.int16]) -> NDArray[np.int16]:
    """What a run gives, by numpy: all butterflies of a stage at once, in integers."""
    order = [int(f"{i:0{BITS}b}"[::-1], 2) for i in range(POINTS)]
    values = x.astype(np.int64)[:, order]
    w = twiddles.astype(np.int64)
    for stage in range(BITS):
        half = 1 << stage
        pairs = values.reshape(len(x), POINTS // (2 * half), 2, half, 2)
        a, b = pairs[:, :, 0], pairs[:, :, 1]
        factor = w[:: POINTS >> (stage + 1)][:half]
        real = b[..., 0] * factor[:, 0] - b[..., 1] * factor[:, 1]
        imag = b[..., 0] * factor[:, 1] + b[..., 1] * factor[:, 0]
        product = (np.stack([real, imag], -1) + (1 << 14)) >> 15
        both = np.stack([a + product, a - product], 2)
        halves = (both >> 1) + (both & both >> 1 & 1)
        values = np.clip(halves, -(2**15), 2**15 - 1).reshape(len(x), POINTS, 2)
    return values.astype(np.int16)


def sample_inputs() -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Tones with noise, and the twiddle factors."""
    random = np.random.default_rng(0)
    time = np.arange(POINTS)
    waves = np.zeros((TRANSFORMS, POINTS, 2))
    for block, frequency in enumerate((5, 100, 333, 700)):
        angle = 2 * np.pi * frequency * time / POINTS
        waves[block] = 12000 * np.stack([np.cos(angle), np.sin(angle)], -1)
    waves += random.integers(-2000, 2000, waves.shape)
    return waves.astype(np.int16), twiddle_factors()
