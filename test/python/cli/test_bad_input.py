"""Bad input gets one clear line, a non-zero exit, and leaves nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from cli_runner import Adfc, Outcome

from adfc.api import compile as compile_module
from adfc.image import read_image


@pytest.fixture(scope="module")
def good_image() -> bytes:
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.ReLU()).eval()
    return compile_module(model, (torch.ones(1, 3, 8, 8),), name="tiny").image


@pytest.fixture
def image(good_image: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "tiny.rimfs"
    path.write_bytes(good_image)
    return path


def complains(outcome: Outcome, *words: str) -> None:
    """One error line with the words in it, perhaps a hint, no traceback, exit status 1."""
    assert outcome.status == 1
    lines = outcome.stderr.strip().splitlines()
    assert lines[0].startswith("adfc: error: ")
    assert "Traceback" not in outcome.stderr
    for word in words:
        assert word in outcome.stderr


def model_file(folder: Path, body: str) -> str:
    path = folder / "model.py"
    path.write_text("import torch\n" + body)
    return f"{path}:make"


def test_missing_files(adfc: Adfc, tmp_path: Path) -> None:
    complains(adfc("run", tmp_path / "no.rimfs"), "no.rimfs does not exist")
    complains(adfc("compile", tmp_path / "no.pt2", "-o", tmp_path / "x"), "no.pt2")
    complains(adfc("compile", "digit", "-o", tmp_path / "x"), "did you mean 'digits'?")


def test_unsupported_operator_names_op_module_and_line(adfc: Adfc, tmp_path: Path) -> None:
    spec = model_file(
        tmp_path,
        """
class Inner(torch.nn.Module):
    def forward(self, x):
        return torch.fft.fft(x).real
class Outer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Inner()
    def forward(self, x):
        return self.inner(x)
def make():
    return Outer().eval(), (torch.ones(1, 8),)
""",
    )
    output = tmp_path / "x.rimfs"
    outcome = adfc("compile", spec, "-o", output)
    complains(outcome, "aten", "fft", "inner", "model.py:5")
    assert not output.exists()
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix != "") == ["model.py"]


def test_dynamic_shapes(adfc: Adfc, tmp_path: Path) -> None:
    batch = torch.export.Dim("batch", min=2, max=8)
    model = torch.nn.Sequential(torch.nn.Linear(8, 4)).eval()
    program = torch.export.export(model, (torch.ones(4, 8),), dynamic_shapes=({0: batch},))
    torch.export.save(program, tmp_path / "dynamic.pt2")
    outcome = adfc("compile", tmp_path / "dynamic.pt2", "-o", tmp_path / "x.rimfs")
    complains(outcome, "dynamic")
    assert not (tmp_path / "x.rimfs").exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.ones((1, 3, 9, 8), np.float32), "(1, 3, 9, 8), expected (1, 3, 8, 8)"),
        (np.ones((3, 8, 8), np.float32), "(3, 8, 8), expected (1, 3, 8, 8)"),
        (np.ones((1, 3, 8, 8), np.int64), "int64, expected float32"),
        (np.full((1, 3, 8, 8), np.nan, np.float32), "not finite"),
    ],
)
def test_wrong_inputs(
    adfc: Adfc, image: Path, tmp_path: Path, values: np.ndarray, words: str
) -> None:
    np.save(tmp_path / "x.npy", values)
    outcome = adfc("run", image, "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy")
    complains(outcome, words)
    assert not (tmp_path / "y.npy").exists()


def test_truncated_images(adfc: Adfc, good_image: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.rimfs"
    for size in (0, 3, 63, 64, 200, len(good_image) // 2, len(good_image) - 1):
        path.write_bytes(good_image[:size])
        for command in ("run", "report", "verify", "dump"):
            complains(adfc(command, path), "cut.rimfs")


def test_flipped_bits_are_found_and_named(adfc: Adfc, good_image: bytes, tmp_path: Path) -> None:
    path = tmp_path / "flipped.rimfs"
    for position in range(0, len(good_image), max(1, len(good_image) // 40)):
        damaged = bytearray(good_image)
        damaged[position] ^= 0x10
        path.write_bytes(damaged)
        complains(adfc("verify", path), "flipped.rimfs")


def test_devices_and_tiles(adfc: Adfc, tmp_path: Path) -> None:
    def compile_with(*options: str) -> Outcome:
        return adfc("compile", "digits", "-o", tmp_path / "x.rimfs", *options)

    complains(compile_with("--device", "ve9999"), "unknown device 've9999'", "ve2802")
    complains(compile_with("--tiles", "305"), "305 core tiles asked for, ve2802 has 304")
    complains(compile_with("--device", "npu1", "--tiles", "28"), "npu1 has 20")
    assert adfc("compile", "digits", "--device", "npu1", "--emit", "adf").status == 0
    complains(compile_with("--avoid-tile", "2"), "--avoid-tile 2 is no tile")
    complains(compile_with("--avoid-tile", "2,0"), "no core tile 2,0")
    assert not (tmp_path / "x.rimfs").exists()


def test_a_model_that_does_not_fit(adfc: Adfc, tmp_path: Path) -> None:
    spec = model_file(
        tmp_path,
        """
