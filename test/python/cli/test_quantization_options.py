"""Every command that quantizes has the same options, and so has `adfc.compile`."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import pytest
from cli_runner import Adfc
from typer.main import get_command

import adfc.api
from adfc.cli.main import app
from adfc.quantization import DEFAULT, QuantizationOptions

FIELDS = {field.name for field in dataclasses.fields(QuantizationOptions)}


@pytest.mark.parametrize("command", ["compile", "check", "eval"])
def test_commands_take_them_all(command: str) -> None:
    found = {each.name: each for each in get_command(app).get_command(None, command).params}  # type: ignore[attr-defined]
    assert found.keys() >= FIELDS
    for name in FIELDS:
        assert found[name].default == getattr(DEFAULT, name)


def test_python_takes_them_all() -> None:
    parameters = inspect.signature(adfc.api.compile).parameters
    assert parameters.keys() >= FIELDS
    for name in FIELDS:
        assert parameters[name].default == getattr(DEFAULT, name)


MODEL = """
import torch
from torch import nn

def net():
    torch.manual_seed(0)
    body = [nn.Conv2d(4, 32, 1), nn.ReLU(), nn.Conv2d(32, 32, 3, groups=32), nn.Conv2d(32, 8, 1)]
    return nn.Sequential(*body).eval(), (torch.randn(1, 4, 8, 8),)
"""


def test_all_at_once_is_bit_exact(adfc: Adfc, tmp_path: Path) -> None:
    """Pruned by half: 128 + 288 + 256 bytes of weights become 64 + 144 + 128."""
    (tmp_path / "net.py").write_text(MODEL)
    options = ("--prune", "channels=0.5", "--equalize", "--weight-bits", "4", "--bias-correction")
    checked = adfc("check", f"{tmp_path / 'net.py'}:net", "--inputs", "1", *options)
    assert checked.status == 0, checked.stderr
    assert "672 -> 336 bytes (50.0% less)" in checked.stderr
    assert "equalized 2 sets of channels" in checked.stderr
    refused = adfc("compile", f"{tmp_path / 'net.py'}:net", "-o", "x", "--weight-bits", "3")
    assert refused.status == 1
    assert "weights cannot have 3 bits" in refused.stderr
