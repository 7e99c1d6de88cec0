"""Kernels on int16 activations are bit-exact on every instruction set, within their buffers."""

from typing import Any

import numpy as np
import pytest
from kernel_host import Code, Kernel, KernelLibrary
from kernel_reference import rescale

CONVOLUTIONS: dict[str, dict[str, Any]] = {
    "int16 to int16": {"kernel": (3, 3), "ic": 16, "out": (4, 5, 16), "wide": (2, 2)},
    "int16 to int8": {"kernel": (3, 3), "ic": 8, "out": (3, 6, 24), "wide": (2, 1)},
    "int8 to int16": {"kernel": (3, 3), "ic": 12, "out": (3, 3, 20), "wide": (1, 2)},
    "relu": {"kernel": (1, 1), "ic": 6, "out": (1, 1, 4), "wide": (2, 2), "clamp": (0, 32767)},
    "strides": {"kernel": (3, 2), "ic": 4, "out": (3, 5, 8), "wide": (2, 2), "stride": (2, 3)},
    "dilated": {"kernel": (3, 3), "ic": 4, "out": (2, 5, 8), "wide": (2, 1), "dilation": (2, 2)},
    # Sums of one pixel leave 32 bits, and are cut into parts of 256 products.
    "long": {"kernel": (1, 1), "ic": 1030, "out": (1, 2, 8), "wide": (2, 2)},
}


def wide_clamp(wide: bool) -> tuple[int, int]:
    return (-32768, 32767) if wide else (-128, 127)


class Convolution:
    """A conv2d_wide whose `ic` and `out` count elements; `wide` are their bytes."""

    def __init__(self, shape: dict[str, Any], *, accumulate: bool = False) -> None:
        self.kernel, self.ic, self.out = shape["kernel"], shape["ic"], shape["out"]
        self.read, self.written = shape["wide"]
        self.stride, self.dilation = shape.get("stride", (1, 1)), shape.get("dilation", (1, 1))
        self.clamp = shape.get("clamp", wide_clamp(self.written == 2))
        self.window = tuple(
            (self.out[i] - 1) * self.stride[i] + (self.kernel[i] - 1) * self.dilation[i] + 1
            for i in (0, 1)
        )
        self.accumulate = accumulate

    def spec(self) -> Kernel:
        config: dict[str, Any] = {
            "in": (*self.window, self.ic * self.read),
            "kernel": self.kernel,
            "stride": self.stride,
            "dilation": self.dilation,
            "out": (*self.out[:2], self.out[2] * self.written),
            "clamp": self.clamp,
            "accumulate": self.accumulate,
        }
        if self.read == 2:
            config["wide_input"] = True
        if self.written == 2:
            config["wide_output"] = True
        return Kernel("conv", "conv2d_wide", config)

    def level_type(self, size: int) -> Any:
        return np.int16 if size == 2 else np.int8

    def act(self, rng: np.random.Generator) -> np.ndarray:
        limits = np.iinfo(self.level_type(self.read))
        shape = (*self.window, self.ic)
        return rng.integers(limits.min, limits.max + 1, shape).astype(self.level_type(self.read))

    def weights(self, rng: np.random.Generator) -> np.ndarray:
        return rng.integers(-128, 128, (*self.kernel, self.ic, self.out[2])).astype(np.int8)

    def sums(self, act: np.ndarray, weights: np.ndarray) -> np.ndarray:
        oh, ow, oc = self.out
        total = np.zeros((oh, ow, oc), np.int64)
        for ky in range(self.kernel[0]):
            for kx in range(self.kernel[1]):
                y, x = ky * self.dilation[0], kx * self.dilation[1]
                taps = act[
                    y : y + (oh - 1) * self.stride[0] + 1 : self.stride[0],
                    x : x + (ow - 1) * self.stride[1] + 1 : self.stride[1],
                ].astype(np.int64)
                total += taps @ weights[ky, kx].astype(np.int64)
        return total

    def result(self, sums: np.ndarray, parameters: "Parameters") -> np.ndarray:
        scaled = rescale(sums + parameters.bias, parameters.multiplier, parameters.shift)
        return np.clip(scaled, *self.clamp).astype(self.level_type(self.written))


