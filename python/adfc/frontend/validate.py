"""Strict TOSA 1.0 validation by MLIR's own pass."""

from __future__ import annotations

from pathlib import Path

from adfc.errors import ModelError
from adfc.external_tool import failure_text, find_tool, run_tool

TARGET = "profiles=pro_int extensions=int16,int4 specification_version=1.0 level=8k"
"""The TOSA target that a program must stay within. int16 and int4 are extensions."""

_MLIR_OPT = ("mlir-opt-22", "mlir-opt")
_DIRECTORIES = (Path("/usr/lib/llvm-22/bin"),)


def validate_strict(text: str) -> None:
    """Checks TOSA text against the 1.0 integer profile with extensions int16 and int4, level 8K.

    Raises ModelError where it violates the specification, ToolError where mlir-opt 22 is missing.
    """
    tool = find_tool(_MLIR_OPT, _DIRECTORIES, hint="install Debian's mlir-22-tools")
    passes = [
        f"--tosa-attach-target={TARGET}",
        "--tosa-validate=strict-op-spec-alignment",
        "-o",
        "/dev/null",
    ]
    result = run_tool(tool, passes, stdin=text)
    if result.returncode != 0:
        raise ModelError(f"not valid TOSA 1.0: {failure_text(result)}")
