"""Where a C compiler finds adfc.h and its library."""

from __future__ import annotations

import shlex
from pathlib import Path

from adfc._native import native_file


def include_folder() -> Path:
    """The folder for -I. Raises AdfcError where adfc has not been built."""
    return native_file("include/adfc/adfc.h").parents[1]


def shared_library() -> Path:
    """libadfc_runtime.so; raises as `include_folder`."""
    return native_file("libadfc_runtime.so")


def static_library() -> Path:
    """libadfc.a; raises as `include_folder`."""
    return native_file("lib/libadfc.a")


def cflags() -> str:
    """Flags to compile with, quoted for a shell."""
    return shlex.join([f"-I{include_folder()}"])


def libs(*, static: bool = False) -> str:
    """Flags to link with, quoted for a shell. The shared library's folder becomes a run path."""
    if static:
        return shlex.join([str(static_library())])
    folder = shared_library().parent
    return shlex.join([f"-L{folder}", f"-Wl,-rpath,{folder}", "-ladfc_runtime"])
