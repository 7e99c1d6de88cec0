"""Small models and their images for the deployment API."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

import adfc


class Network(nn.Module):
    """A convolution, a sum and a classifier: images of several phases that compile quickly."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 16, 3, padding=1)
        self.second = nn.Conv2d(16, 16, 3, padding=1)
        self.head = nn.Linear(16, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.relu(self.first(x))
        y = torch.relu(self.second(y) + y)
        return self.head(torch.flatten(torch.nn.functional.adaptive_avg_pool2d(y, 1), 1))


@pytest.fixture(scope="session")
def example() -> NDArray[np.float32]:
    return np.random.default_rng(5).normal(size=(1, 3, 16, 16)).astype(np.float32)


@pytest.fixture(scope="session", params=[True, False], ids=["resident", "layer-wise"])
def image(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    example: NDArray[np.float32],
) -> Path:
    """An image of the network, resident on the array or layer by layer through DDR."""
    torch.manual_seed(3)
    program = adfc.compile(
        Network().eval(), (torch.from_numpy(example),), tiles=8, resident=request.param
    )
    path = tmp_path_factory.mktemp("image") / "network.rimfs"
    program.save(path)
    return path
