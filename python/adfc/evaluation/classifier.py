"""One model at three levels, as a function from an input to the greatest output of each."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from adfc.frontend.quiet import quiet_logging
from adfc.frontend.tosa_text import parse_tosa
from adfc.oracle import ReferenceModel
from adfc.program import Program

if TYPE_CHECKING:
    from torch.export import ExportedProgram

LEVELS = ("float", "integer", "array")
"""The float model, the TOSA reference model, the emulated array."""


@dataclass(frozen=True)
class ClassifierParts:
    """What a classifier is made from, so that it can be made in another process.

    `levels` are the levels wanted. `float_model` is a `.pt2` file's bytes, `tosa` TOSA text,
    `image` a program image.
    """

    levels: tuple[str, ...]
    float_model: bytes
    tosa: str
    image: bytes


Job = tuple[str, NDArray[np.float32]]
"""A sample's name and the model's input."""

Answer = tuple[str, dict[str, list[int]]]
"""A sample's name, and for each level its five greatest outputs, the greatest first."""


class Classifier:
    """Answers inputs at each level. Raises what loading and running raise."""

    def __init__(self, parts: ClassifierParts) -> None:
        self._levels = parts.levels
        self._program = Program(parts.image)
        self._reference = (
            ReferenceModel(parse_tosa(parts.tosa)) if "integer" in parts.levels else None
        )
        self._float: Any = None
        if "float" in parts.levels:
            import torch

            with quiet_logging():
                program = torch.export.load(io.BytesIO(parts.float_model))
            self._float = program.module(check_guards=False)

    def answer(self, job: Job) -> Answer:
        """The five greatest outputs of each level, equal ones by their place."""
        name, values = job
        levels = self._program.quantize([values])
        found: dict[str, list[int]] = {}
        if self._float is not None:
            import torch
            from torch.utils._pytree import tree_leaves

            with torch.no_grad():
                outputs = self._float(torch.from_numpy(values))
            found["float"] = greatest(tree_leaves(outputs)[0].numpy())
        if self._reference is not None:
            found["integer"] = greatest(self._reference.run(levels)[0])
        if "array" in self._levels:
            found["array"] = greatest(self._program.execute(levels).outputs[0])
        return name, found


def greatest(values: NDArray[Any], count: int = 5) -> list[int]:
    """Places of the greatest values, the greatest first; of equal ones the first comes first."""
    flat = values.astype(np.float64).ravel()
    return [int(place) for place in np.argsort(-flat, kind="stable")[:count]]


def float_bytes(program: ExportedProgram) -> bytes:
    """An exported program as a `.pt2` file's bytes."""
    import torch

    with tempfile.TemporaryDirectory(prefix="adfc-") as folder, quiet_logging():
        path = Path(folder) / "model.pt2"
        torch.export.save(program, path)
        return path.read_bytes()


def answer_all(classifier: Classifier, jobs: Sequence[Job]) -> list[Answer]:
    """Answers of several inputs, in their order."""
    return [classifier.answer(job) for job in jobs]
