"""Every error that adfc raises on purpose.

An `AdfcError` is the user's to read: its text is a clear line that names the place and, in
`hint`, the way out. The command line prints it without a traceback and exits non-zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class AdfcError(Exception):
    """Base of all errors of adfc.

    `message` says what is wrong and where; `hint`, where there is one, says what to do about it.
    `str(error)` is both, in one line.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}; {self.hint}"


class ModelError(AdfcError):
    """The model cannot be read, exported, or expressed (dynamic shapes, bad file, wrong rank)."""


class InputError(AdfcError):
    """A value handed in by the user is wrong: shape, dtype, not finite, missing calibration."""


class CapacityError(AdfcError):
    """Something does not fit: names the resource and by how much it is exceeded."""


class CompileError(AdfcError):
    """A compiler pass refused the program."""


class UnroutableError(CompileError):
    """The streams of a schedule found no way over the array; another one's may.

    `segment`: of a pipelined program, where it has several.
    """

    def __init__(self, message: str, *, segment: int | None = None) -> None:
        super().__init__(message)
        self.segment = segment


class ImageError(AdfcError):
    """A program image is damaged, truncated, of another version, or fails verification."""


class DeviceError(AdfcError):
    """A device is unknown, or lacks what was asked of it (tiles, columns, memories)."""


class ExecutionError(AdfcError):
    """A program stopped with a fault, `cycles` array cycles after its start.

    `control_cycles` of them were register accesses; the others were waited.
    """

    def __init__(self, message: str, *, cycles: int = 0, control_cycles: int = 0) -> None:
        super().__init__(message)
        self.cycles = cycles
        self.control_cycles = control_cycles


class ToolError(AdfcError):
    """An external tool is missing, failed, or took too long."""


@dataclass(frozen=True)
class UnsupportedOp:
    """One operator that cannot be compiled.

    `op` is the ATen name ("aten.gelu.default"), `module_path` the path of the module that calls
    it ("encoder.0", empty at the root), `source` the user's "file:line" (empty where unknown),
    `reason` what is wrong with it, `hint` what to do.
    """

    op: str
    module_path: str
    source: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.op} in {self.module_path or 'the top module'}"
        if self.source:
            place += f" ({self.source})"
        text = f"{place}: {self.reason}"
        return f"{text}; {self.hint}" if self.hint else text


class UnsupportedOpError(AdfcError):
    """The model uses operators that cannot be compiled; `ops` lists every one of them."""

    def __init__(self, ops: Sequence[UnsupportedOp]) -> None:
        if len(ops) == 1:
            message = f"unsupported operator {ops[0]}"
        else:
            lines = "".join(f"\n  {op}" for op in ops)
            message = f"{len(ops)} unsupported operators:{lines}"
        super().__init__(message)
        self.ops = tuple(ops)
