"""Samples from `.npy` and `.npz` files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from adfc.errors import InputError
from adfc.frontend.export import Sample

NamedShape = tuple[str, tuple[int, ...]]
"""Name and shape (1, ...) of a model input."""


@dataclass(frozen=True)
class SampleFile:
    """Samples for a model: `.npy` of shape (n, ...) for one input, `.npz` by name for several."""

    path: Path

    def samples(self, inputs: Sequence[NamedShape]) -> list[Sample]:
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
        if array.ndim != len(shape) or array.shape[1:] != shape[1:] or len(array) == 0:
            expected = ", ".join(["n", *(str(size) for size in shape[1:])])
            raise InputError(
                f"{self.path}: samples of '{name}' have shape {array.shape}, expected ({expected})"
            )
        if array.dtype.kind != "f":
            raise InputError(
                f"{self.path}: samples of '{name}' are {array.dtype}, expected float32"
            )
        return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32)).split(1)