class Parameters:
    """Bias, multiplier and shift of each channel; the bias may leave 32 bits."""

    def __init__(self, rng: np.random.Generator, channels: int, largest: int = 1 << 34) -> None:
        self.bias = rng.integers(-largest, largest, channels)
        self.multiplier = rng.integers(1 << 14, 1 << 15, channels).astype(np.int32)
        self.shift = rng.integers(28, 40, channels).astype(np.int32)

    def block(self, weights: np.ndarray) -> np.ndarray:
        parts = (self.bias, self.multiplier, self.shift, weights)
        return np.concatenate(
            [np.ascontiguousarray(part).reshape(-1).view(np.int8) for part in parts]
        )


@pytest.mark.parametrize("shape", CONVOLUTIONS.values(), ids=CONVOLUTIONS.keys())
def test_convolution(library: KernelLibrary, isa: str, shape: dict[str, Any]) -> None:
    conv, rng = Convolution(shape), np.random.default_rng(7)
    act, weights = conv.act(rng), conv.weights(rng)
    parameters = Parameters(rng, conv.out[2])
    expected = conv.result(conv.sums(act, weights), parameters)
    code = Code(library.compile([conv.spec()], isa), [conv.spec()])
    buffers = [act.view(np.int8), parameters.block(weights), np.zeros(expected.nbytes, np.int8)]
    for at_end in (False, True):
        after = code.run("conv", buffers, at_end=at_end)
        assert np.array_equal(after[2].view(expected.dtype).reshape(conv.out), expected)
        assert np.array_equal(after[0].view(np.int8), act.view(np.int8).reshape(-1))


@pytest.mark.parametrize("level", [-32768, 32767])
@pytest.mark.parametrize("weight", [-128, 127])
def test_extremes(library: KernelLibrary, isa: str, level: int, weight: int) -> None:
    """The largest sums: 9 * 600 products of the same sign, far beyond int32."""
    shape = {"kernel": (3, 3), "ic": 600, "out": (1, 1, 8), "wide": (2, 2)}
    conv, rng = Convolution(shape), np.random.default_rng(1)
    act = np.full((*conv.window, conv.ic), level, np.int16)
    weights = np.full((3, 3, 600, 8), weight, np.int8)
    parameters = Parameters(rng, 8)
    expected = conv.result(conv.sums(act, weights), parameters)
    code = Code(library.compile([conv.spec()], isa), [conv.spec()])
    after = code.run("conv", [act.view(np.int8), parameters.block(weights), np.zeros(16, np.int8)])
    assert np.array_equal(after[2].view(np.int16), expected.reshape(-1))


def test_sums_are_kept(library: KernelLibrary, isa: str) -> None:
    """Two calls with half of the input channels each give what one call with all does."""
    shape = {"kernel": (3, 3), "ic": 8, "out": (3, 5, 12), "wide": (2, 2)}
    half, rng = Convolution(shape, accumulate=True), np.random.default_rng(3)
    acts, weights = [half.act(rng) for _ in range(2)], [half.weights(rng) for _ in range(2)]
    parameters = Parameters(rng, 12)
    sums = sum(half.sums(a, w) for a, w in zip(acts, weights, strict=True))
    code = Code(library.compile([half.spec()], isa), [half.spec()])
    kept = rng.integers(-128, 128, 8 * 3 * 5 * 12).astype(np.int8)  # what was there before
    out = np.zeros(2 * 3 * 5 * 12, np.int8)
    for call, (act, weight) in enumerate(zip(acts, weights, strict=True)):
        buffers = [act.view(np.int8), parameters.block(weight), out, kept]
        _, _, out, kept = (
            x.view(np.int8) for x in code.run("conv", buffers, [int(call == 0), int(call == 1)])
        )
    expected = half.result(np.asarray(sums), parameters)
    assert np.array_equal(out.view(np.int16).reshape(half.out), expected)


