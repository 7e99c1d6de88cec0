"""MODEL as users write it: .pt2, FILE.py:FUNCTION, .mlir, a name; and samples from files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from adfc.errors import AdfcError, InputError, ModelError
from adfc.frontend import SampleFile, TorchSource, TosaSource, load_model
from adfc.quantization import QuantizationOptions

IMAGE = (1, 3, 8, 8)

USER_FILE = """
from dataclasses import dataclass
import torch
from torch import nn

@dataclass
class Options:
    width: int = 4

def net():
    torch.manual_seed(0)  # with others, all results may be negative
    return nn.Sequential(nn.Conv2d(3, Options().width, 3), nn.ReLU()), (torch.ones(1, 3, 8, 8),)

def calibrated():
    module, example = net()
    return module, example, [(torch.full((1, 3, 8, 8), 254.0),), example]

def lone_tensor():
    return net()[0], torch.ones(1, 3, 8, 8)

def fails():
    return 1 / 0

def wrong():
    return 3
"""


@pytest.fixture(scope="module")
def user_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("user") / "net.py"
    path.write_text(USER_FILE, encoding="utf-8")
    return path


def test_python_function(user_file: Path) -> None:
    source = load_model(f"{user_file}:net")
    assert isinstance(source, TorchSource)
    assert source.name == "net"
    assert source.calibration_origin == "the example inputs alone"
    tosa = source.to_tosa()
    assert tosa.inputs[0].scale == pytest.approx(1 / 127)
    assert source.float_model()(torch.ones(IMAGE)).shape == (1, 4, 6, 6)


def test_python_function_with_calibration(user_file: Path) -> None:
    assert load_model(f"{user_file}:calibrated").to_tosa().inputs[0].scale == pytest.approx(2.0)


def test_python_function_with_one_tensor(user_file: Path) -> None:
    assert load_model(f"{user_file}:lone_tensor").to_tosa().inputs[0].shape == IMAGE


def test_user_calibration_replaces_the_models(user_file: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "calib.npy", np.full((3, 3, 8, 8), 12.7, np.float32))
    source = load_model(f"{user_file}:calibrated")
    tosa = source.to_tosa(calibration=SampleFile(tmp_path / "calib.npy"))
    assert tosa.inputs[0].scale == pytest.approx(0.1)


def test_pt2_file(tmp_path: Path) -> None:
    example = (torch.randn(IMAGE),)
    program = torch.export.export(nn.Conv2d(3, 4, 3).eval(), example)
    torch.export.save(program, tmp_path / "net.pt2")
    source = load_model(str(tmp_path / "net.pt2"))
    assert source.to_tosa().outputs[0].shape == (1, 4, 6, 6)


def test_tosa_file_comes_back_as_it_was(user_file: Path, tmp_path: Path) -> None:
    tosa = load_model(f"{user_file}:net").to_tosa()
    path = tmp_path / "net.mlir"
    path.write_text(tosa.text, encoding="utf-8")
    source = load_model(str(path))
    assert isinstance(source, TosaSource)
    assert source.to_tosa() == replace(tosa, operators={})  # which text does not keep
    with pytest.raises(InputError, match="quantized already"):
        source.to_tosa(quantization=QuantizationOptions(scales="pow2"))


def test_zoo_name_brings_its_samples() -> None:
    source = load_model("resnet8")
    assert isinstance(source, TorchSource)
    assert len(source.calibration) == 32
    assert source.sample_inputs is not None
    assert source.sample_inputs(1)[0][0].shape == (1, 3, 32, 32)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("{dir}/none.pt2", "does not exist"),
        ("{dir}/none.mlir", "does not exist"),
        ("{dir}/none.py:net", "does not exist"),
        ("{dir}/net.py", "has no function 'graph'"),
        ("{dir}/net.py:absent", "has no function 'absent'"),
        ("{dir}/net.py:wrog", "did you mean wrong"),
        ("{dir}/net.py:fails", r"net\.py:22: ZeroDivisionError"),
        ("{dir}/net.py:wrong", "does not return a model"),
        ("{dir}/damaged.pt2", "is no exported program"),
        ("{dir}/net.onnx", "does not exist"),
        ("{dir}/syntax.py:net", r"syntax\.py:1: SyntaxError"),
        ("no_such_model", "there is no model"),
    ],
)
def test_what_cannot_be_loaded(model: str, expected: str, user_file: Path) -> None:
    directory = user_file.parent
    (directory / "damaged.pt2").write_bytes(b"PK\x03\x04 damaged")
    (directory / "syntax.py").write_text("def net(:", encoding="utf-8")
    with pytest.raises(ModelError, match=expected) as caught:
        load_model(model.format(dir=directory))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "expected"),
    [("net.py:fails", r"net\.py:22: Zero"), ("syntax.py:net", r"syntax\.py:1: Syntax")],
)
def test_a_failing_line_is_named_for_a_relative_path(
    model: str, expected: str, user_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (user_file.parent / "syntax.py").write_text("def net(:", encoding="utf-8")
    monkeypatch.chdir(user_file.parent)
    with pytest.raises(ModelError, match=expected):
        load_model(model)


def test_weights_for_a_model_that_has_its_own(user_file: Path) -> None:
    with pytest.raises(InputError, match="holds its weights already"):
        load_model("model.pt2", state_dict=user_file)


INPUTS = [("x", IMAGE), ("y", (1, 5))]


def test_samples_of_several_inputs(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(4, 3, 8, 8)).astype(np.float32)
    np.savez(tmp_path / "s.npz", x=x, y=np.zeros((4, 5), np.float64))
    samples = SampleFile(tmp_path / "s.npz").samples(INPUTS)
    assert len(samples) == 4
    assert samples[2][0].shape == IMAGE
    assert np.array_equal(samples[2][0].numpy(), x[2:3])
    assert samples[2][1].dtype == torch.float32


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"x": np.zeros((4, 3, 8, 8), np.float32)}, "has no array 'y'"),
        ({"x": np.zeros((4, 3, 8, 8)), "y": np.zeros((3, 5))}, "different numbers"),
        ({"x": np.zeros((4, 3, 8, 7)), "y": np.zeros((4, 5))}, r"expected \(n, 3, 8, 8\)"),
        ({"x": np.zeros((0, 3, 8, 8)), "y": np.zeros((0, 5))}, r"expected \(n, 3, 8, 8\)"),
        ({"x": np.zeros((4, 3, 8, 8), np.int8), "y": np.zeros((4, 5))}, "are int8"),
    ],
)
def test_wrong_samples(arrays: dict, expected: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "s.npz", **arrays)
    with pytest.raises(InputError, match=expected):
        SampleFile(tmp_path / "s.npz").samples(INPUTS)


def test_sample_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "text.npy").write_text("no array")
    (tmp_path / "empty.npy").write_bytes(b"")
    np.save(tmp_path / "one.npy", np.zeros((4, 5)))
    for name in ("text.npy", "empty.npy", "absent.npy", "one.npy"):
        with pytest.raises(AdfcError) as caught:
            SampleFile(tmp_path / name).samples(INPUTS)
        assert name in str(caught.value)
