"""What each kernel must compute, in numpy, after TOSA 1.0's text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from kernel_host import Kernel

Int8 = np.ndarray[Any, np.dtype[np.int8]]
Int32 = np.ndarray[Any, np.dtype[np.int32]]


def rescale(value: Any, multiplier: Any, shift: Any) -> Any:
    """TOSA RESCALE's apply_scale with SINGLE_ROUND, in int64."""
    wide = np.asarray(value, np.int64) * np.asarray(multiplier, np.int64)
    shift = np.asarray(shift, np.int64)
    return (wide + (np.int64(1) << (shift - 1))) >> shift


def to_int8(value: Any, clamp: Sequence[int]) -> Int8:
    """Saturate to int8, then clamp."""
    return np.clip(np.clip(value, -128, 127), *clamp).astype(np.int8)


@dataclass(frozen=True)
class Conv2D:
    """A conv2d specialisation; the window is as large as it must be, plus `extra` rows, columns."""

    kernel: tuple[int, int]
    ic: int
    out: tuple[int, int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    clamp: tuple[int, int] = (-128, 127)
    accumulate: bool = False
    extra: tuple[int, int] = (0, 0)

    @property
    def window(self) -> tuple[int, int, int]:
        rows, cols = (
            (self.out[i] - 1) * self.stride[i] + (self.kernel[i] - 1) * self.dilation[i] + 1
            for i in (0, 1)
        )
        return rows + self.extra[0], cols + self.extra[1], self.ic

    @property
    def macs(self) -> int:
        return int(np.prod(self.out)) * self.kernel[0] * self.kernel[1] * self.ic

    def spec(self, name: str = "conv") -> Kernel:
        config = {
            "in": self.window,
            "kernel": self.kernel,
            "stride": self.stride,
            "dilation": self.dilation,
            "out": self.out,
            "clamp": self.clamp,
            "accumulate": self.accumulate,
        }
        return Kernel(name, "conv2d", config)

    def sums(self, act: Int8, weights: Int8) -> Int32:
        """Sum over kernel and channels; act [ih][iw][ic], weights OHWI [oc][kh][kw][ic]."""
        oh, ow, oc = self.out
        total = np.zeros((oh, ow, oc), np.int32)
        for ky in range(self.kernel[0]):
            for kx in range(self.kernel[1]):
                y, x = ky * self.dilation[0], kx * self.dilation[1]
                taps = act[
                    y : y + (oh - 1) * self.stride[0] + 1 : self.stride[0],
                    x : x + (ow - 1) * self.stride[1] + 1 : self.stride[1],
                ].astype(np.int32)
                total += taps @ weights[:, ky, kx].astype(np.int32).T
        return total

    def result(self, sums: Int32, parameters: Int32) -> Int8:
        """Output [oh][ow][oc] of the sums; parameters are bias, multiplier, shift [3][oc]."""
        bias, multiplier, shift = parameters
        return to_int8(rescale(sums + bias, multiplier, shift), self.clamp)

    @staticmethod
    def pack(weights: Int8, parameters: Int32) -> Int8:
        """The block of weights: parameters, then [kh][(kw*ic)/4][oc][4]."""
        oc, kh = weights.shape[:2]
        packed = weights.reshape(oc, kh, -1, 4).transpose(1, 2, 0, 3)
        return np.concatenate([parameters.reshape(-1).view(np.int8), packed.reshape(-1)])


def depthwise_sums(
    act: Int8,
    weights: Int8,
    *,
    stride: Sequence[int],
    dilation: Sequence[int],
    out: Sequence[int],
) -> Int32:
    """Sums [oh][ow][c] over each channel's own taps; weights [kh][kw][c]."""
    total = np.zeros(out, np.int32)
    for ky in range(weights.shape[0]):
        for kx in range(weights.shape[1]):
            y, x = ky * dilation[0], kx * dilation[1]
            rows = slice(y, y + (out[0] - 1) * stride[0] + 1, stride[0])
            columns = slice(x, x + (out[1] - 1) * stride[1] + 1, stride[1])
            total += act[rows, columns].astype(np.int32) * weights[ky, kx]
    return total


def max_pool(
    act: Int8, kernel: Sequence[int], stride: Sequence[int], out: Sequence[int], pads: Sequence[int]
) -> Int8:
    """Maximum over the taps that are no padding, else -128; pads are top, bottom, left, right."""
    rows, cols, _ = act.shape
    valid = act.copy()
    top, bottom, left, right = pads
    valid[:top] = valid[rows - bottom :] = -128
    valid[:, :left] = valid[:, cols - right :] = -128
    result = np.full(out, -128, np.int8)
    for y in range(out[0]):
        for x in range(out[1]):
            taps = valid[
                y * stride[0] : y * stride[0] + kernel[0], x * stride[1] : x * stride[1] + kernel[1]
            ]
            result[y, x] = taps.max(axis=(0, 1))
    return result
