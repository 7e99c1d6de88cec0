"""What the zoo knows of a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import torch
    from torch import nn

Sample: TypeAlias = "tuple[torch.Tensor, ...]"
"""One tuple of model inputs, float32, batch 1."""

Samples: TypeAlias = "Callable[[int], list[Sample]]"
"""Makes any number of samples, the same ones each time."""


class Evaluation(NamedTuple):
    """Labelled data that the model was not trained on.

    `inputs` is float32 of shape (samples, ...) without the batch axis of 1, `labels` int64
    (samples,).
    """

    inputs: torch.Tensor
    labels: torch.Tensor


@dataclass(frozen=True)
class ZooModel:
    """A model of the zoo.

    `make` gives (module in eval mode, example inputs), with weights from a state_dict file or of
    its own. `calibration` and `sample_inputs` give typical inputs, disjoint from each other;
    `calibration_samples` is how many the model's scales need. `evaluation` is None where the
    model has no true accuracy. `preprocessing` names how images become its inputs (a preset of
    `adfc.frontend.images`), empty where it reads none.
    """

    name: str
    description: str
    make: Callable[[Path | None], tuple[nn.Module, Sample]]
    calibration: Samples
    sample_inputs: Samples
    calibration_samples: int = 8
    evaluation: Callable[[], Evaluation] | None = None
    preprocessing: str = ""

    def build(self, state_dict: Path | None = None) -> tuple[nn.Module, Sample]:
        """(module in eval mode, example inputs).

        `state_dict` is a file that torch.save wrote of such a module's state_dict; without one
        the weights are the zoo's own, the same each time. Raises ModelError for a file that does
        not fit.
        """
        return self.make(state_dict)
