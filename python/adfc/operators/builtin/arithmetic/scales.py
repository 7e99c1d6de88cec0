"""The scale at which two tensors are added."""

from __future__ import annotations

ADD_GUARD_BITS = 12
"""Bits that an addition's common scale is finer than the coarser operand's."""


def common_scale(left: float, right: float) -> float:
    """The real value of one step of the int32 sum of tensors of these scales."""
    return 2 * max(left, right) / (1 << ADD_GUARD_BITS)