def make():
    # Seven rows of the input alone are 7 * 4096 * 64 bytes, more than a memtile's 512 KB.
    model = torch.nn.Sequential(torch.nn.Conv2d(64, 16, 7, padding=3)).eval()
    return model, (torch.ones(1, 64, 16, 4096),)
""",
    )
    outcome = adfc("compile", spec, "-o", tmp_path / "x.rimfs")
    complains(outcome, "does not fit ve2802", "memory", "bytes")
    assert not (tmp_path / "x.rimfs").exists()


def test_wrong_schedules(adfc: Adfc, tmp_path: Path) -> None:
    schedule = tmp_path / "schedule.json"

    def compile_with(text: str) -> Outcome:
        schedule.write_text(text)
        return adfc("compile", "digits", "-o", tmp_path / "x.rimfs", "--schedule", schedule)

    complains(compile_with("{"), "schedule.json")
    good = {"version": 1, "device": "ve2802", "tiles": 28, "avoid": [], "layers": {}}
    complains(compile_with(json.dumps(good)), "conv1")
    complains(
        compile_with(json.dumps({**good, "device": "npu1"})), "is for device npu1, not ve2802"
    )


def test_a_schedule_says_its_own_tiles(adfc: Adfc, tmp_path: Path) -> None:
    schedule, image = tmp_path / "schedule.json", tmp_path / "x.rimfs"
    made = adfc("compile", "digits", "--emit", "adf", "-o", tmp_path / "x.mlir", "--tiles", "9",
                "--avoid-tile", "2,3", "--save-schedule", schedule)  # fmt: skip
    assert made.status == 0
    again = ("compile", "digits", "-o", image, "--schedule", schedule)
    complains(adfc(*again, "--tiles", "4"), "is for tiles 9, not 4")
    complains(adfc(*again, "--avoid-tile", "3,3"), "is for avoid-tile [(2, 3)], not [(3, 3)]")
    assert not image.exists()
    assert adfc(*again).status == 0
    assert read_image(image.read_bytes()).metadata["tiles"] == 9


def test_a_schedule_is_obeyed_or_refused(adfc: Adfc, tmp_path: Path) -> None:
    schedule = tmp_path / "schedule.json"
    adfc("compile", "digits", "--no-resident", "--emit", "adf", "-o", tmp_path / "x.mlir",
         "--save-schedule", schedule)  # fmt: skip
    data = json.loads(schedule.read_text())
    for change, words in (
        ({"grid": [28, 1]}, "row groups"),
        ({"grid": [1, 28]}, "channel groups"),
        ({"rounds": 9, "grid": [1, 1]}, "9 rounds"),
    ):
        changed = json.loads(json.dumps(data))
        changed["layers"]["conv1"].update(change)
        schedule.write_text(json.dumps(changed))
        outcome = adfc("compile", "digits", "-o", tmp_path / "x.rimfs", "--schedule", schedule)
        complains(outcome, "conv1", words)


def test_options_without_sense(adfc: Adfc, tmp_path: Path, image: Path) -> None:
    complains(adfc("compile", "digits"), "nowhere to write", "-o FILE.rimfs")
    complains(adfc("compile", "digits", "--emit", "asm"), "--emit asm is no level", "placed")
    complains(adfc("compile", "digits", "-o", tmp_path / "no" / "x.rimfs"), "does not exist")
    complains(adfc("compile", "digits", "-o", tmp_path), "is a folder")
    complains(adfc("run", image, "--input", image), "no .npy file")
    assert adfc("compile", "digits", "--tiles", "many").status == 2
    assert adfc("no-such-command").status == 2


def test_bad_assembly_names_the_line(adfc: Adfc, image: Path, tmp_path: Path) -> None:
    text = tmp_path / "program.txt"
    assert adfc("dump", image, "-o", text).status == 0
    lines = text.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.strip().startswith("write32"))
    lines[at] = "  write33 (2, 3) 0x1de04, 0x0"
    text.write_text("\n".join(lines))
    output = tmp_path / "x.rimfs"
    outcome = adfc("assemble", text, "--image", image, "-o", output)
    complains(outcome, str(at + 1), "write33")
    assert not output.exists()


def test_a_program_that_breaks_a_rule_is_refused_before_it_runs(
    adfc: Adfc, image: Path, tmp_path: Path
) -> None:
    text = tmp_path / "program.txt"
    assert adfc("dump", image, "-o", text).status == 0
    # A register that no tile has, in an otherwise good program.
    changed = text.read_text().replace("  end", "  write32 (2, 3) 0xffff0, 0x1\n  end", 1)
    text.write_text(changed)
    outcome = adfc("assemble", text, "--image", image, "-o", tmp_path / "x.rimfs")
    complains(outcome, "ffff0")
    assert not (tmp_path / "x.rimfs").exists()


def test_metadata_survives(good_image: bytes) -> None:
    metadata = read_image(good_image).metadata
    assert metadata["model"] == "tiny"
    assert metadata["inputs"][0]["shape"] == [1, 3, 8, 8]
