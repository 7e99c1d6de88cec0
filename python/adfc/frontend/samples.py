"""Samples from files, from folders of files, and from Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from adfc.errors import InputError
from adfc.frontend.images import Preprocessing, chosen, images_below, preset

if TYPE_CHECKING:
    import torch

    from adfc.zoo.model import Sample

CalibrationSample: TypeAlias = "torch.Tensor | NDArray[Any] | Sequence[torch.Tensor | NDArray[Any]]"
"""What Python code may give as one sample: a tensor or array, or one for each input."""

NamedShape = tuple[str, tuple[int, ...]]
"""Name and shape (1, ...) of a model input."""


@dataclass(frozen=True)
class SampleFile:
    """Samples for a model: `.npy` of shape (n, ...) for one input, `.npz` by name for several."""

    path: Path

    def samples(
        self, inputs: Sequence[NamedShape], _preprocessing: Preprocessing | None = None
    ) -> list[Sample]:
        """One tuple of tensors of shape (1, ...) for each of the n samples.

        Raises InputError for a missing or damaged file and for arrays of other names, shapes or
        dtypes.
        """
        arrays = self._arrays([name for name, _ in inputs])
        columns = [self._column(name, shape, arrays[name]) for name, shape in inputs]
        if len({len(column) for column in columns}) != 1:
            counts = {name: len(column) for (name, _), column in zip(inputs, columns, strict=True)}
            raise InputError(f"{self.path} holds different numbers of samples: {counts}")
        return list(zip(*columns, strict=True))

    def _arrays(self, names: Sequence[str]) -> Mapping[str, NDArray[Any]]:
        try:
            content: Any = np.load(self.path, allow_pickle=False)
        except FileNotFoundError as error:
            raise InputError(f"{self.path} does not exist") from error
        except (OSError, ValueError, EOFError) as error:
            raise InputError(
                f"cannot read samples from {self.path}: {error}", hint="write it with numpy.save"
            ) from error
        if isinstance(content, np.ndarray):
            if len(names) != 1:
                raise InputError(
                    f"{self.path} holds one array, the model has inputs {', '.join(names)}",
                    hint="write an .npz with one array for each of them",
                )
            return {names[0]: content}
        missing = [name for name in names if name not in content]
        if missing:
            raise InputError(f"{self.path} has no array '{missing[0]}'")
        return {name: content[name] for name in names}

    def _column(self, name: str, shape: tuple[int, ...], array: NDArray[Any]) -> Sequence[Any]:
        import torch

        if array.shape == shape[1:]:
            array = array[None]
        if array.ndim != len(shape) or array.shape[1:] != shape[1:] or len(array) == 0:
            expected = ", ".join(["n", *(str(size) for size in shape[1:])])
            raise InputError(
                f"{self.path}: samples of '{name}' have shape {array.shape}, expected ({expected})"
            )
        if array.dtype.name in ("int32", "int64"):
            return torch.from_numpy(np.ascontiguousarray(array, dtype=np.int64)).split(1)
        if array.dtype.kind != "f":
            raise InputError(
                f"{self.path}: samples of '{name}' are {array.dtype}, expected float32"
            )
        return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32)).split(1)


@dataclass(frozen=True)
class SampleFolder:
    """Samples in a folder: `.npy` files of shape (1, ...), (n, ...) or (...), or images.

    Images may lie in subfolders, such as one for each class. Of more than `limit` files every
    so-many-th is taken, over all of them in order of their paths. `preprocess` names how images
    become inputs; without it the model's own preprocessing is taken, or ImageNet's.
    """

    path: Path
    limit: int = 128
    preprocess: str | None = None

    def __post_init__(self) -> None:
        if self.preprocess is not None:
            preset(self.preprocess)

    def samples(
        self, inputs: Sequence[NamedShape], preprocessing: Preprocessing | None = None
    ) -> list[Sample]:
        """One tuple of a tensor of shape (1, ...) for each sample. Raises InputError."""
        if len(inputs) != 1:
            names = ", ".join(name for name, _ in inputs)
            raise InputError(
                f"{self.path} is a folder, the model has inputs {names}",
                hint="write an .npz with one array for each of them",
            )
        ((name, shape),) = inputs
        arrays = sorted(self.path.rglob("*.npy"))
        images = images_below(self.path)
        if arrays and images:
            raise InputError(f"{self.path} holds .npy files and images", hint="keep them apart")
        if arrays:
            return [
                sample
                for file in spread(arrays, self.limit)
                for sample in SampleFile(file).samples([(name, shape)])
            ]
        if not images:
            raise InputError(f"{self.path} holds neither .npy files nor images")
        load = chosen(self.preprocess, preprocessing).load
        return [(load(file, shape),) for file in spread(images, self.limit)]


SampleSource: TypeAlias = SampleFile | SampleFolder


def sample_source(path: Path, limit: int = 128, preprocess: str | None = None) -> SampleSource:
    """The samples at `path`, a folder or a file."""
    return SampleFolder(path, limit, preprocess) if path.is_dir() else SampleFile(path)


def spread(items: Sequence[Path], limit: int) -> list[Path]:
    """At most `limit` of the items, evenly over all of them."""
    count = min(limit, len(items))
    return [items[index * len(items) // count] for index in range(count)]


def as_samples(samples: Iterable[CalibrationSample]) -> list[Sample]:
    """Samples that Python code gave, as tuples of tensors.

    Raises InputError for anything that is no tensor and no array.
    """
    import torch

    return [
        tuple(
            _as_tensor(index, value)
            for value in ((sample,) if isinstance(sample, (torch.Tensor, np.ndarray)) else sample)
        )
        for index, sample in enumerate(samples)
    ]


def _as_tensor(index: int, value: Any) -> torch.Tensor:
    import torch

    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if isinstance(value, torch.Tensor):
        return value
    raise InputError(
        f"calibration sample {index} holds a {type(value).__name__}",
        hint="give tensors or numpy arrays, or tuples of them",
    )
