"""`adfc eval` on scikit-learn's digits, written out as a folder of images."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from cli_runner import Adfc
from PIL import Image

from adfc.driver.options import CompileOptions
from adfc.errors import InputError
from adfc.evaluation.classifier import ClassifierParts
from adfc.evaluation.evaluate import Evaluation, Workers, about, evaluate, parts_of
from adfc.evaluation.state import StateFile
from adfc.frontend import TorchSource, TosaModel, load_model
from adfc.frontend.images import PRESETS, ImageFolder
from adfc.program import compile_tosa
from adfc.zoo.digits import CLASSES

UNIT = PRESETS["unit"]
ALONE = Workers()


@dataclass(frozen=True)
class Digits:
    """The trained network, its weights in a file, and the held-out third as a folder of PNGs."""

    tosa: TosaModel
    parts: ClassifierParts
    weights: Path
    folder: Path


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Digits:
    root = tmp_path_factory.mktemp("digits")
    source = load_model("digits")
    assert isinstance(source, TorchSource) and source.evaluation is not None
    assert isinstance(source.model, torch.nn.Module)
    torch.save(source.model.state_dict(), root / "digits.pt")
    data = source.evaluation()
    for index, (image, label) in enumerate(zip(data.inputs, data.labels, strict=True)):
        path = root / "images" / f"{int(label)}" / f"{index:04}.png"
        path.parent.mkdir(exist_ok=True, parents=True)
        pixels = np.rint(image[0].numpy() * 255).astype(np.uint8)
        Image.fromarray(pixels).save(path)
    tosa = source.to_tosa()
    program = compile_tosa(tosa, CompileOptions(), name="digits")
    return Digits(tosa, parts_of(source, tosa, program), root / "digits.pt", root / "images")


@pytest.fixture
def few(digits: Digits, tmp_path: Path) -> ImageFolder:
    """One image of each digit."""
    folder = tmp_path / "few"
    for label in range(CLASSES):
        (folder / f"{label}").mkdir(parents=True)
        image = min((digits.folder / f"{label}").iterdir())
        (folder / f"{label}" / image.name).write_bytes(image.read_bytes())
    return ImageFolder.scan(folder)


def _evaluate(
    digits: Digits, few: ImageFolder, state: Path | None = None, workers: Workers = ALONE
) -> Evaluation:
    with StateFile(state, about(digits.parts, few, UNIT)) as done:
        return evaluate(digits.parts, digits.tosa, few, UNIT, workers=workers, state=done)


@pytest.mark.parametrize(("scales", "points"), [("free", 0.3), ("pow2", 0.7)])
def test_the_array_is_as_accurate_as_float(
    adfc: Adfc, digits: Digits, scales: str, points: float
) -> None:
    ended = adfc("eval", "digits", "--data", digits.folder, "--weights", digits.weights,
                 "--scales", scales, "--json")  # fmt: skip
    assert ended.status == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["images"] == 599
    assert found["classes"] == CLASSES
    levels = found["levels"]
    assert levels["float"]["top1"] > 0.98
    assert abs(levels["array"]["top1"] - levels["float"]["top1"]) * 100 <= points
    # One integer semantics: the reference model and the array answer alike.
    assert levels["integer"] == levels["array"]


def test_it_goes_on_where_it_was_interrupted(
    digits: Digits, few: ImageFolder, tmp_path: Path
) -> None:
    state = tmp_path / "state.jsonl"
    whole = _evaluate(digits, few, state)
    assert (whole.images, whole.resumed) == (CLASSES, 0)
    lines = state.read_text().splitlines(keepends=True)
    assert len(lines) == 1 + CLASSES
    # Interrupted in the middle of the fifth image's line.
    state.write_text("".join(lines[:5]) + lines[5][:9])
    again = _evaluate(digits, few, state)
    assert again.resumed == 4
    assert again.levels == whole.levels
    assert state.read_text() == "".join(lines)


def test_a_state_of_something_else_is_refused(
    digits: Digits, few: ImageFolder, tmp_path: Path
) -> None:
    state = tmp_path / "state.jsonl"
    with StateFile(state, about(digits.parts, few, UNIT)):
        pass
    with (
        pytest.raises(InputError, match=r"state of another evaluation \(preprocessing\)"),
        StateFile(state, about(digits.parts, few, PRESETS["symmetric"])),
    ):
        pass
    state.write_text("no state\n")
    with pytest.raises(InputError, match="is no state"), StateFile(state, {}):
        pass


@pytest.mark.parametrize(
    "options", [("--scales", "pow2"), ("--mixed", "*"), ("--weight-bits", "4")]
)
def test_options_of_quantization_make_another_program(
    adfc: Adfc, digits: Digits, few: ImageFolder, tmp_path: Path, options: tuple[str, str]
) -> None:
    """Counts may well be those of the default: what is evaluated is not."""
    state = tmp_path / "state.jsonl"
    _evaluate(digits, few, state)
    given = ["eval", "digits", "--weights", digits.weights, "--data", few.root, "--state", state]
    same = adfc(*given, "--preprocess", "unit", "--levels", "float,integer,array", "--json")
    assert (same.status, json.loads(same.stdout)["resumed"]) == (0, CLASSES), same.stderr
    ended = adfc(*given, "--preprocess", "unit", *options)
    assert ended.status == 1
    assert "state of another evaluation (program)" in ended.stderr


def test_workers_find_what_one_process_finds(digits: Digits, few: ImageFolder) -> None:
    assert _evaluate(digits, few, workers=Workers(2)) == _evaluate(digits, few)


def test_what_cannot_be_evaluated_is_told_in_one_line(
    adfc: Adfc, digits: Digits, few: ImageFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = ["eval", "digits", "--weights", digits.weights, "--data"]
    ended = adfc(*given, few.root, "--levels", "int4")
    assert (ended.status, "--levels int4 is no level" in ended.stderr) == (1, True)
    monkeypatch.setitem(sys.modules, "ray", None)
    ended = adfc(*given, few.root, "--ray", "auto")
    assert (ended.status, "Ray is not installed" in ended.stderr) == (1, True)
    for label in range(CLASSES + 1):
        (tmp_path / "many" / f"{label:02}").mkdir(parents=True)
        image = Image.fromarray(np.zeros((8, 8), np.uint8))
        image.save(tmp_path / "many" / f"{label:02}" / "a.png")
    with pytest.raises(InputError, match="11 classes, the model 10 outputs"):
        _evaluate(digits, ImageFolder.scan(tmp_path / "many"))


class _Ray(ModuleType):
    """The part of Ray's interface that is used, run in this process."""

    def __init__(self) -> None:
        super().__init__("ray")
        self.address = ""
        self.actors = 0

    def init(self, *, address: str, log_to_driver: bool) -> None:
        assert not log_to_driver
        self.address = address

    def shutdown(self) -> None:
        self.address += " closed"

    def put(self, value: Any) -> Any:
        return value

    def get(self, reference: Any) -> Any:
        return reference()

    def wait(self, references: list[Any], *, num_returns: int) -> tuple[list[Any], list[Any]]:
        return references[-num_returns:], references[:-num_returns]

    def remote(self, kind: type) -> Any:
        ray = self

        class Method:
            def __init__(self, call: Any) -> None:
                self.call = call

            def remote(self, *arguments: Any) -> Any:
                return lambda: self.call(*arguments)

        class Actor:
            def __init__(self, *arguments: Any) -> None:
                ray.actors += 1
                self.made = kind(*arguments)

            @staticmethod
            def remote(*arguments: Any) -> Actor:
                return Actor(*arguments)

            def __getattr__(self, name: str) -> Method:
                return Method(getattr(self.made, name))

        return Actor


def test_a_cluster_finds_what_one_process_finds(
    digits: Digits, few: ImageFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = _Ray()
    monkeypatch.setitem(sys.modules, "ray", ray)
    found = _evaluate(digits, few, workers=Workers(2, ray="10.0.0.1:6379"))
    assert found == _evaluate(digits, few)
    assert ray.address == "10.0.0.1:6379 closed"
    assert ray.actors == 2
