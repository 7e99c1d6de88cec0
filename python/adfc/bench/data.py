"""Samples to measure a converted model on, with labels where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adfc.errors import InputError
from adfc.frontend.images import ImageFolder, chosen
from adfc.frontend.samples import sample_source, spread
from adfc.frontend.source import TorchSource
from adfc.zoo.model import Sample

OWN = "own"
"""In place of a path: the labelled data that a model of the zoo brings."""


@dataclass(frozen=True)
class Data:
    """Model inputs, each a tuple of tensors of shape (1, ...), and their classes or None."""

    samples: Sequence[Sample]
    labels: Sequence[int] | None


def load_data(source: TorchSource, what: str, limit: int, preprocess: str | None) -> Data:
    """At most `limit` samples, evenly over all that `what` names.

    That is a folder with a subfolder of images for each class, or samples without labels in any
    form that calibration takes, or "own". Raises InputError where it is none of these, or does not
    fit the model.
    """
    from adfc.frontend.export import export_graph
    from adfc.frontend.nodes import shape_of

    if what == OWN:
        return _own(source, limit)
    path = Path(what)
    if not path.exists():
        raise InputError(
            f"{path} does not exist", hint=f"a folder, an .npy or .npz file, or the word {OWN}"
        )
    graph = export_graph(source.model, source.example_inputs)
    shapes = [(node.name, shape_of(node)) for node in graph.graph.nodes if node.op == "placeholder"]
    if path.is_dir() and len(shapes) == 1 and _has_classes(path):
        folder = ImageFolder.scan(path)
        load = chosen(preprocess, source.preprocessing).load
        labels = dict(folder.items)
        names = spread([Path(name) for name, _ in folder.items], limit)
        return Data(
            [(load(path / name, shapes[0][1]),) for name in names],
            [labels[name.as_posix()] for name in names],
        )
    found = sample_source(path, limit, preprocess).samples(shapes, source.preprocessing)
    return Data([found[i] for i in _places(len(found), limit)], None)


def _own(source: TorchSource, limit: int) -> Data:
    if source.evaluation is None:
        raise InputError(
            f"{source.name} brings no labelled data", hint="name a folder of labelled images"
        )
    inputs, labels = source.evaluation()
    places = _places(len(labels), limit)
    return Data([(inputs[i].unsqueeze(0),) for i in places], [int(labels[i]) for i in places])


def _has_classes(path: Path) -> bool:
    """Whether images lie in subfolders and not in the folder itself."""
    try:
        ImageFolder.scan(path)
    except InputError:
        return False
    return not list(path.glob("*.npy"))


def _places(count: int, limit: int) -> list[int]:
    taken = min(count, limit)
    return [i * count // taken for i in range(taken)]
