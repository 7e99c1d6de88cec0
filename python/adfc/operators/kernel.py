"""The ways to say what a kernel does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from adfc.errors import InputError
from adfc.operators.library import LibraryKernel


@dataclass(frozen=True)
class CKernel:
    """A kernel in C11, compiled by clang for each instruction set; `function` is its name.

    It takes `const int8_t *` for each input, `const uint8_t *` for the constant where there is
    one, `int8_t *` for the result, `uint8_t *` for scratch memory where there is some, and then
    `int32_t` numbers that go with the tiling: elements (elementwise), rows (rows), or rows and
    columns of the result (windows). It may include <stdint.h>, <stddef.h> and headers of
    intrinsics; it has no libc, no variables, and calls nothing that is not in `source`.
    """

    source: str
    function: str
    language: Literal["c"] = "c"

    @staticmethod
    def read(path: Path, function: str) -> CKernel:
        """The kernel in a file. Raises InputError where it cannot be read."""
        return CKernel(_text(path), function)


@dataclass(frozen=True)
class MlirKernel:
    """A kernel in MLIR: one func.func @`function` of linalg, vector, scf, arith and memref.

    It takes a memref for each input, the constant where there is one, the result and scratch
    memory where there is some. `${NAME}` stands for a number, so that their types are static:
    `memref<${ROWS}x${IN_PITCH}xi8>`. A type must have as many bytes as the buffer has.
    """

    source: str
    function: str
    language: Literal["mlir"] = "mlir"

    @staticmethod
    def read(path: Path, function: str) -> MlirKernel:
        """The kernel in a file. Raises InputError where it cannot be read."""
        return MlirKernel(_text(path), function)


@dataclass(frozen=True)
class Composition:
    """No kernel of its own: `function` computes it by operators that adfc has.

    It takes what the PyTorch operator takes, and is put in its place before quantization.
    """

    function: Callable[..., Any]


Kernel: TypeAlias = CKernel | MlirKernel | Composition | LibraryKernel


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the kernel {path} cannot be read: {error}") from error
