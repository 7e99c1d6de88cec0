"""What a report says of a program of a batch of images."""

from __future__ import annotations

import json
from pathlib import Path

from cli_runner import Adfc


def test_images_can_be_all_that_is_told(adfc: Adfc, tmp_path: Path) -> None:
    image = tmp_path / "b.rimfs"
    assert adfc("compile", "digits", "--batch", "5", "-o", image).status == 0
    (line,) = (line for line in adfc("report", image).stdout.splitlines() if "images:" in line)
    assert line.split()[1:5] == ["5", "in", "an", "inference,"]
    assert adfc("report", image, "--images").stdout.splitlines() == [line]
    told = json.loads(adfc("report", image, "--images", "--json").stdout)
    report = json.loads(adfc("report", image, "--json").stdout)
    assert told == report["throughput"]
    assert told["cycles_per_image"] == report["modelled_cycles"] / 5
    wrong = adfc("report", image, "--images", "--html", tmp_path / "b.html")
    assert wrong.status == 1
    assert "--images tells nothing else" in wrong.stderr


def test_a_program_of_one_image_has_no_such_figures(adfc: Adfc, tmp_path: Path) -> None:
    image = tmp_path / "a.rimfs"
    assert adfc("compile", "digits", "-o", image).status == 0
    wrong = adfc("report", image, "--images")
    assert wrong.status == 1
    assert "does one image at a time" in wrong.stderr
    assert "--batch" in wrong.stderr


def test_a_batch_is_bounded(adfc: Adfc, tmp_path: Path) -> None:
    wrong = adfc("compile", "digits", "--batch", "257", "-o", tmp_path / "a.rimfs")
    assert wrong.status == 2
    assert "256" in wrong.stderr
    assert not list(tmp_path.iterdir())
