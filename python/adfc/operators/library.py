"""Kernels of adfc's own as the kernels of operators: how built-in operators say what they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Numbers: TypeAlias = Mapping[str, int]


@dataclass(frozen=True)
class Extents:
    """A kernel call: (rows, columns, channels) of an input's window and of the result; and where
    windows are cut, (rows, columns) of the kernel and of the stride between its calls."""

    input: tuple[int, int, int]
    output: tuple[int, int, int]
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)

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
    """

    kind: str
    config: Callable[[Extents, Numbers], dict[str, Any]]
    lowering: str
    clamps: bool = False
    language: Literal["library"] = "library"


def count_of(extents: Extents, _numbers: Numbers) -> dict[str, Any]:
    """The configuration of a kernel that knows only how many elements there are."""
    return {"count": extents.count}
