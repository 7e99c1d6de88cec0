"""The layer by layer table of `adfc check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cli_runner import Adfc

from adfc.frontend.load import load_model
from adfc.oracle import ReferenceModel

MODEL = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(4, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.b = nn.Conv2d(8, 8, 3, padding=1)
        self.fc = nn.Linear(8 * 4 * 4, 10)

    def forward(self, x):
        y = torch.relu(self.norm(self.a(x)))
        z = self.b(y)
        z += y  # in place: z's own values must be seen before
        y = torch.max_pool2d(z, 2)
        return self.fc(torch.flatten(y, 1))

def net():
    torch.manual_seed(0)
    samples = [(torch.randn(1, 4, 8, 8),) for _ in range(4)]
    return Net().eval(), samples[0], samples

class Turned(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 6, 3, padding=1)
        self.b = nn.Linear(8, 5)
        self.c = nn.Linear(5, 5)

    def forward(self, x):
        x = self.b(self.a(x))
        return self.c(x.transpose(2, 3).transpose(2, 3))

def turned():
    torch.manual_seed(1)
    return Turned().eval(), (torch.randn(1, 3, 8, 8),)

def other_weights():
    model, example, samples = net()
    with torch.no_grad():
        model.b.weight.neg_()
    return model, example, samples
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    (tmp_path / "net.py").write_text(MODEL)
    return f"{tmp_path / 'net.py'}:net"


def _check(adfc: Adfc, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    checked = adfc("check", *arguments, "--inputs", "2", "--json")
    assert checked.stdout, checked.stderr
    return checked.status, json.loads(checked.stdout)["models"][0]


def test_layers_are_those_of_the_model_in_order(adfc: Adfc, model: str) -> None:
    status, found = _check(adfc, model)
    assert status == 0
    assert [layer["name"] for layer in found["layers"]] == ["a", "b", "add", "max_pool2d", "fc"]
    assert [layer["shape"] for layer in found["layers"]] == [
        [1, 8, 8, 8],
        [1, 8, 8, 8],
        [1, 8, 8, 8],
        [1, 8, 4, 4],
        [1, 10],
    ]
    assert all(layer["file"].endswith("net.py") for layer in found["layers"])
    assert found["first_difference"] is None


def test_figures_of_a_layer_are_those_of_its_tensors(adfc: Adfc, model: str) -> None:
    """Held against the float module itself and numpy's arithmetic on its int8 rounding."""
    _, found = _check(adfc, model)
    first, last = found["layers"][0], found["layers"][-1]
    # The first layer reads the same rounded input whether or not it is looked at alone.
    assert first["float_vs_simulation"] == first["float_vs_simulation_alone"]
    assert all(layer["integer_vs_array"]["differing"] == 0 for layer in found["layers"])
    # torch rounds half to even, TOSA half up: one step at most, before errors meet.
    assert first["simulation_vs_integer"]["largest_error"] <= 1
    # int8 keeps each of these to 20 dB and more of what float computes.
    assert all(layer["float_vs_array"]["sqnr_db"] > 20 for layer in found["layers"])
    # Float on the input's rounding alone is nearer to float than int8 throughout.
    seen = last["float_vs_float_on_rounded_inputs"]["sqnr_db"]
    assert last["float_vs_simulation"]["sqnr_db"] < seen
    # The whole model's output is the last layer's.
    module = load_model(model).float_model()  # type: ignore[union-attr]
    source = load_model(model)
    tosa = source.to_tosa()
    reference = ReferenceModel(tosa)
    signal = noise = rounding = 0.0
    for sample in source.calibration[:2]:  # type: ignore[union-attr]
        expected = module(*sample).numpy().astype(np.float64)
        levels = reference.run([tosa.inputs[0].quantize(sample[0].numpy())])
        measured = levels[0].astype(np.float64) * tosa.outputs[0].scale
        rounded = tosa.inputs[0].dequantize(tosa.inputs[0].quantize(sample[0].numpy()))
        of_rounded = module(torch.from_numpy(rounded)).numpy().astype(np.float64)
        rounding += float(np.square(expected - of_rounded).sum())
        signal += float(np.square(expected).sum())
        noise += float(np.square(expected - measured).sum())
    assert last["float_vs_array"]["sqnr_db"] == pytest.approx(
        10 * np.log10(signal / noise), abs=1e-3
    )
    assert seen == pytest.approx(10 * np.log10(signal / rounding), abs=1e-3)


def test_a_layer_that_differs_is_named_and_the_command_fails(
    adfc: Adfc, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ReferenceModel.run

    def wrong(self: ReferenceModel, inputs: Any) -> Any:
        outputs = run(self, inputs)
        if len(outputs) > 1:  # the variant with all layers as outputs: a, b, add, ...
            for output in outputs[2:]:
                output.flat[0] ^= 1
        return outputs

    monkeypatch.setattr(ReferenceModel, "run", wrong)
    status, found = _check(adfc, model)
    assert status == 1
    assert found["first_difference"] == "add"


def test_the_first_layer_below_the_threshold_is_named(adfc: Adfc, model: str) -> None:
    _, found = _check(adfc, model, "--threshold", "200")
    assert found["first_below"] == "a"
    _, found = _check(adfc, model, "--threshold", "1")
    assert found["first_below"] is None


def test_an_image_is_checked_as_it_is(adfc: Adfc, model: str, tmp_path: Path) -> None:
    image = tmp_path / "m.rimfs"
    assert adfc("compile", model, "-o", image, "--tiles", "4").status == 0
    status, found = _check(adfc, model, "--image", image)
    assert status == 0
    assert found["array_equal"] == 2
    assert len(found["layers"]) == 5


def test_an_image_of_other_weights_does_not_pass(adfc: Adfc, model: str, tmp_path: Path) -> None:
    image = tmp_path / "m.rimfs"
    assert adfc("compile", model, "-o", image).status == 0
    other = model.replace(":net", ":other_weights")
    refused = adfc("check", other, "--image", image)
    assert refused.status == 1
    assert "was not compiled from other_weights" in refused.stderr


def test_layers_whose_axes_lie_in_another_order(adfc: Adfc, model: str) -> None:
    """A linear layer's rows lie as it needs them: the variant with all layers says so, too."""
    status, found = _check(adfc, model.replace(":net", ":turned"))
    assert status == 0
    assert [layer["name"] for layer in found["layers"]] == ["a", "b", "transpose", "c"]
    assert all(layer["float_vs_array"]["sqnr_db"] > 30 for layer in found["layers"])


def test_layers_can_be_left_out(adfc: Adfc, model: str) -> None:
    checked = adfc("check", model, "--no-layers")
    assert checked.status == 0
    assert "integer/array" not in checked.stdout
    assert checked.stdout.splitlines()[-1].startswith("net: top-1 agreement")