@pytest.mark.parametrize(
    ("kernel", "channels", "stride"),
    [((3, 3), 24, (1, 1)), ((1, 5), 6, (2, 1)), ((17, 16), 4, (1, 1))],
)
def test_depthwise(
    library: KernelLibrary, isa: str, kernel: Any, channels: int, stride: Any
) -> None:
    rng, out = np.random.default_rng(5), (3, 4)
    window = [(out[i] - 1) * stride[i] + kernel[i] for i in (0, 1)]
    act = rng.integers(-32768, 32768, (*window, channels)).astype(np.int16)
    weights = rng.integers(-128, 128, (*kernel, channels)).astype(np.int8)
    parameters = Parameters(rng, channels)
    sums = np.zeros((*out, channels), np.int64)
    for ky in range(kernel[0]):
        for kx in range(kernel[1]):
            rows = slice(ky, ky + (out[0] - 1) * stride[0] + 1, stride[0])
            columns = slice(kx, kx + (out[1] - 1) * stride[1] + 1, stride[1])
            sums += act[rows, columns].astype(np.int64) * weights[ky, kx]
    scaled = rescale(sums + parameters.bias, parameters.multiplier, parameters.shift)
    expected = np.clip(scaled, -32768, 32767).astype(np.int16)
    spec = Kernel(
        "depthwise",
        "depthwise_conv2d_wide",
        {
            "in": (*window, 2 * channels),
            "kernel": kernel,
            "stride": stride,
            "dilation": (1, 1),
            "out": (*out, 2 * channels),
            "clamp": (-32768, 32767),
        },
    )
    code = Code(library.compile([spec], isa), [spec])
    buffers = [act.view(np.int8), parameters.block(weights), np.zeros(expected.nbytes, np.int8)]
    for at_end in (False, True):
        after = code.run("depthwise", buffers, at_end=at_end)
        assert np.array_equal(after[2].view(np.int16).reshape(expected.shape), expected)


def test_sum(library: KernelLibrary, isa: str) -> None:
    rng = np.random.default_rng(2)
    a, b = (rng.integers(-32768, 32768, 100).astype(np.int16) for _ in range(2))
    config = {
        "count": 200,
        "a": [20000, 4],
        "b": [32767, 5],
        "out": [30000, 25],
        "clamp": [-30000, 32767],
        "wide": True,
    }
    spec = Kernel("sum", "add", config)
    code = Code(library.compile([spec], isa), [spec])
    after = code.run("sum", [a.view(np.int8), b.view(np.int8), np.zeros(200, np.int8)])
    expected = np.clip(
        rescale(rescale(a, 20000, 4) + rescale(b, 32767, 5), 30000, 25), -30000, 32767
    )
    assert np.array_equal(after[2].view(np.int16), expected)


@pytest.mark.parametrize("wide", [(2, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("channels", [3, 16, 37])
def test_rescale(library: KernelLibrary, isa: str, wide: tuple[int, int], channels: int) -> None:
    """Pixels are whole words, of the result multiples of 8 bytes."""
    rng, pixels = np.random.default_rng(channels), 5
    read, written = (
        -(-channels * size // unit) * unit for size, unit in zip(wide, (4, 8), strict=True)
    )
    types = [np.int16 if size == 2 else np.int8 for size in wide]
    limits = np.iinfo(types[0])
    act = rng.integers(limits.min, limits.max + 1, (pixels, read // wide[0])).astype(types[0])
    config: dict[str, Any] = {
        "in": (pixels, read),
        "out": (pixels, written),
        "rescale": [25000, 20 if wide == (2, 1) else 10],
        "clamp": wide_clamp(wide[1] == 2),
    }
    for name, size in zip(("wide_input", "wide_output"), wide, strict=True):
        if size == 2:
            config[name] = True
    spec = Kernel("rescale", "rescale", config)
    code = Code(library.compile([spec], isa), [spec])
    after = code.run("rescale", [act.view(np.int8), np.zeros(pixels * written, np.int8)])
    found = after[1].view(types[1]).reshape(pixels, -1)[:, :channels]
    expected = np.clip(rescale(act[:, :channels], *config["rescale"]), *config["clamp"])
    assert np.array_equal(found, expected)
