"""Kernels of adfc's own as the kernels of operators: how built-in operators say what they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = Mapping[str, int]
Constant: TypeAlias = NDArray[Any] | None


@dataclass(frozen=True)
class Extents:
    """A kernel call: (rows, columns, channels) of an input's window and of the result; and where
    windows are cut, (rows, columns) of the kernel and of the stride between its calls. `lengths`:
    elements of the last axis of an input and of the result that count; channels are in whole words.
    """

    input: tuple[int, int, int]
    output: tuple[int, int, int]
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    lengths: tuple[int, int] = (0, 0)

    @property
    def count(self) -> int:
        """Elements of the result."""
        rows, columns, channels = self.output
        return rows * columns * channels


@dataclass(frozen=True)
class LibraryKernel:
    """A kernel that the compiler builds itself: `kind` is one of lib/Kernels/README.md.

    `config` makes its configuration of a call's extents and of the operator's parameters
    (`Integers.parameters`). `lowering` is the module that writes TOSA for the operator; it has
    `check(node)` and `emit(emission, node)` (adfc.frontend.emit.registry). `clamps`: a clamp that
    follows becomes part of the call. A kernel that has immediates gets the rows and columns of
    padding in its windows: top, bottom, left, right.

    `weights` makes the block of weights of a call, where it depends on which channels the call
    makes: from the operator's constant, its parameters, and the first and the number of channels
    (which may reach past the last); without it, calls get the whole constant. `weights_axis`: the
    operator has weights, with a scale for each index of that axis. `steps`: how often a call goes
    over its data, from its configuration, where that is part of its cost (`Cost.per_read`).
    """

    kind: str
    config: Callable[[Extents, Numbers], dict[str, Any]]
    lowering: str
    clamps: bool = False
    weights: Callable[[Constant, Numbers, int, int], NDArray[np.uint8]] | None = None
    weights_axis: int | None = None
    steps: Callable[[Mapping[str, Any]], int] | None = None
    language: Literal["library"] = "library"


def count_of(extents: Extents, _numbers: Numbers) -> dict[str, Any]:
    """The configuration of a kernel that knows only how many elements there are."""
    return {"count": extents.count}
