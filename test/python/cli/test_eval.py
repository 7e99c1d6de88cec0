"""`adfc eval` on scikit-learn's digits, written out as a folder of images."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from cli_runner import Adfc
from PIL import Image

from adfc import zoo
from adfc.zoo.digits import CLASSES


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The held-out third as PNG files, one folder for each digit."""
    folder = tmp_path_factory.mktemp("digits")
    data = zoo.get("digits").evaluation
    assert data is not None
    held_out = data()
    for index, (image, label) in enumerate(zip(held_out.inputs, held_out.labels, strict=True)):
        path = folder / f"{int(label)}" / f"{index:04}.png"
        path.parent.mkdir(exist_ok=True)
        pixels = np.rint(image[0].numpy() * 255).astype(np.uint8)
        Image.fromarray(pixels).save(path)
    return folder


@pytest.fixture
def few(digits: Path, tmp_path: Path) -> Path:
    """One image of each digit."""
    folder = tmp_path / "few"
    for label in range(CLASSES):
        (folder / f"{label}").mkdir(parents=True)
        image = min((digits / f"{label}").iterdir())
        (folder / f"{label}" / image.name).write_bytes(image.read_bytes())
    return folder


def _eval(adfc: Adfc, *arguments: str | Path) -> dict[str, Any]:
    ended = adfc("eval", "digits", *arguments, "--json")
    assert ended.status == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.parametrize(("scales", "points"), [("free", 0.3), ("pow2", 0.7)])
def test_the_array_is_as_accurate_as_float(
    adfc: Adfc, digits: Path, scales: str, points: float
) -> None:
    found = _eval(adfc, "--data", digits, "--scales", scales)
    assert found["images"] == 599
    assert found["classes"] == CLASSES
    levels = found["levels"]
    assert levels["float"]["top1"] > 0.98
    assert abs(levels["array"]["top1"] - levels["float"]["top1"]) * 100 <= points
    # One integer semantics: the reference model and the array answer alike.
    assert levels["integer"] == levels["array"]


def test_it_goes_on_where_it_was_interrupted(adfc: Adfc, few: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    whole = _eval(adfc, "--data", few, "--state", state)
    assert whole["resumed"] == 0
    lines = state.read_text().splitlines(keepends=True)
    assert len(lines) == 1 + CLASSES
    # Interrupted in the middle of the fifth image's line.
    state.write_text("".join(lines[:5]) + lines[5][:9])
    again = _eval(adfc, "--data", few, "--state", state)
    assert again["resumed"] == 4
    assert again["levels"] == whole["levels"]
    assert sorted(state.read_text().splitlines()) == sorted("".join(lines).splitlines())


def test_a_state_of_something_else_is_refused(adfc: Adfc, few: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    _eval(adfc, "--data", few, "--state", state, "--levels", "array")
    ended = adfc("eval", "digits", "--data", few, "--state", state, "--scales", "pow2",
                 "--levels", "array")  # fmt: skip
    assert ended.status == 1
    assert "is the state of another evaluation (program)" in ended.stderr


def test_workers_find_what_one_process_finds(adfc: Adfc, few: Path) -> None:
    alone = _eval(adfc, "--data", few)
    assert _eval(adfc, "--data", few, "--workers", "2") == alone


def test_levels_can_be_chosen(adfc: Adfc, few: Path) -> None:
    assert list(_eval(adfc, "--data", few, "--levels", "array,float")["levels"]) == [
        "float",
        "array",
    ]
    ended = adfc("eval", "digits", "--data", few, "--levels", "int4")
    assert ended.status == 1
    assert "--levels int4 is no level" in ended.stderr


def test_without_ray_the_way_out_is_named(
    adfc: Adfc, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    ended = adfc("eval", "digits", "--data", few, "--ray", "auto")
    assert ended.status == 1
    assert "Ray is not installed" in ended.stderr
    assert "--workers" in ended.stderr


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
    adfc: Adfc, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = _Ray()
    monkeypatch.setitem(sys.modules, "ray", ray)
    alone = _eval(adfc, "--data", few)
    assert _eval(adfc, "--data", few, "--ray", "10.0.0.1:6379", "--workers", "2") == alone
    assert ray.address == "10.0.0.1:6379 closed"
    assert ray.actors == 2


def test_a_folder_with_more_classes_than_outputs_is_refused(adfc: Adfc, tmp_path: Path) -> None:
    for label in range(CLASSES + 1):
        (tmp_path / f"{label:02}").mkdir()
        Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / f"{label:02}" / "a.png")
    ended = adfc("eval", "digits", "--data", tmp_path)
    assert ended.status == 1
    assert "11 classes, the model 10 outputs" in ended.stderr
