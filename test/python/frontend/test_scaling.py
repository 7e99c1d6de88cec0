"""Rescale factors as integers, and scales as powers of two."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from adfc.errors import ModelError
from adfc.frontend.observers import power_of_two_above
from adfc.operators.rescale import multiplier_and_shift


@given(st.floats(2.0**-46, 2.0**13, exclude_max=True))
def test_multiplier_is_precise_and_within_tosa(factor: float) -> None:
    """15 significant bits: a relative error of at most 2^-15. Ranges: TOSA 1.0, apply_scale_16."""
    if factor > 2.0**13 * (1 - 2.0**-16):
        return  # rounds up to 2^13, which is refused
    multiplier, shift = multiplier_and_shift(factor)
    assert 0 <= multiplier < 2**15
    assert 2 <= shift <= 62
    assert abs(multiplier * 2.0**-shift - factor) <= factor * 2.0**-15


@given(st.floats(0, 2.0**-48, exclude_min=True))
def test_vanishing_factors_stay_encodable(factor: float) -> None:
    multiplier, shift = multiplier_and_shift(factor)
    assert 0 <= multiplier < 2**15
    assert shift == 62
    assert multiplier <= factor * 2.0**62 + 1


@pytest.mark.parametrize(
    ("factor", "expected"), [(1.0, (16384, 14)), (0.5, (16384, 15)), (0.75, (24576, 15))]
)
def test_exact_factors(factor: float, expected: tuple[int, int]) -> None:
    assert multiplier_and_shift(factor) == expected


@pytest.mark.parametrize("factor", [0.0, -1.0, math.inf, math.nan, 2.0**13])
def test_impossible_factors_are_refused(factor: float) -> None:
    with pytest.raises(ModelError):
        multiplier_and_shift(factor)


@given(st.floats(2.0**-100, 2.0**100, width=32))
def test_power_of_two_above_is_the_next_one(scale: float) -> None:
    power = float(power_of_two_above(torch.tensor([scale]))[0])
    assert math.frexp(power)[0] == 0.5
    assert scale <= power < 2 * scale


def _is_power_of_two(value: float) -> bool:
    return math.frexp(value)[0] == 0.5


def test_pow2_makes_every_scale_a_power_of_two(imported) -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5))
    result = imported(module, (1, 3, 8, 8), scales="pow2")
    assert all(_is_power_of_two(spec.scale) for spec in (*result.tosa.inputs, *result.tosa.outputs))
    graph = result.simulation
    scales = [n.args[1] for n in graph.graph.nodes if "quantize_per_tensor" in str(n.target)]
    weights = [value for name, value in graph.named_buffers() if "_scale_" in name]
    assert len(scales) >= 6
    assert len(weights) == 2
    assert all(_is_power_of_two(scale) for scale in scales)
    assert all(_is_power_of_two(float(scale)) for tensor in weights for scale in tensor)
    # A power-of-two factor has one significant bit: every multiplier is 2^14.
    assert "dense<16384> : tensor<4xi16>" in result.tosa.text


def test_free_scale_puts_the_largest_magnitude_at_127(imported) -> None:
    sample = (torch.linspace(-2.0, 1.0, 48).reshape(1, 3, 4, 4),)
    result = imported(nn.ReLU(), calibration=[sample])
    assert result.tosa.inputs[0].scale == pytest.approx(2.0 / 127, rel=1e-6)
