"""Types of the values that kernels read and write, by their names in adf.h."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from adfc.errors import InputError


@dataclass(frozen=True)
class Dtype:
    """A type of values: `name` as in adf.h, `base` of numpy, `parts` 2 for complex numbers.

    In numpy a complex value is a last axis of 2: real, imaginary.
    """

    name: str
    base: str
    parts: int = 1

    @property
    def numpy(self) -> np.dtype[Any]:
        """Numpy's type of one part."""
        return np.dtype(self.base)

    @property
    def bytes(self) -> int:
        """Of one value."""
        return self.numpy.itemsize * self.parts


_SCALARS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32")
_COMPLEX = ("int16", "int32", "int64")
_ALL = {
    **{name: Dtype(name, name) for name in _SCALARS},
    **{f"c{name}": Dtype(f"c{name}", name, 2) for name in _COMPLEX},
    "float": Dtype("float", "float32"),
    "acc32": Dtype("acc32", "int32"),
    "acc64": Dtype("acc64", "int64"),
    "cacc32": Dtype("cacc32", "int32", 2),
    "cacc64": Dtype("cacc64", "int64", 2),
}


def dtype(name: str) -> Dtype:
    """The type of that name. Raises InputError for another name."""
    if name not in _ALL:
        raise InputError(f"there is no type '{name}' in adf.h", hint=f"use {', '.join(_ALL)}")
    return _ALL[name]
