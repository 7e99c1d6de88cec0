"""conv2d is bit-exact on every instruction set, and touches nothing outside its buffers."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_host import Code, KernelLibrary
from kernel_reference import Conv2D

SHAPES = {
    "1x1": Conv2D((1, 1), 64, (7, 7, 64)),
    "1x1, few channels": Conv2D((1, 1), 4, (5, 3, 16)),
    "1x1, stride 2": Conv2D((1, 1), 64, (7, 7, 128), stride=(2, 2)),
    "1x1, window wider than the output": Conv2D((1, 1), 16, (5, 6, 16), extra=(1, 2)),
    "1x1, prime number of pixels": Conv2D((1, 1), 32, (1, 37, 32)),
    "3x3": Conv2D((3, 3), 64, (7, 14, 32)),
    "3x3, stride 2": Conv2D((3, 3), 32, (7, 14, 48), stride=(2, 2)),
    "3x3, odd width": Conv2D((3, 3), 16, (5, 31, 48)),
    "3x3, 8 channels out": Conv2D((3, 3), 16, (5, 16, 8)),
    "3x3, 40 channels out, odd width": Conv2D((3, 3), 16, (5, 31, 40)),
    "3x3, 56 channels out, few pixels": Conv2D((3, 3), 16, (2, 3, 56), stride=(2, 2)),
    "3x3, 12 channels": Conv2D((3, 3), 12, (3, 17, 16)),
    "3x3, 68 channels": Conv2D((3, 3), 68, (2, 16, 16)),
    "3x3, many channels": Conv2D((3, 3), 256, (2, 4, 16)),
    "7x7, stride 2": Conv2D((7, 7), 4, (4, 28, 64), stride=(2, 2)),
    "3x3, dilated": Conv2D((3, 3), 32, (6, 9, 32), dilation=(2, 2)),
    "3x3, dilated in x": Conv2D((3, 3), 8, (6, 9, 16), dilation=(1, 3)),
    "1x3": Conv2D((1, 3), 8, (6, 9, 16), stride=(1, 2)),
    "5x1": Conv2D((5, 1), 8, (6, 9, 16), stride=(3, 1)),
    "fully connected": Conv2D((1, 1), 512, (1, 1, 80)),
    "relu": Conv2D((3, 3), 16, (4, 4, 16), clamp=(0, 127)),
    "narrow clamp": Conv2D((3, 3), 16, (4, 4, 16), clamp=(-3, 5)),
}


def random_parameters(rng: np.random.Generator, conv: Conv2D) -> np.ndarray:
    """Bias, multiplier and shift that spread results over int8 and beyond it."""
    oc = conv.out[2]
    depth = conv.macs / np.prod(conv.out)
    multiplier = rng.integers(1 << 14, 1 << 15, oc)
    scale = np.log2(128 * 128 * np.sqrt(depth) * 32768 / 3 / 100)
    shift = rng.integers(int(scale) - 2, int(scale) + 3, oc)
    return np.stack([rng.integers(-20000, 20000, oc), multiplier, shift]).astype(np.int32)


def random_weights(rng: np.random.Generator, conv: Conv2D) -> np.ndarray:
    return rng.integers(-128, 128, (conv.out[2], *conv.kernel, conv.ic)).astype(np.int8)


def random_act(rng: np.random.Generator, conv: Conv2D) -> np.ndarray:
    return rng.integers(-128, 128, conv.window).astype(np.int8)


def check(code: Code, conv: Conv2D, act: np.ndarray, weights: np.ndarray, parameters: np.ndarray):
    expected = conv.result(conv.sums(act, weights), parameters)
    block = conv.pack(weights, parameters)
    for at_end in (False, True):
        after = code.run("conv", [act, block, np.zeros(conv.out, np.int8)], at_end=at_end)
        assert np.array_equal(after[2].view(np.int8).reshape(conv.out), expected)
        assert np.array_equal(after[0], act.view(np.uint8).reshape(-1))
        assert np.array_equal(after[1], block.view(np.uint8))


@pytest.mark.parametrize("conv", SHAPES.values(), ids=SHAPES.keys())
def test_bit_exact(library: KernelLibrary, isa: str, conv: Conv2D) -> None:
    code = Code(library.compile([conv.spec()], isa), [conv.spec()])
    rng = np.random.default_rng(1)
    for _ in range(2):
        parameters = random_parameters(rng, conv)
        check(code, conv, random_act(rng, conv), random_weights(rng, conv), parameters)


@pytest.mark.parametrize("act", [-128, 127])
@pytest.mark.parametrize("weight", [-128, 127])
def test_extremes(library: KernelLibrary, isa: str, act: int, weight: int) -> None:
    """The largest sums there are, to both sides, with results saturated and not."""
    conv = Conv2D((3, 3), 256, (2, 17, 16))
    code = Code(library.compile([conv.spec()], isa), [conv.spec()])
    acts = np.full(conv.window, act, np.int8)
    weights = np.full((16, 3, 3, 256), weight, np.int8)
    for shift in (2, 20, 31, 32, 33, 40, 47, 48, 61, 62):
        parameters = np.array([[0, 2**30 - 1] * 8, [32767] * 16, [shift] * 16], np.int32)
        check(code, conv, acts, weights, parameters)


@pytest.mark.parametrize("bias", [-1, 0, 1, 5, -5, 2**31 - 1, -(2**31)])
def test_rounds_half_up(library: KernelLibrary, isa: str, bias: int) -> None:
    """Only the bias is not zero, so that results are the rescale's alone."""
    conv = Conv2D((1, 1), 4, (1, 1, 64))
    code = Code(library.compile([conv.spec()], isa), [conv.spec()])
    shifts = np.arange(64) % 61 + 2
    parameters = np.stack([np.full(64, bias), 1 + np.arange(64) * 511, shifts]).astype(np.int32)
    check(code, conv, np.zeros(conv.window, np.int8), np.zeros((64, 1, 1, 4), np.int8), parameters)


