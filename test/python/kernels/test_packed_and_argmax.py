"""conv2d with weights of four bits, and argmax, are bit-exact on every instruction set."""

from typing import Any

import numpy as np
import pytest
from kernel_host import Code, Kernel, KernelLibrary
from kernel_reference import Conv2D

SHAPES = {
    "3x3": Conv2D((3, 3), 16, (5, 9, 64)),
    "3x3, odd words": Conv2D((3, 3), 4, (4, 7, 24)),
    "1x1": Conv2D((1, 1), 64, (7, 7, 32)),
    "linear": Conv2D((1, 1), 132, (1, 1, 40)),
    "stride, 8 channels": Conv2D((3, 3), 8, (3, 6, 8), stride=(2, 2)),
    "dilated": Conv2D((3, 3), 8, (3, 3, 16), dilation=(2, 2)),
}


def packed_spec(conv: Conv2D, name: str = "conv") -> Kernel:
    return Kernel(name, "conv2d", {**conv.spec().config, "packed": True})


def pack(weights: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """The block of Conv2D.pack with two weights in a byte, the first in the lower bits."""
    block = Conv2D.pack(weights, parameters)
    levels = block[parameters.nbytes :].view(np.uint8).reshape(-1, 2)
    return np.concatenate(
        [block[: parameters.nbytes], ((levels[:, 0] & 15) | (levels[:, 1] << 4)).view(np.int8)]
    )


def parameters_of(rng: np.random.Generator, channels: int) -> np.ndarray:
    return np.stack(
        [
            rng.integers(-20000, 20000, channels),
            rng.integers(1 << 14, 1 << 15, channels),
            rng.integers(20, 26, channels),
        ]
    ).astype(np.int32)


@pytest.mark.parametrize("conv", SHAPES.values(), ids=SHAPES.keys())
def test_packed_weights(library: KernelLibrary, isa: str, conv: Conv2D) -> None:
    rng = np.random.default_rng(4)
    act = rng.integers(-128, 128, conv.window).astype(np.int8)
    weights = rng.integers(-8, 8, (conv.out[2], *conv.kernel, conv.ic)).astype(np.int8)
    parameters = parameters_of(rng, conv.out[2])
    expected = conv.result(conv.sums(act, weights), parameters)
    spec = packed_spec(conv)
    block = pack(weights, parameters)
    assert library.describe([spec])[0]["buffers"][1]["bytes"] == block.size
    assert block.size == 12 * conv.out[2] + weights.size // 2
    code = Code(library.compile([spec], isa), [spec])
    for at_end in (False, True):
        after = code.run("conv", [act, block, np.zeros(conv.out, np.int8)], at_end=at_end)
        assert np.array_equal(after[2].view(np.int8).reshape(conv.out), expected)


@pytest.mark.parametrize("channels", [4, 20, 1000])
def test_argmax(library: KernelLibrary, isa: str, channels: int) -> None:
    """The first of equal channels; padding behind them is not looked at."""
    rng, pixels = np.random.default_rng(channels), 7
    act = rng.integers(-128, 128, (pixels, channels + 4)).astype(np.int8)
    act[:, channels:] = 127
    act[0] = -128
    act[1, 1:channels] = act[1, 0]
    config: dict[str, Any] = {"in": (pixels, channels + 4, channels), "out": 8}
    spec = Kernel("argmax", "argmax", config)
    code = Code(library.compile([spec], isa), [spec])
    after = code.run("argmax", [act, np.full(8 * pixels, 5, np.int8)])
    found = after[1].view(np.int32).reshape(pixels, 2)
    assert np.array_equal(found[:, 0], act[:, :channels].argmax(axis=1))
