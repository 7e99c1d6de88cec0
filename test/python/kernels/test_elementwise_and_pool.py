"""Elementwise kernels, max_pool2d and mean2d: bit-exact everywhere, within their buffers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_host import Code, Kernel, KernelLibrary
from kernel_reference import max_pool, rescale, to_int8

ALL_PAIRS = np.stack(np.meshgrid(*[np.arange(-128, 128)] * 2)).astype(np.int8).reshape(2, -1)
rescales = st.tuples(st.integers(0, 32767), st.integers(2, 62))
clamps = st.tuples(st.integers(-128, 127), st.integers(-128, 127)).map(sorted)
few = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def run(library: KernelLibrary, isa: str, kernel: Kernel, *call: Any) -> list[np.ndarray]:
    """The last buffer after a call with the buffers flush with each end of accessible memory."""
    code = Code(library.compile([kernel], isa), [kernel])
    return [code.run(kernel.name, *call, at_end=end)[-1].view(np.int8) for end in (False, True)]


def add_reference(a: Any, b: Any, config: dict[str, Any]) -> np.ndarray:
    total = rescale(a, *config["a"]) + rescale(b, *config["b"])
    return to_int8(rescale(total, *config["out"]), config["clamp"])


def check_add(library: KernelLibrary, isa: str, pairs: np.ndarray, **config: Any) -> None:
    a, b = pairs
    kernel = Kernel("add", "add", {"count": a.size, **config})
    expected = add_reference(a, b, config)
    for out in run(library, isa, kernel, [a, b, np.zeros_like(a)]):
        assert np.array_equal(out, expected)


def test_add_every_pair_of_operands(library: KernelLibrary, isa: str) -> None:
    """12 guard bits as a quantized model has them: the operands' scales are 1 and 0.7."""
    check_add(
        library, isa, ALL_PAIRS, a=[16384, 2], b=[11469, 2], out=[19000, 27], clamp=[-128, 127]
    )


@few
@given(
    config=st.fixed_dictionaries({"a": rescales, "b": rescales, "out": rescales, "clamp": clamps})
)
def test_add_any_rescale(library: KernelLibrary, isa: str, config: dict[str, Any]) -> None:
    check_add(library, isa, ALL_PAIRS[:, ::37], **config)


@pytest.mark.parametrize("count", [1, 4, 63, 64, 65, 127, 1000])
def test_add_any_count(library: KernelLibrary, isa: str, count: int) -> None:
    pairs = np.random.default_rng(count).integers(-128, 128, (2, count)).astype(np.int8)
    check_add(library, isa, pairs, a=[16384, 2], b=[9999, 3], out=[20000, 26], clamp=[0, 127])


@few
@given(
    config=st.fixed_dictionaries({"a": rescales, "b": rescales, "out": rescales, "clamp": clamps})
)
def test_sub_any_rescale(library: KernelLibrary, isa: str, config: dict[str, Any]) -> None:
    a, b = ALL_PAIRS[:, ::37]
    kernel = Kernel("sub", "sub", {"count": a.size, **config})
    difference = rescale(a, *config["a"]) - rescale(b, *config["b"])
    expected = to_int8(rescale(difference, *config["out"]), config["clamp"])
    for out in run(library, isa, kernel, [a, b, np.zeros_like(a)]):
        assert np.array_equal(out, expected)


def check_mul(library: KernelLibrary, isa: str, pairs: np.ndarray, scale: Any, clamp: Any) -> None:
    a, b = pairs
    kernel = Kernel("mul", "mul", {"count": a.size, "rescale": scale, "clamp": clamp})
    expected = to_int8(rescale(a.astype(np.int64) * b, *scale), clamp)
    for out in run(library, isa, kernel, [a, b, np.zeros_like(a)]):
        assert np.array_equal(out, expected)


def test_mul_every_pair_of_operands(library: KernelLibrary, isa: str) -> None:
    check_mul(library, isa, ALL_PAIRS, [19000, 21], [-128, 127])


@few
@given(scale=rescales, clamp=clamps)
def test_mul_any_rescale(library: KernelLibrary, isa: str, scale: Any, clamp: Any) -> None:
    check_mul(library, isa, ALL_PAIRS[:, ::37], scale, clamp)


POOLS = {
    "3x3, stride 2, one row and column of padding": ((9, 15, 64), (3, 3), (2, 2), (1, 0, 1, 0)),
    "padding on all sides": ((7, 7, 16), (3, 3), (1, 1), (1, 1, 1, 1)),
    "no padding, odd channels": ((4, 6, 20), (2, 2), (2, 2), (0, 0, 0, 0)),
    "more channels than a register": ((3, 3, 76), (2, 3), (1, 1), (0, 1, 0, 0)),
    "one channel": ((5, 5, 1), (3, 3), (2, 2), (0, 0, 1, 1)),
    "positions of padding alone": ((6, 6, 8), (2, 2), (1, 1), (3, 0, 0, 3)),
    "nothing but padding": ((4, 4, 4), (2, 2), (2, 2), (4, 0, 0, 0)),
}