@pytest.mark.parametrize(
    "conv",
    [
        Conv2D((3, 3), 32, (4, 18, 48), accumulate=True),
        Conv2D((1, 1), 64, (7, 7, 32), accumulate=True, clamp=(0, 127)),
    ],
    ids=["3x3", "1x1"],
)
def test_accumulates_over_chunks(library: KernelLibrary, isa: str, conv: Conv2D) -> None:
    """Three chunks of input channels; kept sums start as garbage; only the last call writes."""
    code = Code(library.compile([conv.spec()], isa), [conv.spec()])
    rng = np.random.default_rng(2)
    parameters = random_parameters(rng, conv)
    kept = rng.integers(-(2**31), 2**31, conv.out).astype(np.int32)
    out = np.full(conv.out, 99, np.int8)
    total = np.zeros(conv.out, np.int32)
    for chunk in range(3):
        act, weights = random_act(rng, conv), random_weights(rng, conv)
        total += conv.sums(act, weights)
        arrays = [act, conv.pack(weights, parameters), out, kept]
        after = code.run("conv", arrays, [int(chunk == 0), int(chunk == 2)])
        out, kept = after[2].view(np.int8).reshape(conv.out), after[3].view(np.int32)
        assert np.array_equal(kept.reshape(conv.out), total)
        if chunk < 2:
            assert (out == 99).all()
    assert np.array_equal(out, conv.result(total, parameters))


@st.composite
def convolutions(draw: st.DrawFn) -> Conv2D:
    kernel = draw(st.sampled_from([(1, 1), (3, 3), (7, 7), (1, 3), (2, 1)]))
    return Conv2D(
        kernel,
        4 * draw(st.integers(1, 24)),
        (draw(st.integers(1, 6)), draw(st.integers(1, 35)), 8 * draw(st.integers(1, 10))),
        stride=(draw(st.integers(1, 2)), draw(st.integers(1, 3))),
        dilation=(draw(st.integers(1, 2)), draw(st.integers(1, 2))),
        extra=(draw(st.integers(0, 1)), draw(st.integers(0, 2))),
    )


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conv=convolutions(), seed=st.integers(0, 2**32 - 1))
def test_any_shape(library: KernelLibrary, isa: str, conv: Conv2D, seed: int) -> None:
    code = Code(library.compile([conv.spec()], isa), [conv.spec()])
    rng = np.random.default_rng(seed)
    check(
        code, conv, random_act(rng, conv), random_weights(rng, conv), random_parameters(rng, conv)
    )
