"""What kernels compute, in numpy: one call on the bytes of its buffers, as TOSA 1.0 has it."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from tiled_program import Bytes, Op

Int = np.ndarray[Any, np.dtype[np.int64]]


def rescale(value: Any, multiplier: Any, shift: Any) -> Int:
    """TOSA RESCALE with SINGLE_ROUND."""
    shift = np.asarray(shift, np.int64)
    return (np.asarray(value, np.int64) * multiplier + (np.int64(1) << (shift - 1))) >> shift


def int8(value: Any, clamp: Sequence[int] = (-128, 127)) -> np.ndarray[Any, np.dtype[np.int8]]:
    """Saturated to int8 and clamped."""
    return np.clip(np.clip(value, -128, 127), *clamp).astype(np.int8)


class Kernel:
    """An adf.kernel."""

    def __init__(self, op: Op) -> None:
        self.kind = op.find(r'kind "(\w+)"')
        self.accumulate = op.find(r"accumulate = (true)") is not None
        self.numbers = {
            name: [int(value) for value in values.split(", ")]
            for name, values in re.findall(r"(\w+) = array<i64: (.*?)>", op.line)
        }
        self.count = int(op.find(r"count = (\d+)") or 0)

    def call(self, buffers: Sequence[Bytes], immediates: Sequence[int]) -> None:
        """Writes the output buffer, as a kernel does that is called with these operands."""
        {
            "conv2d": self._conv2d,
            "depthwise_conv2d": self._depthwise_conv2d,
            "add": self._add,
            "sub": self._sub,
            "mul": self._mul,
            "table": self._table,
            "max_pool2d": self._max_pool2d,
            "mean2d": self._mean2d,
        }[str(self.kind)](buffers, immediates)

    def _window(self, buffer: Bytes) -> Int:
        shape = self.numbers["in"]
        return buffer[: np.prod(shape)].view(np.int8).reshape(shape).astype(np.int64)

    def _conv2d(self, buffers: Sequence[Bytes], immediates: Sequence[int]) -> None:
        n = self.numbers
        (kh, kw), (sh, sw), (dh, dw), (oh, ow, oc) = (
            n["kernel"], n["stride"], n["dilation"], n["out"],
        )  # fmt: skip
        window, ic = self._window(buffers[0]), n["in"][2]
        bias, multiplier, shift = buffers[1][: 12 * oc].view(np.int32).reshape(3, oc)
        packed = buffers[1][12 * oc :].view(np.int8).reshape(kh, kw * ic // 4, oc, 4)
        weights = packed.transpose(0, 1, 3, 2).reshape(kh, kw, ic, oc).astype(np.int64)
        sums = np.zeros((oh, ow, oc), np.int64)
        for y in range(kh):
            for x in range(kw):
                rows = slice(y * dh, y * dh + (oh - 1) * sh + 1, sh)
                sums += window[rows, x * dw : x * dw + (ow - 1) * sw + 1 : sw] @ weights[y, x]
        if self.accumulate:
            first, last = immediates
            kept = buffers[3].view(np.int32).reshape(oh, ow, oc)
            kept[:] = sums + (bias if first else kept)
            if not last:
                return
            sums = kept.astype(np.int64)
        else:
            sums += bias
        _store(buffers[2], int8(rescale(sums, multiplier, shift), n["clamp"]))

    def _depthwise_conv2d(self, buffers: Sequence[Bytes], _immediates: Sequence[int]) -> None:
        n = self.numbers
        (kh, kw), (sh, sw), (dh, dw), (oh, ow, oc) = (
            n["kernel"], n["stride"], n["dilation"], n["out"],
        )  # fmt: skip
        window = self._window(buffers[0])
        bias, multiplier, shift = buffers[1][: 12 * oc].view(np.int32).reshape(3, oc)
        weights = buffers[1][12 * oc :].view(np.int8).reshape(kh, kw, oc).astype(np.int64)
        sums = np.zeros((oh, ow, oc), np.int64) + bias
        for y in range(kh):
            for x in range(kw):
                rows = slice(y * dh, y * dh + (oh - 1) * sh + 1, sh)
                sums += window[rows, x * dw : x * dw + (ow - 1) * sw + 1 : sw] * weights[y, x]
        _store(buffers[2], int8(rescale(sums, multiplier, shift), n["clamp"]))

    def _table(self, buffers: Sequence[Bytes], _immediates: Sequence[int]) -> None:
        values = buffers[0][: self.count].view(np.int8).astype(np.int64)
        _store(buffers[2], buffers[1].view(np.int8)[values + 128])

    def _pair(self, buffers: Sequence[Bytes]) -> tuple[Int, Int]:
        left, right = (b[: self.count].view(np.int8).astype(np.int64) for b in buffers[:2])
        return left, right

    def _add(self, buffers: Sequence[Bytes], _immediates: Sequence[int]) -> None:
        n, (left, right) = self.numbers, self._pair(buffers)
        total = rescale(left, *n["a"]) + rescale(right, *n["b"])
        _store(buffers[2], int8(rescale(total, *n["out"]), n["clamp"]))

    def _sub(self, buffers: Sequence[Bytes], _immediates: Sequence[int]) -> None:
        n, (left, right) = self.numbers, self._pair(buffers)
        difference = rescale(left, *n["a"]) - rescale(right, *n["b"])
        _store(buffers[2], int8(rescale(difference, *n["out"]), n["clamp"]))

    def _mul(self, buffers: Sequence[Bytes], _immediates: Sequence[int]) -> None:
        n, (left, right) = self.numbers, self._pair(buffers)
        _store(buffers[2], int8(rescale(left * right, *n["rescale"]), n["clamp"]))

    def _max_pool2d(self, buffers: Sequence[Bytes], immediates: Sequence[int]) -> None:
        (kh, kw), (sh, sw), (oh, ow, _) = (self.numbers[key] for key in ("kernel", "stride", "out"))
        window = self._window(buffers[0])
        rows, columns, _ = window.shape
        top, bottom, left, right = immediates
        window[:top] = window[rows - bottom :] = -128
        window[:, :left] = window[:, columns - right :] = -128
        taps = [
            window[y : y + (oh - 1) * sh + 1 : sh, x : x + (ow - 1) * sw + 1 : sw]
            for y in range(kh)
            for x in range(kw)
        ]
        _store(buffers[1], int8(np.max(taps, axis=0)))

    def _mean2d(self, buffers: Sequence[Bytes], _immediates: Sequence[int]) -> None:
        total = self._window(buffers[0]).sum(axis=(0, 1))
        _store(buffers[1], int8(rescale(total, *self.numbers["rescale"]), self.numbers["clamp"]))


def _store(buffer: Bytes, values: np.ndarray[Any, np.dtype[np.int8]]) -> None:
    assert values.size <= buffer.size
    buffer[: values.size] = values.reshape(-1).view(np.uint8)
