"""Layers of all kinds and many shapes: graph as text, an input, and the output by definition."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tile_kernels import int8, rescale

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Layer:
    """An adf.graph of one kernel operation; activations are [height, width, channels]."""

    text: str
    input: Array
    expected: Array


def make_layer(choose: random.Random) -> Layer:
    """Any layer; small enough to be computed at once."""
    shape = (
        choose.randint(1, 40),
        choose.randint(1, 40),
        choose.choice([1, 3, 4, 16, 20, 64, 256]),
    )
    values = np.random.default_rng(choose.getrandbits(32))
    image = values.integers(-128, 128, shape).astype(np.int8)
    make = choose.choice(
        [_conv2d, _conv2d, _conv2d, _depthwise, _max_pool2d, _add, _sub, _mul, _mean2d, _table]
    )
    return make(choose, values, image)


def _graph(operations: str, image: Array, expected: Array) -> Layer:
    result = _type((1, *expected.shape), "i8")
    text = (
        f"adf.graph @main(%x: {_type((1, *image.shape), 'i8')}) -> {result} {{\n"
        f"{operations} -> {result}\nadf.output %y : {result}\n}}\n"
    )
    return Layer(text, image, expected)


def _type(shape: Sequence[int], element: str) -> str:
    return f"tensor<{'x'.join(map(str, shape))}x{element}>"


def _dense(values: Array) -> str:
    element = f"i{8 * values.itemsize}"
    digits = values.tobytes().hex().upper()
    text = f'"0x{digits}"' if np.unique(values).size > 1 else str(values.flat[0])
    return f"dense<{text}> : {_type(values.shape, element)}"


def _padded(image: Array, pad: Sequence[int], value: int) -> Array:
    top, bottom, left, right = pad
    return np.pad(
        image.astype(np.int64), ((top, bottom), (left, right), (0, 0)), constant_values=value
    )


def _outputs(size: int, span: int, stride: int) -> int:
    return (size - span) // stride + 1


@dataclass(frozen=True)
class _Window:
    """How a convolution of random size slides over an image."""

    kernel: tuple[int, int]
    stride: int
    dilation: int
    pad: list[int]
    padded: Array
    extent: tuple[int, int]

    @staticmethod
    def choose(choose: random.Random, image: Array) -> "_Window":
        kh, kw = (min(choose.choice([1, 2, 3, 5, 7]), size) for size in image.shape[:2])
        stride = choose.choice([1, 1, 2, 3])
        wide = min(image.shape[0] // kh, image.shape[1] // kw) > 1
        dilation = 2 if choose.random() < 0.2 and wide else 1
        pad = [choose.randint(0, k // 2) for k in (kh, kh, kw, kw)]
        padded = _padded(image, pad, 0)
        oh = _outputs(padded.shape[0], (kh - 1) * dilation + 1, stride)
        ow = _outputs(padded.shape[1], (kw - 1) * dilation + 1, stride)
        return _Window((kh, kw), stride, dilation, pad, padded, (oh, ow))

    def taps(self) -> Iterator[tuple[int, int, Array]]:
        """(row, column, input [oh][ow][ic]) of each tap, in float64: sums stay far below 2^53."""
        d, (oh, ow) = self.dilation, self.extent
        for y in range(self.kernel[0]):
            for x in range(self.kernel[1]):
                rows = slice(y * d, y * d + (oh - 1) * self.stride + 1, self.stride)
                columns = slice(x * d, x * d + (ow - 1) * self.stride + 1, self.stride)
                yield y, x, self.padded[rows, columns].astype(np.float64)


def _conv2d(choose: random.Random, values: np.random.Generator, image: Array) -> Layer:
    window, out = _Window.choose(choose, image), choose.choice([1, 10, 16, 24, 64, 130])
    weights = values.integers(-127, 128, (out, *window.kernel, image.shape[2])).astype(np.int8)
    sums = np.zeros((*window.extent, out))
    for y, x, taps in window.taps():
        sums += taps @ weights[:, y, x].T.astype(np.float64)
    return _convolution("conv2d", choose, values, image, window, weights, sums)


def _depthwise(choose: random.Random, values: np.random.Generator, image: Array) -> Layer:
    window, channels = _Window.choose(choose, image), image.shape[2]
    weights = values.integers(-127, 128, (*window.kernel, channels, 1)).astype(np.int8)
    sums = np.zeros((*window.extent, channels))
    for y, x, taps in window.taps():
        sums += taps * weights[y, x, :, 0].astype(np.float64)
    return _convolution("depthwise_conv2d", choose, values, image, window, weights, sums)


def _convolution(
    kind: str,
    choose: random.Random,
    values: np.random.Generator,
    image: Array,
    window: _Window,
    weights: Array,
    sums: Array,
) -> Layer:
    out = sums.shape[2]
    bias = values.integers(-5000, 5000, out).astype(np.int32)
    multiplier = values.integers(16384, 32768, out).astype(np.int16)
    shift = values.integers(20, 28, out).astype(np.int8)
    clamp = choose.choice([(-128, 127), (0, 127)])
    expected = int8(rescale(sums.astype(np.int64) + bias, multiplier, shift), clamp)
    stride, dilation = window.stride, window.dilation
    operations = (
        f"%w = adf.constant {_dense(weights)}\n%b = adf.constant {_dense(bias)}\n"
        f'%y = adf.{kind} "layer" %x, %w, %b stride [{stride}, {stride}] pad {window.pad}'
        f" dilation [{dilation}, {dilation}] clamp {list(clamp)}"
        f" multiplier {_dense(multiplier)} shift {_dense(shift)}"
        f" : ({_type((1, *image.shape), 'i8')}, {_type(weights.shape, 'i8')}, tensor<{out}xi32>)"
    )
    return _graph(operations, image, expected)


def _table(_choose: random.Random, values: np.random.Generator, image: Array) -> Layer:
    # 0 stays 0, so that the padding of channels does too.
    table = values.integers(-128, 128, 256).astype(np.int8)
    table[128] = 0
    operations = (
        f'%y = adf.table "layer" %x table {_dense(table)} : ({_type((1, *image.shape), "i8")})'
    )
    return _graph(operations, image, table[image.astype(np.int64) + 128])


def _max_pool2d(choose: random.Random, _values: np.random.Generator, image: Array) -> Layer:
    kernel = min(choose.choice([2, 3]), *image.shape[:2])
    stride, pad = choose.choice([1, 2, 3]), [choose.randint(0, kernel // 2) for _ in range(4)]
    padded = _padded(image, pad, -128)
    oh, ow = (_outputs(size, kernel, stride) for size in padded.shape[:2])
    if kernel == 1:
        pad, padded, oh, ow = [0] * 4, image.astype(np.int64), *(
            _outputs(size, 1, stride) for size in image.shape[:2]
        )  # fmt: skip
    taps = [
        padded[y : y + (oh - 1) * stride + 1 : stride, x : x + (ow - 1) * stride + 1 : stride]
        for y in range(kernel)
        for x in range(kernel)
    ]
    operations = (
        f'%y = adf.max_pool2d "layer" %x kernel [{kernel}, {kernel}]'
        f" stride [{stride}, {stride}] pad {pad} : ({_type((1, *image.shape), 'i8')})"
    )
    return _graph(operations, image, int8(np.max(taps, axis=0)))


def _add(_choose: random.Random, _values: np.random.Generator, image: Array) -> Layer:
    total = rescale(image, 16384, 3) + rescale(image, 28913, 4)
    operand = _type((1, *image.shape), "i8")
    operations = (
        '%y = adf.add "layer" %x, %x lhs <16384, 3> rhs <28913, 4> out <24863, 26>'
        f" clamp [-100, 127] : ({operand}, {operand})"
    )
    return _graph(operations, image, int8(rescale(total, 24863, 26), (-100, 127)))


def _sub(_choose: random.Random, _values: np.random.Generator, image: Array) -> Layer:
    difference = rescale(image, 16384, 3) - rescale(image, 28913, 4)
    operand = _type((1, *image.shape), "i8")
    operations = (
        '%y = adf.sub "layer" %x, %x lhs <16384, 3> rhs <28913, 4> out <24863, 23>'
        f" clamp [-100, 127] : ({operand}, {operand})"
    )
    return _graph(operations, image, int8(rescale(difference, 24863, 23), (-100, 127)))


def _mul(_choose: random.Random, _values: np.random.Generator, image: Array) -> Layer:
    product = image.astype(np.int64) ** 2
    operand = _type((1, *image.shape), "i8")
    operations = (
        '%y = adf.mul "layer" %x, %x rescale <20000, 21> clamp [-128, 100]'
        f" : ({operand}, {operand})"
    )
    return _graph(operations, image, int8(rescale(product, 20000, 21), (-128, 100)))


def _mean2d(_choose: random.Random, _values: np.random.Generator, image: Array) -> Layer:
    total = image.astype(np.int64).sum(axis=(0, 1), keepdims=True)
    operations = (
        '%y = adf.mean2d "layer" %x rescale <20000, 20> clamp [-128, 127]'
        f" : ({_type((1, *image.shape), 'i8')})"
    )
    return _graph(operations, image, int8(rescale(total, 20000, 20)))
