"""`adfc bench --data`: accuracy and conversion error are those of the outputs, label by label."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from adfc.bench import OWN, Data, Expected, load_data, measure_conversion
from adfc.cli.bench import bench_command
from adfc.driver.options import CompileOptions
from adfc.errors import AdfcError, InputError
from adfc.frontend import TorchSource
from adfc.frontend.load import load_model
from adfc.program import Program, compile_tosa


@pytest.fixture(scope="module")
def source() -> TorchSource:
    found = load_model("digits")
    assert isinstance(found, TorchSource)
    return found


@pytest.fixture(scope="module")
def digits(source: TorchSource) -> Program:
    return compile_tosa(source.to_tosa(), CompileOptions(), name="digits")


@pytest.fixture(scope="module")
def folder(source: TorchSource, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty images that the float model answers rightly, each in its class's folder."""
    root = tmp_path_factory.mktemp("images")
    assert source.evaluation is not None
    inputs, labels = source.evaluation()
    answers = source.float_model()(inputs[:40]).argmax(1)
    right = [i for i in range(40) if answers[i] == labels[i]][:20]
    for i in right:
        path = root / str(int(labels[i])) / f"{i}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.rint(inputs[i][0].numpy() * 255).astype(np.uint8)).save(path)
    for label in range(10):
        (root / str(label)).mkdir(exist_ok=True)
    return root


def test_figures_are_those_of_the_outputs(source: TorchSource, digits: Program) -> None:
    data = load_data(source, OWN, 12, None)
    assert data.labels is not None
    assert len(data.samples) == len(data.labels) == 12
    found = measure_conversion(digits, Expected.of(source, data))
    floats = [source.float_model()(*sample).numpy().ravel() for sample in data.samples]
    array = [digits.run(*(t.numpy() for t in sample))[0].ravel() for sample in data.samples]
    signal = sum(float(f.astype(np.float64) @ f.astype(np.float64)) for f in floats)
    noise = sum(
        float(((f.astype(np.float64) - a) ** 2).sum()) for f, a in zip(floats, array, strict=True)
    )
    assert found.error.sqnr_db == pytest.approx(10 * math.log10(signal / noise))
    hits = [int(a.argmax()) == label for a, label in zip(array, data.labels, strict=True)]
    assert found.accuracy == sum(hits) / 12
    # Labels that are all one off: nothing is right any more, but the outputs are the same.
    wrong = Data(data.samples, [(label + 1) % 10 for label in data.labels])
    other = measure_conversion(digits, Expected.of(source, wrong))
    assert (
        other.accuracy
        == sum(
            int(a.argmax()) == (label + 1) % 10 for a, label in zip(array, data.labels, strict=True)
        )
        / 12
    )
    assert other.error == found.error


def test_folders_of_images_have_labels_others_have_none(
    source: TorchSource, folder: Path, tmp_path: Path
) -> None:
    data = load_data(source, str(folder), 7, None)
    assert len(data.samples) == 7
    places = [source.float_model()(*sample).argmax() for sample in data.samples]
    assert data.labels == [int(place) for place in places]
    np.save(tmp_path / "samples.npy", np.zeros((5, 1, 8, 8), np.float32))
    plain = load_data(source, str(tmp_path / "samples.npy"), 3, None)
    assert (len(plain.samples), plain.labels) == (3, None)
    with pytest.raises(InputError, match="does not exist"):
        load_data(source, str(tmp_path / "nowhere"), 3, None)
    labels = Data([(torch.zeros(1, 1, 8, 8),)], [10])
    program = Program(compile_tosa(source.to_tosa(), CompileOptions(), name="digits").image)
    with pytest.raises(InputError, match="a class 10, counted from 0, the model 10 outputs"):
        measure_conversion(program, Expected.of(source, labels))


def test_command(
    folder: Path, digits: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, image = tmp_path / "d.csv", tmp_path / "d.rimfs"
    bench_command("digits", tiles="4,8", runs=1, csv=table, json_output=True, data=str(folder))
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [entry["tiles"] for entry in record["programs"]] == [4, 8]
    for entry in record["programs"]:
        assert entry["conversion"]["samples"] == 20
        assert entry["conversion"]["float_accuracy"] == 1.0
        assert entry["conversion"]["sqnr_db"] > 20
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    programs = [row for row in rows if not row["layer"]]
    assert [row["tiles"] for row in programs] == ["4", "8"]
    assert programs[0]["float_accuracy"] == "1.0"
    layers = [row for row in rows if row["layer"] and row["tiles"] == "4"]
    assert [row["layer"] for row in layers] == list(record["programs"][0]["layers"])
    digits.save(image)
    with pytest.raises(InputError, match="compiled already"):
        bench_command(str(image), data=OWN)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"tiles": "0"}, "needs a core tile"),
        ({"tiles": "28,"}, "no list of numbers"),
        ({"devices": "npu1,ve2801"}, "unknown device 've2801'"),
    ],
)
def test_wrong_words_are_errors_and_not_left_out(words: dict[str, str], message: str) -> None:
    with pytest.raises(AdfcError, match=message):
        bench_command("digits", **words)  # pyright: ignore[reportArgumentType]
