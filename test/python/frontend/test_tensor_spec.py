"""TensorSpec: the boundary between the user's floats and the array's bytes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from adfc.errors import InputError, ModelError
from adfc.model_io import TensorSpec, array_order

SHAPES = st.integers(1, 5).flatmap(lambda rank: st.tuples(*[st.integers(1, 5)] * rank))
SCALES = st.floats(2.0**-20, 2.0**10)


@st.composite
def specs(draw) -> TensorSpec:
    shape = draw(SHAPES)
    order = draw(st.permutations(range(len(shape))))
    return TensorSpec(draw(st.text(min_size=1)), shape, draw(SCALES), tuple(order))


@given(specs(), st.data())
def test_levels_survive_the_way_to_floats_and_back(spec: TensorSpec, data) -> None:
    levels = data.draw(npst.arrays(np.int8, spec.array_shape))
    floats = spec.dequantize(levels)
    assert floats.shape == spec.shape
    assert floats.dtype == np.float32
    again = spec.quantize(floats)
    assert again.flags.c_contiguous
    assert np.array_equal(again, levels)


@given(specs(), st.data())
def test_rounding_error_is_half_a_step_inside_the_range(spec: TensorSpec, data) -> None:
    steps = data.draw(npst.arrays(np.float64, spec.shape, elements=st.floats(-128, 127)))
    floats = steps * spec.scale
    error = np.abs(spec.dequantize(spec.quantize(floats)).astype(np.float64) - floats)
    assert (error <= spec.scale * 0.5001).all()


def test_halves_round_to_even_and_extremes_clip() -> None:
    spec = TensorSpec("x", (8,), 0.5, (0,))
    values = np.array([0.25, 0.75, -0.25, -0.75, 63.4, 64.0, -64.0, -1000], np.float32)
    # In steps: 0.5, 1.5, -0.5, -1.5, 126.8, 128, -128, -2000.
    assert spec.quantize(values).tolist() == [0, 2, 0, -2, 127, 127, -128, -128]


def test_array_order_of_images_is_nhwc() -> None:
    spec = TensorSpec("x", (1, 2, 3, 4), 1.0, array_order(4))
    values = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)
    levels = spec.quantize(values)
    assert levels.shape == spec.array_shape == (1, 3, 4, 2)
    assert levels[0, 1, 2, 1] == values[0, 1, 1, 2]
    assert array_order(2) == (0, 1)


@given(specs())
def test_json_gives_the_same_spec(spec: TensorSpec) -> None:
    assert TensorSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.zeros((2, 3), np.float32), r"shape \(2, 3\), expected \(1, 3\)"),
        (np.zeros((1, 3), np.int8), "is int8, expected float32"),
        (np.array([[0, np.nan, 0]]), "not finite"),
        (np.array([[0, np.inf, 0]]), "not finite"),
    ],
)
def test_wrong_values_are_refused(values: np.ndarray, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        TensorSpec("x", (1, 3), 1.0, (0, 1)).quantize(values)


@pytest.mark.parametrize("levels", [np.zeros((3, 1), np.int8), np.zeros((1, 3), np.int32)])
def test_wrong_levels_are_refused(levels: np.ndarray) -> None:
    with pytest.raises(InputError, match="tensor 'x'"):
        TensorSpec("x", (1, 3), 1.0, (0, 1)).dequantize(levels)


@pytest.mark.parametrize(
    ("shape", "scale", "permutation"),
    [
        ((1, 0), 1.0, (0, 1)),
        ((1, 2), 0.0, (0, 1)),
        ((1, 2), float("nan"), (0, 1)),
        ((1, 2), 1.0, (0, 0)),
    ],
)
def test_impossible_specs_are_refused(shape: tuple, scale: float, permutation: tuple) -> None:
    with pytest.raises(ModelError):
        TensorSpec("x", shape, scale, permutation)


@pytest.mark.parametrize("data", [{}, {"name": "x", "shape": 3, "scale": 1, "permutation": []}])
def test_damaged_json_is_refused(data: dict) -> None:
    with pytest.raises(ModelError, match="not a tensor description"):
        TensorSpec.from_json(data)
