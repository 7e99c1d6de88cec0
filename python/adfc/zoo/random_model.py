"""Zoo models whose weights are random, or come from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from adfc.determinism import reproducible
from adfc.zoo.model import Sample, ZooModel
from adfc.zoo.synthetic import CALIBRATION_SEED, SAMPLE_SEED, STATISTICS_SEED, one_by_one
from adfc.zoo.weights import draw_convolutions, load_state_dict, settle_batch_norm


def random_model(
    name: str,
    description: str,
    architecture: Callable[[], nn.Module],
    inputs: Callable[[int, int], torch.Tensor],
    *,
    settled_on: int,
    draw: Callable[[nn.Module], None] = draw_convolutions,
    **options: Any,
) -> ZooModel:
    """A model of the zoo; `inputs(count, seed)` makes float32 inputs of shape (count, ...).

    Random weights are PyTorch's own, changed by `draw`; batch normalisations then get the
    statistics of `settled_on` inputs. `options` are ZooModel's.
    """
    samples = one_by_one(inputs, SAMPLE_SEED)

    def make(state_dict: Path | None) -> tuple[nn.Module, Sample]:
        with reproducible():
            model = architecture()
            if state_dict is not None:
                load_state_dict(model, state_dict)
            else:
                draw(model)
                settle_batch_norm(model, [(inputs(settled_on, STATISTICS_SEED),)])
        return model.eval(), samples(1)[0]

    return ZooModel(
        name=name,
        description=f"{description}; random weights",
        make=make,
        calibration=one_by_one(inputs, CALIBRATION_SEED),
        sample_inputs=samples,
        **options,
    )


def leave(_module: nn.Module) -> None:
    """Draws nothing: the weights stay PyTorch's own."""
