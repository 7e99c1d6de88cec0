"""What an `adf.kernel` of kind "c" says: a C++ function, what it takes, and its source files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adfc.ckernel.dtypes import Dtype, dtype
from adfc.errors import CompileError

KIND = "c"
"""The kind of such kernels."""

PORTS = (
    *("input_window", "output_window", "input_stream", "output_stream"),
    *("input_cascade", "output_cascade"),
)
SCALAR, ARRAY, SCRATCH = "parameter", "parameter_array", "scratch"
FORMS = (*PORTS, SCALAR, ARRAY, SCRATCH)


@dataclass(frozen=True)
class Argument:
    """One argument: its form (one of FORMS), and how many values of a type a call gets or gives."""

    form: str
    dtype: Dtype
    count: int

    @property
    def bytes(self) -> int:
        """Of the buffer that a call takes for it, in whole words."""
        return -(-self.count * self.dtype.bytes // 4) * 4

    @property
    def written(self) -> bool:
        """Whether a call writes to it."""
        return self.form.startswith("output_") or self.form == SCRATCH


@dataclass(frozen=True)
class CKernel:
    """A C++ function as a kernel.

    `sources` are files by name, the function's own first; the others are those it includes.
    """

    function: str
    arguments: tuple[Argument, ...]
    sources: tuple[tuple[str, str], ...]

    def config(self) -> dict[str, Any]:
        """The configuration of an `adf.kernel`; `read` gives back an equal CKernel."""
        return {
            "function": self.function,
            "arguments": [[a.form, a.dtype.name, a.count] for a in self.arguments],
            "sources": [list(source) for source in self.sources],
        }

    @staticmethod
    def read(name: str, config: Mapping[str, Any]) -> CKernel:
        """The kernel of a configuration. Raises CompileError that names it, for a malformed one."""
        try:
            arguments = tuple(
                Argument(str(form), dtype(str(kind)), int(count))
                for form, kind, count in config["arguments"]
            )
            sources = tuple((str(file), str(text)) for file, text in config["sources"])
            kernel = CKernel(str(config["function"]), arguments, sources)
        except (KeyError, TypeError, ValueError) as error:
            raise CompileError(
                f"kernel '{name}': not a configuration of kind c: {error}"
            ) from error
        forms = [a.form for a in arguments if a.form not in FORMS or a.count < 1]
        if forms or not sources or not kernel.function.isidentifier():
            raise CompileError(f"kernel '{name}': not a configuration of kind c")
        return kernel
