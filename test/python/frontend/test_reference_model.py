"""The oracle: Arm's reference model against hand arithmetic, and its errors."""

from __future__ import annotations

import numpy as np
import pytest

from adfc.errors import InputError, ModelError
from adfc.frontend import parse_tosa, validate_strict
from adfc.oracle import ReferenceModel, run_reference_model

RESCALE = """
func.func @main(%x: tensor<1x4xi8>) -> tensor<1x4xi8> {
  %m = "tosa.const"() <{values = dense<24576> : tensor<1xi16>}> : () -> tensor<1xi16>
  %s = "tosa.const"() <{values = dense<14> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.rescale %x, %m, %s, %z, %z {input_unsigned = false, output_unsigned = false,
    per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = false}
    : (tensor<1x4xi8>, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4xi8>
  return %0 : tensor<1x4xi8>
}
"""


def test_rescale_rounds_halves_up_and_saturates() -> None:
    """Times 1.5: 1.5 -> 2, -1.5 -> -1, 150 -> 127, -150 -> -128 (TOSA 1.0, apply_scale_16)."""
    x = np.array([[1, -1, 100, -100]], np.int8)
    (y,) = run_reference_model(RESCALE, [x])
    assert y.dtype == np.int8
    assert y.tolist() == [[2, -1, 127, -128]]


def test_one_model_runs_many_inputs() -> None:
    model = ReferenceModel(parse_tosa(RESCALE))
    for value in range(-4, 5):
        x = np.full((1, 4), 2 * value, np.int8)
        assert (model.run([x])[0] == 3 * value).all()


@pytest.mark.parametrize(
    "inputs",
    [[], [np.zeros((1, 5), np.int8)], [np.zeros((1, 4), np.int32)], [np.zeros((4, 1), np.int8)]],
)
def test_wrong_inputs_are_refused(inputs: list) -> None:
    with pytest.raises(InputError):
        ReferenceModel(parse_tosa(RESCALE)).run(inputs)


def test_strict_validation_refuses_what_tosa_does_not_allow() -> None:
    """A stride that leaves a remainder: (8 - 1) % 2 != 0 (TOSA 1.0, CONV2D)."""
    text = """
func.func @main(%x: tensor<1x8x8x2xi8>) -> tensor<1x4x4x3xi32> {
  %w = "tosa.const"() <{values = dense<1> : tensor<3x1x1x2xi8>}> : () -> tensor<3x1x1x2xi8>
  %b = "tosa.const"() <{values = dense<0> : tensor<3xi32>}> : () -> tensor<3xi32>
  %z = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.conv2d %x, %w, %b, %z, %z {acc_type = i32, dilation = array<i64: 1, 1>,
    pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>}
    : (tensor<1x8x8x2xi8>, tensor<3x1x1x2xi8>, tensor<3xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x4x4x3xi32>
  return %0 : tensor<1x4x4x3xi32>
}
"""
    validate_strict(RESCALE)
    with pytest.raises(ModelError, match="not valid TOSA"):
        validate_strict(text)
