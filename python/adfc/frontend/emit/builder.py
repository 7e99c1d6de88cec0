"""The few TOSA operators that the front end emits, each with its types and attributes filled in.

All tensors are static. Images are NHWC. Every method emits at the context's current insertion
point and location.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.errors import ModelError
from adfc.frontend.emit.values import Value
from adfc.frontend.mlir import ir, tosa
from adfc.operators.rescale import multiplier_and_shift


def integer_tensor_type(shape: Sequence[int], bits: int) -> Any:
    """tensor<shape x i`bits`>"""
    return ir.RankedTensorType.get(list(shape), ir.IntegerType.get_signless(bits))


def shape_of(value: Value) -> tuple[int, ...]:
    """Shape of a ranked tensor value."""
    return tuple(ir.RankedTensorType(value.type).shape)


def bits_of(value: Value) -> int:
    """Width of a ranked integer tensor value's element, in bits."""
    return int(ir.IntegerType(ir.RankedTensorType(value.type).element_type).width)


class TosaBuilder:
    """Emits TOSA 1.0 integer operators; needs an active MLIR context."""

    def __init__(self) -> None:
        self._single_round = ir.Attribute.parse("#tosa.rounding_mode<SINGLE_ROUND>")

    def constant(self, values: NDArray[Any]) -> Value:
        """tosa.const of an integer array; a splat where all elements are equal."""
        array = np.ascontiguousarray(values)
        tensor = integer_tensor_type(array.shape, array.itemsize * 8)
        if array.size and (array == array.flat[0]).all():
            element = ir.IntegerAttr.get(tensor.element_type, int(array.flat[0]))
            return tosa.ConstOp(ir.DenseElementsAttr.get_splat(tensor, element)).result
        return tosa.ConstOp(ir.DenseElementsAttr.get(array, type=tensor)).result

    def typed_constant(self, values: NDArray[Any], bits: int) -> Value:
        """tosa.const of integers of a width that numpy may not have: of 4 bits, or 48."""
        if bits == values.itemsize * 8:
            return self.constant(values)
        tensor = integer_tensor_type(values.shape, bits)
        if bits < 8:
            return tosa.ConstOp(
                ir.DenseElementsAttr.get(np.ascontiguousarray(values), type=tensor)
            ).result
        # Whole bytes each, little-endian.
        parts = values.astype("<i8").reshape(-1, 1).view(np.uint8)[:, : bits // 8]
        return tosa.ConstOp(
            ir.Attribute.parse(f'dense<"0x{parts.tobytes().hex()}"> : {tensor}')
        ).result

    def shape_constant(self, sizes: Sequence[int]) -> Value:
        """tosa.const_shape"""
        shape_type = ir.Type.parse(f"!tosa.shape<{len(sizes)}>")
        index_type = ir.RankedTensorType.get([len(sizes)], ir.IndexType.get())
        values = ir.DenseElementsAttr.get(np.array(sizes, np.int64), type=index_type)
        return tosa.ConstShapeOp(shape_type, values).result

    def zero_point(self, bits: int) -> Value:
        """The constant 0 that TOSA asks for wherever a zero point may stand."""
        if bits in (4, 48):
            return self.typed_constant(np.zeros(1, np.int8 if bits == 4 else np.int64), bits)
        return self.constant(np.zeros(1, {8: np.int8, 16: np.int16, 32: np.int32}[bits]))

    def conv2d(
        self,
        image: Value,
        weights: NDArray[np.int8],
        bias: NDArray[np.integer[Any]],
        *,
        pad: Sequence[int] = (0, 0, 0, 0),
        stride: Sequence[int] = (1, 1),
        dilation: Sequence[int] = (1, 1),
        weight_bits: int = 8,
    ) -> Value:
        """i8 NHWC, i8 OHWI weights, i32 bias -> i32 NHWC; of an i16 image i48 sums and bias.

        `pad` is top, bottom, left, right. Weights of 4 bits are i4, for an i8 image.
        """
        channels, kernel_h, kernel_w, _ = weights.shape
        window = (kernel_h, kernel_w, channels)
        if bits_of(image) == 16:
            weight_bits = 8  # TOSA 1.0 has no int16 by int4
        return self._convolution(
            tosa.Conv2DOp, image, weights, bias, window, pad, stride, dilation, weight_bits
        )

    def depthwise_conv2d(
        self,
        image: Value,
        weights: NDArray[np.int8],
        bias: NDArray[np.integer[Any]],
        *,
        pad: Sequence[int] = (0, 0, 0, 0),
        stride: Sequence[int] = (1, 1),
        dilation: Sequence[int] = (1, 1),
    ) -> Value:
        """i8 NHWC, i8 (kh, kw, C, M) weights, i32 bias -> i32 NHWC of C * M channels; of an i16
        image i48 sums and bias."""
        kernel_h, kernel_w, channels, multiplier = weights.shape
        window = (kernel_h, kernel_w, channels * multiplier)
        return self._convolution(
            tosa.DepthwiseConv2DOp, image, weights, bias, window, pad, stride, dilation
        )

    def _convolution(
        self,
        operator: Any,
        image: Value,
        weights: NDArray[np.int8],
        bias: NDArray[np.integer[Any]],
        window: tuple[int, int, int],
        pad: Sequence[int],
        stride: Sequence[int],
        dilation: Sequence[int],
        weight_bits: int = 8,
    ) -> Value:
        """A convolution; `window` is kernel height, kernel width and output channels."""
        n, h, w, _ = shape_of(image)
        kernel_h, kernel_w, channels = window
        out_h = (h + pad[0] + pad[1] - dilation[0] * (kernel_h - 1) - 1) // stride[0] + 1
        out_w = (w + pad[2] + pad[3] - dilation[1] * (kernel_w - 1) - 1) // stride[1] + 1
        bits = bits_of(image)
        sums = 32 if bits == 8 else 48
        return operator(
            integer_tensor_type((n, out_h, out_w, channels), sums),
            image,
            self.typed_constant(weights, weight_bits),
            self.constant(bias.astype(np.int32)) if sums == 32 else self.typed_constant(bias, sums),
            self.zero_point(bits),
            self.zero_point(weight_bits),
            pad=_i64s(pad),
            stride=_i64s(stride),
            dilation=_i64s(dilation),
            acc_type=ir.TypeAttr.get(ir.IntegerType.get_signless(sums)),
        ).result

    def table(self, value: Value, results: NDArray[np.int8]) -> Value:
        """Looks each i8 value up: element x + 128 of `results` is what x becomes."""
        return tosa.TableOp(value.type, value, self.constant(results)).result

    def rescale(
        self, value: Value, factors: NDArray[np.float64], bits: int, *, per_channel: bool
    ) -> Value:
        """Multiplies by `factors` (one, or one per channel), rounds once, saturates to i`bits`."""
        pairs = [multiplier_and_shift(float(factor)) for factor in np.atleast_1d(factors)]
        return tosa.RescaleOp(
            integer_tensor_type(shape_of(value), bits),
            value,
            self.constant(np.array([multiplier for multiplier, _ in pairs], np.int16)),
            self.constant(np.array([shift for _, shift in pairs], np.int8)),
            self.zero_point(bits_of(value)),
            self.zero_point(bits),
            scale32=False,
            rounding_mode=self._single_round,
            per_channel=per_channel,
            input_unsigned=False,
            output_unsigned=False,
        ).result

    def clamp(self, value: Value, low: int, high: int) -> Value:
        """Clamps an i8 or i16 value to [low, high]."""
        element = ir.IntegerType.get_signless(bits_of(value))
        return tosa.ClampOp(
            value.type, value, ir.IntegerAttr.get(element, low), ir.IntegerAttr.get(element, high)
        ).result

    def add(self, left: Value, right: Value) -> Value:
        """Element-wise sum of two values of one rank, broadcast."""
        return tosa.AddOp(_joined(left, right), left, right).result

    def subtract(self, left: Value, right: Value) -> Value:
        """Element-wise difference of two values of one rank, broadcast."""
        return tosa.SubOp(_joined(left, right), left, right).result

    def multiply(self, left: Value, right: Value) -> Value:
        """Element-wise product of two i8 values of one rank, broadcast -> i32."""
        return tosa.MulOp(_joined(left, right, 32), left, right, self.zero_point(8)).result

    def maximum(self, left: Value, right: Value) -> Value:
        """The larger of two i32 values of one rank, broadcast."""
        return tosa.MaximumOp(_joined(left, right), left, right).result

    def minimum(self, left: Value, right: Value) -> Value:
        """The smaller of two i32 values of one rank, broadcast."""
        return tosa.MinimumOp(_joined(left, right), left, right).result

    def concat(self, values: Sequence[Value], axis: int) -> Value:
        """Values behind each other along `axis`."""
        shape = list(shape_of(values[0]))
        shape[axis] = sum(shape_of(value)[axis] for value in values)
        result = integer_tensor_type(shape, bits_of(values[0]))
        return tosa.ConcatOp(list(values), _i32(axis), results=[result]).result

    def pad(self, value: Value, around: Sequence[tuple[int, int]], level: int) -> Value:
        """`level` before and after each axis; where a number is negative, that much is cut off."""
        shape = shape_of(value)
        for axis, (before, after) in enumerate(around):
            cut = (max(0, -before), max(0, -after))
            if any(cut):
                value = self.slice(value, axis, cut[0], shape[axis] - sum(cut))
        more = [(max(0, before), max(0, after)) for before, after in around]
        if not any(size for pair in more for size in pair):
            return value
        if len(more) == 4 and more[0] == (0, 0) and shape_of(value)[0] == 1:
            # Level 8K of TOSA 1.0 has shapes of six sizes at most, so padding of three axes.
            inner = self.pad(self.reshape(value, shape_of(value)[1:]), more[1:], level)
            return self.reshape(inner, (1, *shape_of(inner)))
        shape = tuple(s + sum(pair) for s, pair in zip(shape_of(value), more, strict=True))
        padding = self.shape_constant([size for pair in more for size in pair])
        levels = np.int8 if bits_of(value) == 8 else np.int16
        fill = self.constant(np.full(1, level, levels))
        result = integer_tensor_type(shape, bits_of(value))
        return tosa.PadOp(result, value, padding, fill).result

    def resize(
        self,
        image: Value,
        shape: Sequence[int],
        axes: Sequence[tuple[int, int, int, int]],
        *,
        bilinear: bool,
    ) -> Value:
        """NHWC image of another `shape`: the nearest as they are, or i32 sums of i8, times n of
        rows and of columns.

        `axes` are (n, d, offset, border) of rows and columns.
        """
        (ny, dy, oy, by), (nx, dx, ox, bx) = axes
        mode = "BILINEAR" if bilinear else "NEAREST_NEIGHBOR"
        return tosa.ResizeOp(
            integer_tensor_type(shape, 32 if bilinear else bits_of(image)),
            image,
            self.shape_constant([ny, dy, nx, dx]),
            self.shape_constant([oy, ox]),
            self.shape_constant([by, bx]),
            ir.Attribute.parse(f"#tosa.resize_mode<{mode}>"),
        ).result

    def transpose_conv2d(
        self,
        image: Value,
        weights: NDArray[np.int8],
        bias: NDArray[np.integer[Any]],
        *,
        shape: Sequence[int],
        pad: Sequence[int],
        stride: Sequence[int],
    ) -> Value:
        """i8 NHWC, i8 OHWI weights, i32 bias -> i32 NHWC `shape`. `pad` widens the output."""
        return tosa.TransposeConv2DOp(
            integer_tensor_type(shape, 32),
            image,
            self.constant(weights),
            self.constant(bias.astype(np.int32)),
            self.zero_point(8),
            self.zero_point(8),
            out_pad=_i64s(pad),
            stride=_i64s(stride),
            acc_type=ir.TypeAttr.get(ir.IntegerType.get_signless(32)),
        ).result

    def matmul(self, left: Value, right: Value) -> Value:
        """i8 (B, M, K) by i8 (B, K, N) -> i32 (B, M, N)"""
        batch, rows, _ = shape_of(left)
        result = integer_tensor_type((batch, rows, shape_of(right)[2]), 32)
        return tosa.MatMulOp(result, left, right, self.zero_point(8), self.zero_point(8)).result

    def gather(self, table: NDArray[np.int8], indices: Value) -> Value:
        """Rows of a constant i8 (N, C) by i32 (1, W) -> i8 (1, W, C)"""
        result = integer_tensor_type((*shape_of(indices), table.shape[1]), 8)
        return tosa.GatherOp(result, self.constant(table[None]), indices).result

    def max_pool2d(
        self, image: Value, kernel: Sequence[int], stride: Sequence[int], pad: Sequence[int]
    ) -> Value:
        """i8 NHWC maximum over windows; padding never wins."""
        n, h, w, c = shape_of(image)
        out_h = (h + pad[0] + pad[1] - kernel[0]) // stride[0] + 1
        out_w = (w + pad[2] + pad[3] - kernel[1]) // stride[1] + 1
        return tosa.MaxPool2dOp(
            integer_tensor_type((n, out_h, out_w, c), 8),
            image,
            _i64s(kernel),
            _i64s(stride),
            _i64s(pad),
        ).result

    def widen(self, value: Value) -> Value:
        """i8 -> i32"""
        return tosa.CastOp(integer_tensor_type(shape_of(value), 32), value).result

    def reduce_sum(self, value: Value, axis: int) -> Value:
        """Sum along `axis`, which keeps extent 1."""
        shape = list(shape_of(value))
        shape[axis] = 1
        axis_attribute = ir.IntegerAttr.get(ir.IntegerType.get_signless(32), axis)
        result = integer_tensor_type(shape, bits_of(value))
        return tosa.ReduceSumOp(value, axis_attribute, results=[result]).result

    def argmax(self, value: Value) -> Value:
        """Number of the greatest value along the last axis, the first of equal ones -> i32."""
        *shape, _ = shape_of(value)
        axis = _i32(len(shape))
        result = integer_tensor_type(shape, 32)
        return tosa.ArgMaxOp(result, value, axis).result

    def reshape(self, value: Value, shape: Sequence[int]) -> Value:
        """The same elements, row major, under another shape; nothing where it has it already."""
        if shape_of(value) == tuple(shape):
            return value
        result = integer_tensor_type(shape, bits_of(value))
        return tosa.ReshapeOp(value, self.shape_constant(shape), results=[result]).result

    def transpose(self, value: Value, permutation: Sequence[int]) -> Value:
        """Axis i of the result is axis permutation[i] of the value.

        Raises ModelError for int16, whose bytes no kernel brings into another order.
        """
        if bits_of(value) == 16:
            raise ModelError(
                "its int16 input would have to be put into another order; that is done for int8",
                hint="leave it, or the layer in front of it, out of --mixed",
            )
        old = shape_of(value)
        result = integer_tensor_type([old[axis] for axis in permutation], bits_of(value))
        axes = ir.DenseI32ArrayAttr.get(list(permutation))
        return tosa.TransposeOp(result, value, axes).result

    def slice(self, value: Value, axis: int, start: int, size: int) -> Value:
        """`size` elements along `axis` from `start`."""
        shape = list(shape_of(value))
        if shape[axis] == size:
            return value
        first = [0] * len(shape)
        first[axis], shape[axis] = start, size
        result = integer_tensor_type(shape, bits_of(value))
        sizes = self.shape_constant(shape)
        return tosa.SliceOp(result, value, self.shape_constant(first), sizes).result

    def leading_slice(self, value: Value, shape: Sequence[int]) -> Value:
        """The first `shape` elements along each axis."""
        if shape_of(value) == tuple(shape):
            return value
        result = integer_tensor_type(shape, bits_of(value))
        start = self.shape_constant([0] * len(shape))
        return tosa.SliceOp(result, value, start, self.shape_constant(shape)).result


def _joined(left: Value, right: Value, bits: int | None = None) -> Any:
    """The type of an element-wise result: axes of extent 1 are repeated."""
    shape = np.broadcast_shapes(shape_of(left), shape_of(right))
    return integer_tensor_type(shape, bits or bits_of(left))


def _i32(value: int) -> Any:
    return ir.IntegerAttr.get(ir.IntegerType.get_signless(32), value)


def _i64s(values: Sequence[int]) -> Any:
    return ir.DenseI64ArrayAttr.get(list(values))
