"""Weights of convolutions and linear layers: int8, with a scale for each channel of the result.

The constant of such an operator is all bytes of its channels' parameters, bias, multiplier and
shift (int32 each), then the weights (O, KH, KW, I) as int8; a call's block of them is in the order
of lib/Kernels/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adfc.operators.library import Constant, Numbers
from adfc.operators.operator import Call, Integers
from adfc.operators.rescale import multiplier_and_shift, rescaled, saturated

Levels = NDArray[np.int8]
Sums = NDArray[np.int64]
_LARGEST = 127
_WORD, _LEAST_SHIFT = 4, 2


@dataclass(frozen=True)
class Weights:
    """Levels (O, KH, KW, I), and int32 values for each O."""

    levels: Levels
    bias: NDArray[np.int32]
    multiplier: NDArray[np.int32]
    shift: NDArray[np.int32]

    @staticmethod
    def of(constant: Constant, numbers: Numbers) -> Weights:
        """What `quantized` made."""
        assert constant is not None
        shape = tuple(numbers[f"WEIGHTS_{axis}"] for axis in range(4))
        words = constant[: 12 * shape[0]].view("<i4").reshape(3, -1)
        return Weights(constant[words.nbytes :].view(np.int8).reshape(shape), *words)

    def finished(self, sums: Sums) -> Levels:
        """Sums (..., O) with their bias, as levels of the result."""
        wide = sums + self.bias
        columns = [
            rescaled(wide[..., channel], int(multiplier), int(shift))
            for channel, (multiplier, shift) in enumerate(
                zip(self.multiplier, self.shift, strict=True)
            )
        ]
        return saturated(np.stack(columns, axis=-1))

    def _heads(self, first: int, channels: int) -> list[NDArray[np.uint8]]:
        """Bias, multiplier and shift of `channels` channels; past the last, what gives 0."""
        kept = slice(first, first + channels)
        found: list[NDArray[np.uint8]] = []
        for values, fill in ((self.bias, 0), (self.multiplier, 0), (self.shift, _LEAST_SHIFT)):
            words = np.full(channels, fill, "<i4")
            words[: values[kept].size] = values[kept]
            found.append(words.view(np.uint8))
        return found

    def dense_block(self, first: int, channels: int) -> NDArray[np.uint8]:
        """A block of `conv2d`: the parameters, then [kh][kw * ic / 4][oc][4], ic in whole words."""
        levels = self.levels[first : first + channels]
        _, rows, columns, depth = levels.shape
        padded = np.zeros((channels, rows, columns, -(-depth // _WORD) * _WORD), np.int8)
        padded[: levels.shape[0], ..., :depth] = levels
        taps = padded.reshape(channels, rows, -1, _WORD).transpose(1, 2, 0, 3)
        return np.concatenate([*self._heads(first, channels), _bytes(taps)])

    def depthwise_block(self, first: int, channels: int) -> NDArray[np.uint8]:
        """A block of `depthwise_conv2d`: the parameters, then [kh][kw][c]."""
        levels = self.levels[first : first + channels, ..., 0]
        padded = np.zeros((channels, *levels.shape[1:]), np.int8)
        padded[: levels.shape[0]] = levels
        return np.concatenate([*self._heads(first, channels), _bytes(padded.transpose(1, 2, 0))])


def _bytes(values: NDArray[np.int8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8)


def quantized(call: Call, real: NDArray[np.float64], **numbers: int) -> Integers:
    """The integers of a call with weights (O, KH, KW, I) and its "bias", beside further numbers.

    Each channel's largest weight in magnitude is level 127.
    """
    largest = np.abs(real.reshape(real.shape[0], -1)).max(axis=1)
    scales = np.maximum(largest, 2.0**-24) / _LARGEST
    levels = np.rint(real / scales.reshape(-1, 1, 1, 1)).astype(np.int8)
    steps = scales * call.input_scales[0]
    given = call.parameters.get("bias")
    bias = np.zeros(real.shape[0]) if given is None else np.rint(given.astype(np.float64) / steps)
    pairs = [multiplier_and_shift(float(step)) for step in steps / call.output_scale]
    words = np.array([bias, *np.array(pairs).T]).astype("<i4")
    shape = {f"WEIGHTS_{axis}": size for axis, size in enumerate(levels.shape)}
    return Integers(
        np.concatenate([words.view(np.uint8).reshape(-1), _bytes(levels)]),
        {
            **shape,
            **numbers,
        },
    )


def dense_block(
    constant: Constant, numbers: Numbers, first: int, channels: int
) -> NDArray[np.uint8]:
    """A call's block of weights of the kernel `conv2d`."""
    return Weights.of(constant, numbers).dense_block(first, channels)


def depthwise_block(
    constant: Constant, numbers: Numbers, first: int, channels: int
) -> NDArray[np.uint8]:
    """A call's block of weights of the kernel `depthwise_conv2d`."""
    return Weights.of(constant, numbers).depthwise_block(first, channels)


def exact(*shape: int) -> NDArray[np.float32]:
    """Weights to test with, channels along the first axis: each is a level, 64 to a unit."""
    count = int(np.prod(shape))
    levels = (np.arange(count) * 37 % 255 - 127).reshape(shape[0], -1)
    levels[:, 0] = _LARGEST
    return (levels / 64).astype(np.float32).reshape(shape)


def biases(channels: int) -> NDArray[np.float32]:
    """Biases to test with."""
    return np.linspace(-3, 3, channels, dtype=np.float32)