@pytest.mark.parametrize("pool", POOLS.values(), ids=POOLS.keys())
def test_max_pool(library: KernelLibrary, isa: str, pool: Any) -> None:
    window, kernel, stride, pads = pool
    rows, cols = ((window[i] - kernel[i]) // stride[i] + 1 for i in (0, 1))
    out = (rows, cols, window[2])
    config = {"in": window, "kernel": kernel, "stride": stride, "out": out}
    # Values of padding are high: a padded tap that won would show.
    rng = np.random.default_rng(3)
    act = rng.integers(-128, 0, window).astype(np.int8)
    top, bottom, left, right = pads
    act[:top] = act[window[0] - bottom :] = 127
    act[:, :left] = act[:, window[1] - right :] = 127
    expected = max_pool(act, kernel, stride, out, pads).reshape(-1)
    spec = Kernel("pool", "max_pool2d", config)
    for result in run(library, isa, spec, [act, np.zeros(out, np.int8)], pads):
        assert np.array_equal(result, expected)


@pytest.mark.parametrize("absent", [(1, 0), (0, 2), (2, 1)])
def test_max_pool_of_windows_without_their_columns_of_padding(
    library: KernelLibrary, isa: str, absent: tuple[int, int]
) -> None:
    """The same as of the whole window; where pads are wrong, nothing outside is read."""
    left, right = absent
    window, out, pads = (7, 9, 20), (3, 4, 20), (1, 0, left, right)
    stored = (7, 9 - left - right, 20)
    config = {"in": stored, "kernel": (3, 3), "stride": (2, 2), "out": out, "absent": absent}
    act = np.random.default_rng(8).integers(-128, 127, window).astype(np.int8)
    expected = max_pool(act, (3, 3), (2, 2), out, pads).reshape(-1)
    buffers = [np.ascontiguousarray(act[:, left : 9 - right]), np.zeros(out, np.int8)]
    spec = Kernel("pool", "max_pool2d", config)
    for result in run(library, isa, spec, buffers, (1, 0, 0, 0)):
        assert np.array_equal(result, expected)
    run(library, isa, spec, buffers, (9, -9, -9, -9))


@pytest.mark.parametrize("pads", [(9, 9, 9, 9), (-5, 0, 0, -7), (2**31 - 1, -(2**31), 0, 0)])
def test_max_pool_stays_inside_whatever_the_immediates(
    library: KernelLibrary, isa: str, pads: tuple[int, ...]
) -> None:
    """Wrong pad counts give wrong maxima, but read nothing outside the window."""
    config = {"in": [5, 5, 4], "kernel": [3, 3], "stride": [1, 1], "out": [3, 3, 4]}
    spec = Kernel("pool", "max_pool2d", config)
    run(library, isa, spec, [np.zeros(100, np.int8), np.zeros(36, np.int8)], pads)


def check_mean(library: KernelLibrary, isa: str, act: np.ndarray, scale: Any, clamp: Any) -> None:
    kernel = Kernel("mean", "mean2d", {"in": act.shape, "rescale": scale, "clamp": clamp})
    expected = to_int8(rescale(act.sum(axis=(0, 1), dtype=np.int64), *scale), clamp)
    for out in run(library, isa, kernel, [act, np.zeros(act.shape[2], np.int8)]):
        assert np.array_equal(out, expected)


@pytest.mark.parametrize("shape", [(7, 7, 64), (8, 8, 20), (1, 1, 4), (3, 5, 131), (1, 9, 1)])
def test_mean(library: KernelLibrary, isa: str, shape: tuple[int, int, int]) -> None:
    act = np.random.default_rng(4).integers(-128, 128, shape).astype(np.int8)
    pixels = shape[0] * shape[1]
    check_mean(library, isa, act, [round(2**20 / pixels / 64), 14], [-128, 127])


@pytest.mark.parametrize("value", [-128, 127])
def test_mean_of_extremes(library: KernelLibrary, isa: str, value: int) -> None:
    """The largest sum that a tile's memory can give, times the largest multiplier."""
    check_mean(library, isa, np.full((64, 64, 16), value, np.int8), [32767, 27], [-128, 127])


@few
@given(scale=rescales, clamp=clamps)
def test_mean_any_rescale(library: KernelLibrary, isa: str, scale: Any, clamp: Any) -> None:
    act = np.random.default_rng(5).integers(-128, 128, (3, 3, 32)).astype(np.int8)
    check_mean(library, isa, act, scale, clamp)
