"""Evaluates a compiled model on a folder of labelled images."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adfc.driver.compile import Progress
from adfc.errors import InputError, ModelError
from adfc.evaluation.classifier import LEVELS, Answer, ClassifierParts, Job, float_bytes
from adfc.evaluation.pools import in_process, in_processes, on_ray
from adfc.evaluation.state import StateFile
from adfc.frontend.images import ImageFolder, Preprocessing
from adfc.frontend.source import TorchSource
from adfc.frontend.tosa_model import TosaModel
from adfc.program import Program

NAMED = 5
"""Classes that top-5 counts."""


@dataclass(frozen=True)
class LevelAccuracy:
    """Right answers of one level; `agreement` is how many have float's first answer, if known."""

    level: str
    top1: int
    top5: int
    agreement: int | None


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found, of `images` images; `resumed` of them came from the state file."""

    images: int
    resumed: int
    classes: int
    levels: tuple[LevelAccuracy, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object with shares of 1."""
        return {
            "images": self.images,
            "resumed": self.resumed,
            "classes": self.classes,
            "levels": {
                entry.level: {
                    "top1": entry.top1 / self.images,
                    "top5": entry.top5 / self.images,
                    "agreement": None if entry.agreement is None else entry.agreement / self.images,
                }
                for entry in self.levels
            },
        }


@dataclass(frozen=True)
class Workers:
    """Where to evaluate: `count` processes, on the Ray cluster at `ray` where that is given."""

    count: int = 1
    ray: str | None = None


def parts_of(
    source: TorchSource, tosa: TosaModel, program: Program, levels: Sequence[str] = LEVELS
) -> ClassifierParts:
    """What each worker needs. Raises ModelError for a model that classifies no single image."""
    from adfc.frontend.export import exported

    if len(tosa.inputs) != 1:
        raise ModelError(
            f"{source.name} has {len(tosa.inputs)} inputs", hint="evaluate models of one image"
        )
    model = float_bytes(exported(source.model, source.example_inputs)) if "float" in levels else b""
    return ClassifierParts(tuple(levels), model, tosa.text, program.image)


def evaluate(
    parts: ClassifierParts,
    tosa: TosaModel,
    folder: ImageFolder,
    preprocessing: Preprocessing,
    *,
    workers: Workers = Workers(),
    state: StateFile | None = None,
    progress: Progress = lambda _: None,
) -> Evaluation:
    """Accuracy on all images of `folder`, those in `state` taken from there.

    Raises InputError for images that cannot be read and for more classes than the model has.
    """
    (spec,) = tosa.inputs
    outputs = tosa.outputs[0].size
    if len(folder.classes) > outputs:
        raise InputError(
            f"{folder.root} has {len(folder.classes)} classes, the model {outputs} outputs",
            hint="name the folder whose subfolders are the model's classes",
        )
    state = state or StateFile(None, {})
    labels = dict(folder.items)
    answers = {name: found for name, found in state.answers.items() if name in labels}
    resumed = len(answers)
    jobs: Iterable[Job] = (
        (name, preprocessing.load(folder.root / name, spec.shape).numpy())
        for name, _ in folder.items
        if name not in answers
    )
    for name, found in _answers(parts, jobs, workers) if resumed < len(labels) else ():
        state.add(name, found)
        answers[name] = found
        progress(_so_far(answers, labels, parts.levels))
    return Evaluation(
        images=len(answers),
        resumed=resumed,
        classes=len(folder.classes),
        levels=tuple(_accuracy(level, answers, labels) for level in parts.levels),
    )


def about(
    parts: ClassifierParts, folder: ImageFolder, preprocessing: Preprocessing
) -> dict[str, Any]:
    """What an evaluation is of, for its state file."""
    listing = "\n".join(f"{label} {name}" for name, label in folder.items)
    return {
        "levels": list(parts.levels),
        "program": hashlib.sha256(parts.image).hexdigest(),
        "images": hashlib.sha256(listing.encode()).hexdigest(),
        "preprocessing": preprocessing.name,
    }


def _answers(parts: ClassifierParts, jobs: Iterable[Job], workers: Workers) -> Generator[Answer]:
    if workers.ray is not None:
        return on_ray(parts, jobs, workers.count, workers.ray)
    if workers.count > 1:
        return in_processes(parts, jobs, workers.count)
    return in_process(parts, jobs)


def _accuracy(
    level: str, answers: Mapping[str, Mapping[str, list[int]]], labels: Mapping[str, int]
) -> LevelAccuracy:
    found = [(labels[name], entry[level]) for name, entry in answers.items()]
    agreement = None
    if level != "float" and all("float" in entry for entry in answers.values()):
        agreement = sum(entry["float"][0] == entry[level][0] for entry in answers.values())
    return LevelAccuracy(
        level,
        top1=sum(label == places[0] for label, places in found),
        top5=sum(label in places[:NAMED] for label, places in found),
        agreement=agreement,
    )


def _so_far(
    answers: Mapping[str, Mapping[str, list[int]]],
    labels: Mapping[str, int],
    levels: Sequence[str],
) -> str:
    shares = ", ".join(
        f"{level} {_accuracy(level, answers, labels).top1 / len(answers):.2%}" for level in levels
    )
    return f"{len(answers)} of {len(labels)} images: {shares}"
