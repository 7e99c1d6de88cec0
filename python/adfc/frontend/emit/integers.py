"""TOSA's int32 arithmetic, for what is computed between two roundings to int8.

Values have one rank; an operand's axes of extent 1 broadcast. Every method emits at the context's
current insertion point and location.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.frontend.emit.builder import TosaBuilder, bits_of, integer_tensor_type, shape_of
from adfc.frontend.emit.values import Value
from adfc.frontend.mlir import ir, tosa

TABLE_ENTRIES = 513
"""Entries of an int16 table: the function at every 128th value, and at 32768 (TOSA 1.0, TABLE)."""


class Integers:
    """Emits int32 operators."""

    def __init__(self, build: TosaBuilder) -> None:
        self.build = build

    def number(self, value: int, like: Value) -> Value:
        """A constant of as many axes as `like`, all of extent 1."""
        return self.build.constant(np.full((1,) * len(shape_of(like)), value, np.int32))

    def channels(self, values: NDArray[np.int32], like: Value) -> Value:
        """A constant with one number for each position of the last axis."""
        return self.build.constant(values.reshape((1,) * (len(shape_of(like)) - 1) + (-1,)))

    def add(self, left: Value, right: Value) -> Value:
        """The sum."""
        return tosa.AddOp(_broadcast(left, right), left, right).result

    def subtract(self, left: Value, right: Value) -> Value:
        """The difference."""
        return tosa.SubOp(_broadcast(left, right), left, right).result

    def multiply(self, left: Value, right: Value) -> Value:
        """The product, which must not leave int32."""
        zero = self.build.zero_point(8)
        return tosa.MulOp(_broadcast(left, right), left, right, zero).result

    def divide(self, left: Value, right: Value) -> Value:
        """The quotient, rounded towards zero."""
        return tosa.IntDivOp(_broadcast(left, right), left, right).result

    def bitwise_and(self, left: Value, right: Value) -> Value:
        """The bits that both have."""
        return tosa.BitwiseAndOp(_broadcast(left, right), left, right).result

    def shift_left(self, value: Value, amount: Value) -> Value:
        """value * 2^amount"""
        return tosa.LogicalLeftShiftOp(_broadcast(value, amount), value, amount).result

    def shift_right(self, value: Value, amount: Value, *, rounds: bool) -> Value:
        """value / 2^amount, rounded half up or down."""
        result = _broadcast(value, amount)
        return tosa.ArithmeticRightShiftOp(result, value, amount, rounds).result

    def leading_zeros(self, value: Value) -> Value:
        """Number of zero bits above the highest one of 32."""
        return tosa.ClzOp(value.type, value).result

    def reduce_max(self, value: Value) -> Value:
        """Maximum along the last axis, which keeps extent 1."""
        axis = ir.IntegerAttr.get(ir.IntegerType.get_signless(32), len(shape_of(value)) - 1)
        result = integer_tensor_type((*shape_of(value)[:-1], 1), bits_of(value))
        return tosa.ReduceMaxOp(value, axis, results=[result]).result

    def reduce_sum(self, value: Value) -> Value:
        """Sum along the last axis, which keeps extent 1."""
        return self.build.reduce_sum(value, len(shape_of(value)) - 1)

    def table(self, value: Value, entries: NDArray[np.int16]) -> Value:
        """Function of an i16 value -> i32: 128 times entry (value + 32768) / 128, interpolated."""
        assert entries.shape == (TABLE_ENTRIES,)
        result = integer_tensor_type(shape_of(value), 32)
        return tosa.TableOp(result, value, self.build.constant(entries)).result


def _broadcast(left: Value, right: Value) -> Any:
    sizes: Sequence[int] = [max(a, b) for a, b in zip(shape_of(left), shape_of(right), strict=True)]
    return integer_tensor_type(sizes, 32)
