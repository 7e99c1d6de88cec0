"""TOSA text loses nothing on its way through a file, and other producers' text may enter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from torch import nn

from adfc.errors import ModelError
from adfc.frontend import parse_tosa, read_tosa
from adfc.model_io import TensorSpec

FOREIGN = """
func.func @main(%x: tensor<1x4x4x2xi8>)
    -> (tensor<1x4x4x2xi8> {adfc.name = "y", adfc.scale = 0.25}) {
  %0 = tosa.clamp %x {max_val = 127 : i8, min_val = 0 : i8}
    : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
  return %0 : tensor<1x4x4x2xi8>
}
"""


def test_emitted_text_round_trips_through_a_file(imported, tmp_path: Path) -> None:
    model = imported(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten()), (1, 3, 8, 8)).tosa
    path = tmp_path / "model.mlir"
    path.write_text(model.text, encoding="utf-8")
    assert read_tosa(path) == replace(model, operators={})  # which text does not keep


def test_foreign_text_has_default_specs() -> None:
    model = parse_tosa(FOREIGN)
    shape, identity = (1, 4, 4, 2), (0, 1, 2, 3)
    assert model.inputs == (TensorSpec("input_0", shape, 1.0, identity),)
    assert model.outputs == (TensorSpec("y", shape, 0.25, identity),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("module { nonsense }", r"model\.mlir:1:10"),
        ("module {}", "has no func.func @main"),
        (FOREIGN.replace("@main", "@other"), "has no func.func @main"),
        (
            "func.func private @main(tensor<?x4xi8>) -> tensor<4xi8>",
            r"input_0 of @main is tensor<\?x4xi8>",
        ),
        ("func.func private @main(tensor<4xf32>) -> tensor<4xi8>", "static tensor of i8"),
        ("func.func private @main(i32) -> tensor<4xi8>", "input_0 of @main is i32"),
        ("func.func private @main(tensor<4xi8>) -> tensor<4xi64>", "output_0 of @main"),
        (
            "func.func private @main(tensor<4xi8> {adfc.float_shape = array<i64: 5>}) "
            "-> tensor<4xi8>",
            "the function has",
        ),
        (
            "func.func private @main(tensor<4xi8> {adfc.scale = true}) -> tensor<4xi8>",
            "wrong types",
        ),
        (
            "func.func private @main(tensor<4xi8> {adfc.scale = -1.0}) -> tensor<4xi8>",
            "not a positive",
        ),
    ],
)
def test_text_that_is_no_program_is_refused(text: str, expected: str) -> None:
    with pytest.raises(ModelError, match=expected) as caught:
        parse_tosa(text, "model.mlir")
    assert "\n" not in str(caught.value)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read"):
        read_tosa(tmp_path / "none.mlir")
