"""A small CNN for scikit-learn's bundled 8x8 handwritten digits, trained here in a few seconds.

It is the zoo's model with a true accuracy: two thirds of the 1797 digits train it, one third is
held out.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from adfc.determinism import reproducible
from adfc.errors import ToolError
from adfc.zoo.model import Evaluation, Sample, ZooModel
from adfc.zoo.weights import load_state_dict

SIZE = 8
CLASSES = 10
WIDTHS = (16, 32)
BRIGHTEST = 16.0
"""Largest pixel value of the data set (scikit-learn, load_digits)."""

SEED = 0
EPOCHS = 20
BATCH = 64
PEAK_LEARNING_RATE = 0.01


class Digits(nn.Module):
    """Two 3x3 convolutions with pooling, then a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, WIDTHS[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTHS[0])
        self.conv2 = nn.Conv2d(WIDTHS[0], WIDTHS[1], 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(WIDTHS[1])
        self.pool = nn.MaxPool2d(2)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(WIDTHS[1] * (SIZE // 2) ** 2, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, 8, 8), values 0..1 -> (N, 10) logits"""
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        x = torch.flatten(self.pool(x), 1)
        return self.fc(self.dropout(x))


class _Data(NamedTuple):
    training: Evaluation
    held_out: Evaluation


def _load() -> _Data:
    """The data set, shuffled once and for all, split 2:1."""
    try:
        datasets: Any = importlib.import_module("sklearn.datasets")
    except ImportError as error:
        raise ToolError(
            "the digits come with scikit-learn, which is not installed",
            hint="pip install scikit-learn",
        ) from error
    digits = datasets.load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / BRIGHTEST
    labels = torch.tensor(digits.target, dtype=torch.int64)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(SEED))
    split = 2 * len(labels) // 3
    training, held_out = order[:split], order[split:]
    return _Data(
        Evaluation(images[training], labels[training]),
        Evaluation(images[held_out], labels[held_out]),
    )


def _train(model: nn.Module, data: Evaluation) -> None:
    """Trains on images shifted by up to a pixel; the learning rate warms up once and decays."""
    steps = EPOCHS * -(-len(data.labels) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LEARNING_RATE, total_steps=steps)
    model.train()
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(data.labels)).split(BATCH):
            shift = torch.randint(-1, 2, (2,)).tolist()
            images = torch.roll(data.inputs[batch], shift, dims=(2, 3))
            loss = nn.functional.cross_entropy(model(images), data.labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def build(state_dict: Path | None = None) -> tuple[nn.Module, Sample]:
    """(classifier in eval mode, example inputs); trains it where no weights are given."""
    data = _load()
    with reproducible(SEED):
        model = Digits()
        if state_dict is not None:
            load_state_dict(model, state_dict)
        else:
            _train(model, data.training)
    return model.eval(), (data.held_out.inputs[:1],)


def calibration(count: int) -> list[Sample]:
    """Training images."""
    return [(image.unsqueeze(0),) for image in _load().training.inputs[:count]]


def sample_inputs(count: int) -> list[Sample]:
    """Held-out images."""
    return [(image.unsqueeze(0),) for image in _load().held_out.inputs[:count]]


def evaluation() -> Evaluation:
    """The held-out third."""
    return _load().held_out


MODEL = ZooModel(
    name="digits",
    description="A small CNN, 8x8 handwritten digits; trained here on two thirds of them",
    make=build,
    calibration=calibration,
    sample_inputs=sample_inputs,
    calibration_samples=128,
    evaluation=evaluation,
    preprocessing="unit",
)
