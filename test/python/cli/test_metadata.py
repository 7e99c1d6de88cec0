"""An image whose checksums are right but whose metadata is not is refused, in one line."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from cli_runner import Adfc

from adfc.api import compile as compile_module
from adfc.image import read_image, write_image


@pytest.fixture(scope="module")
def good_image() -> bytes:
    model = torch.nn.Sequential(torch.nn.Linear(16, 8), torch.nn.ReLU()).eval()
    return compile_module(model, (torch.ones(1, 16),), name="tiny").image


def with_metadata(image: bytes, **changes: Any) -> bytes:
    parts = read_image(image)
    return write_image(dataclasses.replace(parts, metadata={**parts.metadata, **changes}))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tiles": 0}, "has no 0 tiles"),
        ({"tiles": 1e400}, '"tiles" is inf'),
        ({"tiles": "4"}, "\"tiles\" is '4'"),
        ({"tiles": True}, '"tiles" is True'),
        ({"device": "ve1"}, "unknown device 've1'"),
        ({"device": "npu1", "tiles": 4}, "the program is not for npu1"),
        ({"layers": []}, "0 layers, the program has "),
        ({"layers": 5}, "meta.json"),
        ({"layers": [{"name": "x"}]}, "meta.json"),
        ({"inputs": []}, "its tensors are not those of section io"),
        ({"outputs": [7]}, "meta.json"),
        ({"schedule": 3}, "meta.json"),
    ],
)
def test_wrong_metadata(
    adfc: Adfc, good_image: bytes, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    path = tmp_path / "wrong.rimfs"
    path.write_bytes(with_metadata(good_image, **changes))
    for command in ("run", "report", "verify"):
        outcome = adfc(command, path)
        assert outcome.status == 1
        assert outcome.stderr.startswith("adfc: error: ")
        assert words in outcome.stderr
        assert "Traceback" not in outcome.stderr


def test_unchanged_metadata_is_accepted(adfc: Adfc, good_image: bytes, tmp_path: Path) -> None:
    path = tmp_path / "same.rimfs"
    path.write_bytes(with_metadata(good_image))
    assert path.read_bytes() == good_image
    assert adfc("verify", path).status == 0
