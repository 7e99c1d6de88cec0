"""Every TOSA operator carries the user's module path, file and line."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import torch
from torch import nn

from adfc.frontend import import_model


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu(self.conv(x))  # line A
        y = y + x  # line B
        return self.relu(y)  # line C


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stage = nn.Sequential(Block(), Block())
        self.fc = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stage(x)
        x = x.mean((2, 3))  # line D
        return self.fc(x)  # line E


def line_of(cls: type, mark: str) -> int:
    lines, first = inspect.getsourcelines(cls)
    return first + next(i for i, line in enumerate(lines) if mark in line)


def places(text: str) -> dict[str, str]:
    """label -> file:line of all name locations."""
    lines = dict(re.findall(r'(#loc\d*) = loc\("([^"]+":\d+):0\)', text))
    named = re.findall(r'loc\("([^"]+)"\((#loc\d*)\)\)', text)
    return {label: lines[line].replace('"', "") for label, line in named if line in lines}


def test_each_label_has_the_line_that_made_it() -> None:
    example = (torch.randn(1, 3, 4, 4),)
    found = places(import_model(Net(), example, [example]).text)
    file = Path(__file__)
    for label, cls, mark in [
        ("stage.0.conv", Block, "line A"),
        ("stage.0.relu", Block, "line A"),
        ("stage.0.add", Block, "line B"),
        ("stage.0.relu@1", Block, "line C"),
        ("stage.1.conv", Block, "line A"),
        ("mean", Net, "line D"),
        ("fc", Net, "line E"),
    ]:
        assert found[label] == f"{file}:{line_of(cls, mark)}", label


def test_no_operator_is_without_a_place(zoo_model) -> None:
    text = zoo_model("digits").tosa.text
    unknown = re.findall(r"(#loc\d*) = loc\(unknown\)", text)
    for line in text.splitlines():
        if "tosa." in line:
            assert not any(line.endswith(f"loc({name})") for name in unknown), line


def test_resnet18_names_its_layers(zoo_model) -> None:
    found = places(zoo_model("resnet18").tosa.text)
    for label in (
        "conv1",
        "maxpool",
        "layer1.0.conv1",
        "layer2.0.downsample.0",
        "layer4.1.add",
        "fc",
    ):
        assert Path(found[label].rpartition(":")[0]).name == "resnet18.py"
