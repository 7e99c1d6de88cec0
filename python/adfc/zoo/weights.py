"""Weights of zoo models: from a state_dict file, or random and sane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from adfc.errors import ModelError
from adfc.zoo.model import Sample


def load_state_dict(module: nn.Module, path: Path) -> None:
    """Loads a state_dict that torch.save wrote; only tensors are unpickled.

    Raises ModelError for a file that is missing, damaged, or of another architecture.
    """
    if not path.is_file():
        raise ModelError(f"{path} does not exist", hint="name a file of torch.save")
    try:
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ModelError(
            f"{path} is no state_dict file: {_first_line(error)}",
            hint="write it with torch.save(model.state_dict(), path)",
        ) from error
    if not isinstance(state, Mapping):
        raise ModelError(f"{path} holds a {type(state).__name__}, not a state_dict")
    try:
        module.load_state_dict(state)
    except (RuntimeError, TypeError) as error:
        details = [line.strip() for line in str(error).splitlines()[1:]] or [_first_line(error)]
        raise ModelError(f"{path} does not fit the model: {details[0][:300]}") from error


def draw_convolutions(module: nn.Module) -> None:
    """Draws every convolution's weights as He et al. do (normal, by fan-out, for ReLU)."""
    for child in module.modules():
        if isinstance(child, (nn.Conv1d, nn.Conv2d)):
            nn.init.kaiming_normal_(child.weight, mode="fan_out", nonlinearity="relu")


def settle_batch_norm(module: nn.Module, batches: Sequence[Sample]) -> None:
    """Sets each batch normalisation's statistics to what it sees on `batches`.

    Random weights without this let activations grow or die from layer to layer. The module ends in
    eval mode.
    """
    norms = [m for m in module.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # averages all batches alike
    module.train()
    with torch.no_grad():
        for batch in batches:
            module(*batch)
    module.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "unreadable")
