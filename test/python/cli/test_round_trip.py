"""What the commands promise of a good model: same bytes, same cycles, same text back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_runner import Adfc

from adfc import zoo
from adfc.image import read_image
from adfc.model_io import TensorSpec
from adfc.planner.bounds import BOUNDS

SMALL = ("digits", "autoencoder", "resnet8")


@pytest.fixture
def image(adfc: Adfc, tmp_path: Path) -> Path:
    path = tmp_path / "autoencoder.rimfs"
    assert adfc("compile", "autoencoder", "--no-resident", "-o", path).status == 0
    return path


def test_compile_run_report_json(adfc: Adfc, image: Path, tmp_path: Path) -> None:
    (sample,) = zoo.get("autoencoder").sample_inputs(1)
    values = sample[0].numpy()
    np.save(tmp_path / "x.npy", values)
    ran = adfc(
        "run", image, "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy", "--json"
    )
    assert ran.status == 0
    figures = json.loads(ran.stdout)
    assert figures["cycles"] > 0
    assert figures["wall_ms"] > 0
    y = np.load(tmp_path / "y.npy")
    assert y.dtype == np.float32
    assert y.shape == (1, 640)
    # Outputs are int8 steps of the output's scale.
    spec = TensorSpec.from_json(read_image(image.read_bytes()).metadata["outputs"][0])
    steps = y / spec.scale
    assert np.abs(steps - np.rint(steps)).max() < 1e-3

    report = json.loads(adfc("report", image, "--json").stdout)
    assert report["device"] == "ve2802"
    assert report["tiles"] == 28
    assert report["clock_mhz"] == 1250
    # 640x128, three 128x128, 128x8, 8x128, three 128x128, 128x640: MLPerf Tiny's autoencoder.
    assert report["macs"] == 2 * (640 * 128) + 6 * (128 * 128) + 2 * (128 * 8)
    assert report["first"]["modelled_cycles"] == figures["cycles"]
    assert 0.9 * figures["cycles"] < report["modelled_cycles"] <= figures["cycles"]
    assert (report["load_rcb_bytes"], report["first"]["load_cycles"]) == (0, 0)
    assert 0 < report["control_cycles_exposed"] <= report["control_cycles"]
    assert report["ddr_bytes"] > report["weight_bytes"]
    assert report["rcb_bytes"] == len(read_image(image.read_bytes()).program)
    # Between two layers: 128 bytes that are read, and 128 that are written.
    assert report["arena"]["least"] == 256 <= report["arena"]["used"] == report["arena_bytes"]
    assert report["wires"]["used"] >= report["wires"]["least"] >= report["wires"]["least_anywhere"]
    assert {layer["bound"] for layer in report["layers"]} <= set(BOUNDS)
    assert len(report["layers"]) == 10
    assert sum(layer["macs"] for layer in report["layers"]) == report["macs"]
    assert all(sum(layer["time"].values()) == pytest.approx(1) for layer in report["layers"])


def test_report_names_the_slowest_layer_and_cuts_nothing(
    adfc: Adfc, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    layers = json.loads(adfc("report", image, "--json").stdout)["layers"]
    slowest = max(layers, key=lambda layer: layer["modelled_cycles"])
    told = adfc("report", image).stdout
    (line,) = (line for line in told.splitlines() if line.startswith("slowest:"))
    reason = max(slowest["time"], key=slowest["time"].get)
    for part in (slowest["name"], slowest["source"], f"{slowest['modelled_cycles']:,}", reason):
        assert part in line
    assert "\u2026" not in told
    for layer in layers:
        assert f"{layer['modelled_cycles']:,}" in told


def test_report_says_why(adfc: Adfc, image: Path) -> None:
    (first, *_) = json.loads(adfc("report", image, "--json").stdout)["layers"]
    told = adfc("report", image, "--why", first["name"])
    assert told.status == 0
    assert "through DDR" in told.stdout
    assert "considered: " in told.stdout
    why = json.loads(adfc("report", image, "--why", first["name"], "--json").stdout)
    (chosen,) = (way for way in why["ways"] if way["chosen"])
    assert chosen["bound"] == first["bound"]
    wrong = adfc("report", image, "--why", "nothing")
    assert wrong.status != 0
    assert "there is no layer 'nothing'" in wrong.stderr


def test_two_compilations_give_the_same_bytes(adfc: Adfc, image: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.rimfs"
    assert adfc("compile", "autoencoder", "--no-resident", "-o", again).status == 0
    assert again.read_bytes() == image.read_bytes()


def test_engine_and_native_program_write_the_same_trace(
    adfc: Adfc, image: Path, tmp_path: Path
) -> None:
    traces: list[str] = []
    cycles: list[int] = []
    for engine in ("rcb", "native"):
        path = tmp_path / f"{engine}.txt"
        ran = adfc(
            "run", image, "--engine", engine, "--backend", "trace", "--trace-file", path, "--json"
        )
        assert ran.status == 0
        traces.append(path.read_text())
        cycles.append(json.loads(ran.stdout)["cycles"])
    assert traces[0].count("\n") > 100
    assert traces[0] == traces[1]
    assert cycles[0] == cycles[1]


def test_repeated_runs_take_the_same_cycles(adfc: Adfc, image: Path) -> None:
    first = json.loads(adfc("run", image, "--json").stdout)
    second = json.loads(adfc("run", image, "--json", "--repeat", "3").stdout)
    assert first["cycles"] == second["cycles"] == second["first_cycles"]
    assert first["steady_cycles"] is None
    report = json.loads(adfc("report", image, "--json").stdout)
    assert second["steady_cycles"] == report["modelled_cycles"]
    assert len(second["wall_ms_each"]) == 3


def test_dump_assembles_to_the_same_image(adfc: Adfc, image: Path, tmp_path: Path) -> None:
    text, back = tmp_path / "program.txt", tmp_path / "back.rimfs"
    assert adfc("dump", image, "-o", text).status == 0
    assert adfc("assemble", text, "--image", image, "-o", back).status == 0
    assert back.read_bytes() == image.read_bytes()


def test_a_saved_schedule_replays(adfc: Adfc, image: Path, tmp_path: Path) -> None:
    schedule, replayed = tmp_path / "schedule.json", tmp_path / "replayed.rimfs"
    assert adfc(
        "compile", "autoencoder", "--no-resident", "--emit", "placed", "-o", tmp_path / "x.mlir",
        "--save-schedule", schedule,
    ).status == 0  # fmt: skip
    assert adfc("compile", "autoencoder", "--schedule", schedule, "-o", replayed).status == 0
    assert read_image(replayed.read_bytes()).program == read_image(image.read_bytes()).program


def test_an_edited_schedule_is_obeyed(adfc: Adfc, tmp_path: Path) -> None:
    schedule, image = tmp_path / "schedule.json", tmp_path / "m.rimfs"
    emitted = adfc("compile", "autoencoder", "--no-resident", "--emit", "adf", "-o",
                   tmp_path / "x.mlir", "--save-schedule", schedule)  # fmt: skip
    assert emitted.status == 0
    data = json.loads(schedule.read_text())
    for layer in data["layers"].values():
        layer["grid"] = [1, 1]
    schedule.write_text(json.dumps(data))
    assert adfc("compile", "autoencoder", "--schedule", schedule, "-o", image).status == 0
    report = json.loads(adfc("report", image, "--json").stdout)
    assert {layer["cores"] for layer in report["layers"]} == {1}


def test_check_of_a_tosa_file_leaves_out_what_needs_the_float_model(
    adfc: Adfc, tmp_path: Path
) -> None:
    tosa = tmp_path / "net.mlir"
    assert adfc("compile", "autoencoder", "--emit", "tosa", "-o", tosa).status == 0
    checked = adfc("check", tosa, "--inputs", "1")
    assert checked.status == 0
    row = next(line for line in checked.stdout.splitlines() if line.split()[:1] == ["net"])
    assert row.split()[1:4] == ["1/1", "1/1", "equal"]
    assert row.split()[-3:] == ["-", "-", "-"]
    layer = next(line for line in checked.stdout.splitlines() if "layers.0.linear" in line)
    assert layer.split()[1:] == ["-", "-", "-", "-", "-", "-", "0", "-", "-", "-"]


def test_layers_that_are_one_step_have_a_bound(adfc: Adfc, tmp_path: Path) -> None:
    image = tmp_path / "m.rimfs"
    assert adfc("compile", "resnet8", "-o", image).status == 0
    report = json.loads(adfc("report", image, "--json").stdout)
    bounds = {layer["name"]: layer["bound"] for layer in report["layers"]}
    assert bounds["stack1.conv2 + stack1.add"] in BOUNDS


@pytest.mark.parametrize("level", ["tosa", "adf", "placed", "rcb", "llvm"])
def test_emit_prints_each_level(adfc: Adfc, level: str) -> None:
    emitted = adfc("compile", "autoencoder", "--emit", level)
    assert emitted.status == 0
    marks = {
        "tosa": "tosa.conv2d",
        "adf": "adf.graph",
        "placed": "adf.connect",
        "rcb": "rcb.wait_task",
        "llvm": "llvm.call @rhal_write32",
    }
    assert marks[level] in emitted.stdout


@pytest.mark.parametrize("model", SMALL)
def test_check_is_bit_exact(adfc: Adfc, model: str) -> None:
    checked = adfc("check", model, "--json")
    assert checked.status == 0, checked.stderr
    result = json.loads(checked.stdout)
    assert result["bit_exact"] is True
    (entry,) = result["models"]
    assert entry["inputs"] == entry["array_equal"] == entry["native_equal"] == 3
    if model == "digits":
        accuracy = result["accuracy"]["digits"]
        assert accuracy["samples"] == 599
        assert accuracy["float_model"] > 0.98
        assert abs(accuracy["array"] - accuracy["float_model"]) <= 0.005


@pytest.mark.parametrize(
    "options",
    [
        ["--tiles", "28"],
        ["--tiles", "4"],
        ["--tiles", "16", "--avoid-tile", "2,3", "--avoid-tile", "3,4"],
        ["--device", "ve2302"],
        ["--device", "npu1", "--tiles", "20"],
    ],
    ids=" ".join,
)
def test_resnet18_is_bit_exact(adfc: Adfc, options: list[str]) -> None:
    checked = adfc("check", "resnet18", "--inputs", "1", "--json", *options)
    assert checked.status == 0, checked.stderr
    assert json.loads(checked.stdout)["bit_exact"] is True


def test_avoided_tiles_are_not_touched(adfc: Adfc) -> None:
    options = ["--tiles", "16", "--avoid-tile", "2,3", "--avoid-tile", "3,4"]
    emitted = adfc("compile", "resnet8", "--emit", "placed", *options)
    assert emitted.status == 0
    assert "adf.tile core at(" in emitted.stdout
    assert "adf.tile core at(2, 3)" not in emitted.stdout
    assert "adf.tile core at(3, 4)" not in emitted.stdout


def test_images_name_no_folder_of_this_machine(image: Path) -> None:
    layers = read_image(image.read_bytes()).metadata["layers"]
    assert {layer["file"] for layer in layers} == {"adfc/zoo/autoencoder.py"}
