"""Inputs and outputs of a program as `.npy` files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.errors import InputError
from adfc.model_io import TensorSpec


def load_inputs(specs: Sequence[TensorSpec], paths: Sequence[Path]) -> list[NDArray[Any]]:
    """One array for each input from its file.

    Shapes and dtypes are checked where the values are quantized. Raises InputError for a missing or
    damaged file, or where the number of files is not that of the inputs.
    """
    if len(paths) != len(specs):
        names = ", ".join(spec.name for spec in specs)
        raise InputError(f"{len(paths)} --input files, the model has the inputs {names}")
    return [_load(path) for path in paths]


def _load(path: Path) -> NDArray[Any]:
    try:
        content: Any = np.load(path, allow_pickle=False)
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist") from error
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"{path} is no .npy file: {error}", hint="write it with numpy.save"
        ) from error
    if not isinstance(content, np.ndarray):
        raise InputError(f"{path} holds several arrays", hint="write one array with numpy.save")
    return content


def fixed_inputs(specs: Sequence[TensorSpec]) -> list[NDArray[Any]]:
    """Noise over each input's whole range, the same on every call and machine."""
    random = np.random.default_rng(0)
    return [spec.noise(random) for spec in specs]


def npy_bytes(values: NDArray[Any]) -> bytes:
    """The content of an `.npy` file."""
    stream = io.BytesIO()
    np.save(stream, values, allow_pickle=False)
    return stream.getvalue()
