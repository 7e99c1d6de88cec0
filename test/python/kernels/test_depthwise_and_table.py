"""depthwise_conv2d and table are bit-exact on every instruction set, within their buffers."""

from typing import Any

import numpy as np
import pytest
from kernel_host import Code, Kernel, KernelError, KernelLibrary
from kernel_reference import depthwise_sums, rescale, to_int8

SHAPES: dict[str, dict[str, Any]] = {
    "3x3": {"kernel": (3, 3), "out": (5, 9, 64)},
    "3x3, stride 2": {"kernel": (3, 3), "out": (4, 7, 32), "stride": (2, 2)},
    "3x3, 4 channels": {"kernel": (3, 3), "out": (3, 6, 4)},
    "3x3, 76 channels": {"kernel": (3, 3), "out": (2, 3, 76)},
    "10x4": {"kernel": (10, 4), "out": (3, 5, 8), "stride": (2, 1)},
    "5x5, dilated": {"kernel": (5, 5), "out": (3, 3, 16), "dilation": (2, 3)},
    "1x1": {"kernel": (1, 1), "out": (1, 1, 20)},
    "1x3": {"kernel": (1, 3), "out": (2, 5, 128), "stride": (1, 3)},
    "window larger than read": {"kernel": (3, 3), "out": (2, 2, 12), "extra": (1, 2)},
    "relu6": {"kernel": (3, 3), "out": (4, 4, 24), "clamp": (0, 90)},
}


def depthwise(shape: dict[str, Any]) -> Kernel:
    config: dict[str, Any] = {
        "stride": (1, 1),
        "dilation": (1, 1),
        "clamp": (-128, 127),
        **shape,
    }
    extra = config.pop("extra", (0, 0))
    rows, columns = (
        (config["out"][i] - 1) * config["stride"][i]
        + (config["kernel"][i] - 1) * config["dilation"][i]
        + 1
        + extra[i]
        for i in (0, 1)
    )
    config["in"] = (rows, columns, config["out"][2])
    return Kernel("depthwise", "depthwise_conv2d", config)


def check(
    library: KernelLibrary,
    isa: str,
    kernel: Kernel,
    act: np.ndarray,
    weights: np.ndarray,
    parameters: np.ndarray,
) -> None:
    config: Any = kernel.config
    out = config["out"]
    sums = depthwise_sums(
        act, weights, stride=config["stride"], dilation=config["dilation"], out=out
    )
    bias, multiplier, shift = parameters
    scaled = rescale(sums.astype(np.int64) + bias, multiplier, shift)
    expected = to_int8(scaled, config["clamp"])
    block = np.concatenate([parameters.reshape(-1).view(np.int8), weights.reshape(-1)])
    code = Code(library.compile([kernel], isa), [kernel])
    for at_end in (False, True):
        after = code.run(kernel.name, [act, block, np.zeros(out, np.int8)], at_end=at_end)
        assert np.array_equal(after[2].view(np.int8).reshape(out), expected)
        assert np.array_equal(after[0], act.view(np.uint8).reshape(-1))
        assert np.array_equal(after[1], block.view(np.uint8))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_depthwise(library: KernelLibrary, isa: str, shape: dict[str, Any]) -> None:
    kernel = depthwise(shape)
    config: Any = kernel.config
    channels = config["out"][2]
    rng = np.random.default_rng(6)
    act = rng.integers(-128, 128, config["in"]).astype(np.int8)
    weights = rng.integers(-128, 128, (*config["kernel"], channels)).astype(np.int8)
    parameters = np.stack(
        [
            rng.integers(-20000, 20000, channels),
            rng.integers(1 << 14, 1 << 15, channels),
            rng.integers(20, 26, channels),
        ]
    ).astype(np.int32)
    check(library, isa, kernel, act, weights, parameters)


@pytest.mark.parametrize("act", [-128, 127])
@pytest.mark.parametrize("weight", [-128, 127])
def test_depthwise_extremes(library: KernelLibrary, isa: str, act: int, weight: int) -> None:
    """The largest products and sums, shifts from least to most."""
    kernel = depthwise({"kernel": (7, 7), "out": (2, 2, 64)})
    config: Any = kernel.config
    shift = np.arange(64) % 61 + 2
    parameters = np.stack([np.arange(64) * 1000, np.full(64, 32767), shift]).astype(np.int32)
    acts, weights = np.full(config["in"], act, np.int8), np.full((7, 7, 64), weight, np.int8)
    check(library, isa, kernel, acts, weights, parameters)


def test_depthwise_refuses_half_words(library: KernelLibrary) -> None:
    with pytest.raises(KernelError, match="multiple of 4"):
        library.describe([depthwise({"kernel": (3, 3), "out": (2, 2, 6)})])


@pytest.mark.parametrize("count", [1, 3, 4, 257, 1024])
def test_table(library: KernelLibrary, isa: str, count: int) -> None:
    rng = np.random.default_rng(count)
    act = rng.integers(-128, 128, count).astype(np.int8)
    table = rng.permutation(256).astype(np.uint8).view(np.int8)
    kernel = Kernel("table", "table", {"count": count})
    expected = table[act.astype(np.int64) + 128]
    code = Code(library.compile([kernel], isa), [kernel])
    for at_end in (False, True):
        after = code.run("table", [act, table, np.zeros(count, np.int8)], at_end=at_end)
        assert np.array_equal(after[2].view(np.int8), expected)
