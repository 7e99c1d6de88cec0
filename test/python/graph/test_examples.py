"""The example graphs give the bytes that numpy and scipy give."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from graphs import example, program
from numpy.typing import NDArray

from adfc.program import compile_graph

EXAMPLES = ("scale", "fir", "fft", "gemm", "harris", "beamformer")


def _inputs(name: str, seed: int) -> Sequence[NDArray[Any]]:
    if hasattr(example(name), "sample_inputs"):
        return example(name).sample_inputs()
    random = np.random.default_rng(seed)
    return [spec.noise(random) for spec in program(name).inputs]


def _check(name: str, inputs: Sequence[NDArray[Any]]) -> None:
    wanted = example(name).reference(*inputs)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    outputs = program(name).run_detailed(*inputs, keep_state=True).outputs
    for output, expected in zip(outputs, wanted, strict=True):
        assert output.dtype == expected.dtype
        assert np.array_equal(output, expected)


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_is_bit_exact(name: str) -> None:
    # Twice on the same array: nothing of the first run is left in the second.
    for seed in (0, 1):
        _check(name, _inputs(name, seed))


@pytest.mark.parametrize("name", ["scale", "fir", "gemm", "beamformer"])
def test_extremes_saturate_as_numpy_says(name: str) -> None:
    limits = [np.iinfo(spec.raw) for spec in program(name).inputs]
    for signs in (("min", "min"), ("min", "max"), ("max", "max")):
        inputs = [
            np.full(spec.shape, getattr(limit, sign), spec.raw)
            for spec, limit, sign in zip(program(name).inputs, limits, signs, strict=False)
        ]
        _check(name, inputs)


def test_fir_is_scipys() -> None:
    signal = pytest.importorskip("scipy.signal")
    fir = example("fir")
    random = np.random.default_rng(3)
    x = random.integers(-(2**15), 2**15, fir.MARGIN + fir.SAMPLES, dtype=np.int16)
    taps = np.rint(signal.firwin(fir.TAPS, 0.25) * 2**15).astype(np.int16)
    (y,) = program("fir").run_detailed(x, taps).outputs
    exact = signal.lfilter(taps.astype(object), [1], x.astype(object))[fir.MARGIN :]
    rounded = (exact + (1 << (fir.SHIFT - 1))) // (1 << fir.SHIFT)
    assert np.array_equal(y, np.clip(rounded.astype(np.int64), -(2**15), 2**15 - 1))


def test_fft_is_numpys_within_its_rounding() -> None:
    fft = example("fft")
    x, twiddles = fft.sample_inputs()
    (y,) = program("fft").run_detailed(x, twiddles).outputs
    exact = np.fft.fft(x[..., 0] + 1j * x[..., 1]) / fft.POINTS
    error = (y[..., 0] + 1j * y[..., 1]) - exact
    # A stage adds at most half a step by halving and a quarter by its product, in both parts.
    assert np.abs(error).max() < 10 * 0.75 * np.sqrt(2)
    # Typical are a twelfth of a step squared by halving and a quarter of that by the product, each
    # halved in every stage that follows: together less than half a step squared.
    assert (np.abs(error) ** 2).mean() < 2 * (1 / 12 + 1 / 48) * 2 + 0.25


def test_sobel_is_scipys() -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    harris = example("harris")
    image, threshold = harris.sample_inputs()
    edges, corners = program("harris").run_detailed(image, threshold).outputs
    # Beyond the left and right edge the nearest pixel; rows are cut off.
    pixels = np.pad(image.astype(np.int64), ((0, 0), (2, 2)), "edge")
    sums = sum(np.abs(ndimage.sobel(pixels, axis)) for axis in (0, 1))
    assert np.array_equal(edges, sums[2:-2, 2:-2])
    assert 0 < np.count_nonzero(corners) < corners.size / 8


def test_gemm_uses_32_tiles_and_the_cascade_4_neighbours() -> None:
    run = program("gemm").execute(program("gemm").quantize(_inputs("gemm", 0)))
    assert len(run.cores) == 32
    assert {core.calls for core in run.cores} == {example("gemm").ITERATIONS}
    fir = program("fir").execute(program("fir").quantize(_inputs("fir", 0)))
    tiles = sorted((core.column, core.row) for core in fir.cores)
    steps = {(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(tiles)}
    assert steps <= {(1, 0), (0, 1)}
    assert len(tiles) == 4


def test_two_compilations_give_the_same_bytes() -> None:
    again = compile_graph(example("scale").graph(), isas=("x86_64",))
    assert again.image == program("scale").image


def test_cycles_are_those_of_every_run() -> None:
    cycles = {
        program("fir").execute(program("fir").quantize(_inputs("fir", seed))).cost.cycles
        for seed in (0, 1)
    }
    assert len(cycles) == 1
