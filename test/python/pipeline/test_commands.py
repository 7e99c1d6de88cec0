"""compile, run, report and check with --allow-host, from the shell's side."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

MODEL = """
import torch
from torch import nn

class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        return torch.erfinv(0.1 * torch.sigmoid(self.first(x)))

def network():
    torch.manual_seed(0)
    return Network().eval(), (torch.linspace(-1, 1, 192).reshape(1, 3, 8, 8),)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model")
    (path / "net.py").write_text(MODEL)
    np.save(path / "x.npy", np.linspace(-1, 1, 192, dtype=np.float32).reshape(1, 3, 8, 8))
    return path


def adfc(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "adfc.cli.main", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def figures(folder: Path, *words: str) -> dict[str, Any]:
    done = adfc(folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_from_compiling_to_costs(folder: Path) -> None:
    model = ("net.py:network", "--tiles", "4", "--no-resident")
    refused = adfc(folder, "compile", *model, "-o", "net.rimfs")
    assert refused.returncode == 1
    assert "unsupported operator aten.erfinv.default" in refused.stderr
    assert "net.py:11" in refused.stderr
    made = figures(folder, "compile", *model, "-o", "net.pipeline", "--allow-host")
    assert [op["op"] for op in made["host_operators"]] == ["aten.erfinv.default"]
    run = figures(folder, "run", "net.pipeline", "--input", "x.npy", "--output", "y.npy")
    assert [s["side"] for s in run["segments"]] == ["array", "host"]
    assert run["cycles"] > 0 and run["host_ms"] > 0
    assert np.load(folder / "y.npy").shape == (1, 8, 6, 6)
    report = adfc(folder, "report", "net.pipeline")
    assert "aten.erfinv.default" in report.stdout and "measured on this machine" in report.stdout
    check = figures(folder, "check", *model, "--allow-host", "--inputs", "1", "--no-layers")
    assert check["bit_exact"] and check["host_operators"] == ["aten.erfinv.default"]


def test_boards_refuse_a_pipeline(folder: Path) -> None:
    if not (folder / "net.pipeline").exists():
        pytest.skip("made by the test before")
    for words in (
        ("deploy", "net.pipeline", "--board", "versal", "-o", "x.elf"),
        ("run", "net.pipeline", "--board", "versal"),
        ("dump", "net.pipeline"),
    ):
        done = adfc(folder, *words)
        assert done.returncode == 1, words
        assert "Traceback" not in done.stderr and "adfc: error:" in done.stderr
