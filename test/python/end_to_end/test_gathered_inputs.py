"""An input that is too much for one stream comes to each group of rows by itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import nn

from adfc.driver.compile import HOST_ISAS
from adfc.driver.options import CompileOptions
from adfc.frontend import import_model
from adfc.oracle import ReferenceModel
from adfc.program import Program, compile_tosa

STRIDED = [nn.Conv2d(4, 16, 7, stride=4, padding=3), nn.ReLU(), nn.Conv2d(16, 8, 1)]
POOLED = [nn.Conv2d(4, 16, 5, 2, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2, 1), nn.Conv2d(16, 8, 1)]
UNEVEN = [nn.Conv2d(3, 24, 6, stride=3), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Conv2d(24, 8, 1)]


def checked(module: nn.Module, shape: tuple[int, ...], *, tiles: int | None) -> Program:
    """A program for five images whose bytes are the reference model's, two batches on one array."""
    torch.manual_seed(11)
    example = torch.randn(1, *shape)
    tosa = import_model(module.eval(), (example,), [(example,)])
    program = compile_tosa(tosa, CompileOptions(batch=5, tiles=tiles), name="m", isas=HOST_ISAS[:1])
    reference, random = ReferenceModel(tosa), np.random.default_rng(5)
    for again in (False, True):
        levels = program.quantize([spec.noise(random) for spec in program.inputs])
        (found,) = program.execute(levels, keep_state=again).outputs
        for image in range(5):
            (expected,) = reference.run([levels[0][image : image + 1]])
            np.testing.assert_array_equal(found[image : image + 1], expected)
    return program


@pytest.mark.parametrize(
    ("layers", "shape", "first"),
    [
        (STRIDED, (4, 48, 48), "conv"),
        (POOLED, (4, 58, 54), "pool"),
        (UNEVEN, (3, 71, 64), "pool"),
    ],
    ids=["strided", "pooled", "uneven"],
)
def test_windows_come_one_behind_the_other(
    layers: list[nn.Module], shape: tuple[int, ...], first: str
) -> None:
    """A word is a pixel, so that one stream would take longer for an image than the layers do. At
    the edges windows have fewer rows, and below the last row tiles have those of the last one."""
    program = checked(nn.Sequential(*layers), shape, tiles=12)
    schedules = json.loads(program.schedule)["layers"].values()
    assert next(iter(schedules))["stage"]["gathered"]
    assert any(layer.get("chained") for layer in schedules) == (first == "pool")
    told = program.report().throughput
    assert told is not None and told.period_cycles < shape[1] * shape[2]


class Reshaped(nn.Module):
    """Its convolution reads the input's pixels in rows of another length."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 16, 7, stride=4, padding=3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x.permute(0, 2, 3, 1).reshape(1, 96, 24, 4).permute(0, 3, 1, 2))


def test_an_input_that_is_read_in_another_shape() -> None:
    checked(Reshaped(), (4, 48, 48), tiles=12)


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ([nn.MaxPool2d(4, 4), nn.Conv2d(16, 8, 1)], (16, 128, 80)),
        ([nn.Conv2d(32, 32, 8, stride=8, groups=32), nn.Conv2d(32, 8, 1)], (32, 64, 64)),
    ],
    ids=["pooling", "depthwise"],
)
def test_an_input_that_nobody_can_gather_makes_the_period_longer(
    layers: list[nn.Module], shape: tuple[int, ...]
) -> None:
    """However much faster than that the layers are."""
    program = checked(nn.Sequential(*layers), shape, tiles=40)
    told = program.report().throughput
    assert told is not None and told.period_cycles >= shape[0] * shape[1] * shape[2] / 4
