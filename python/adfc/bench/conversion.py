"""What a model loses on its way to the array: accuracy, and the error of its outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.bench.data import Data
from adfc.errors import InputError
from adfc.frontend.source import TorchSource
from adfc.metrics import Comparison, compare
from adfc.program import Program

Outputs = list[NDArray[Any]]


@dataclass(frozen=True)
class Conversion:
    """A program beside the float model, over `samples` samples.

    `error` compares all outputs, real values of both. `agreement` is the share of samples of which
    the greatest value of the first output has the same place; `float_accuracy` and `accuracy` (of
    the array) the share where it has that of the label, None without labels.
    """

    samples: int
    error: Comparison
    agreement: float
    float_accuracy: float | None
    accuracy: float | None

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "samples": self.samples,
            **self.error.to_json(),
            "agreement": self.agreement,
            "float_accuracy": self.float_accuracy,
            "accuracy": self.accuracy,
        }


@dataclass(frozen=True)
class Expected:
    """Samples, and what the float model makes of them: once for all programs of a model."""

    data: Data
    outputs: list[Outputs]

    @staticmethod
    def of(source: TorchSource, data: Data) -> Expected:
        """Runs the float model on all samples."""
        from torch.utils._pytree import tree_leaves

        model = source.float_model()
        outputs = [[leaf.detach().numpy() for leaf in tree_leaves(model(*s))] for s in data.samples]
        return Expected(data, outputs)


def measure_conversion(program: Program, expected: Expected) -> Conversion:
    """Runs the program on all samples. Raises InputError for labels that the model has no output
    for, and what running raises."""
    error = Comparison()
    same: list[bool] = []
    places: list[tuple[int, int]] = []
    labels = expected.data.labels
    classes = program.outputs[0].size
    if labels is not None and max(labels) >= classes:
        raise InputError(
            f"the data has a class {max(labels)}, counted from 0, the model {classes} outputs",
            hint="name the folder whose subfolders are the model's classes",
        )
    for sample, floats in zip(expected.data.samples, expected.outputs, strict=True):
        levels = program.quantize([tensor.detach().numpy() for tensor in sample])
        found = program.dequantize(program.execute(levels, keep_state=True).outputs)
        for ours, theirs in zip(found, floats, strict=True):
            error += compare(theirs.reshape(ours.shape), ours)
        place = int(np.argmax(floats[0])), int(np.argmax(found[0]))
        places.append(place)
        same.append(place[0] == place[1])

    def right(which: int) -> float | None:
        if labels is None:
            return None
        hits = [place[which] == label for place, label in zip(places, labels, strict=True)]
        return sum(hits) / len(hits)

    return Conversion(len(places), error, sum(same) / len(same), right(0), right(1))
