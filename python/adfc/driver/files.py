"""Writing files so that nothing half-written is ever left behind."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from adfc.errors import InputError


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path` through a temporary file beside it and a rename.

    Raises `InputError` where the folder does not exist or cannot be written.
    """
    check_writable(path)
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written: {error.strerror}") from error


def check_writable(path: Path | None) -> None:
    """Raise InputError where `path` cannot be a file to write, before work is spent on it."""
    if path is None:
        return
    if path.parent.exists() and not path.parent.is_dir():
        raise InputError(f"{path}: {path.parent} is no folder")
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder {path.parent} does not exist", hint="create it first")
    if path.is_dir():
        raise InputError(f"{path} is a folder", hint="name a file")


def read_file(path: Path) -> bytes:
    """The bytes of `path`; `InputError` where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def portable_path(path: str) -> str:
    """`path` without what differs between machines: relative to the folder it is imported from.

    A file in no folder of Python's search path is named relative to the current folder where it
    lies in that, and as it is elsewhere.
    """
    if not path:
        return path
    file = Path(path)
    homes = [Path(entry) for entry in sys.path if entry and file.is_relative_to(entry)]
    if file.is_relative_to(Path.cwd()):
        homes.append(Path.cwd())
    home = max(homes, key=lambda folder: len(folder.parts), default=None)
    return str(file) if home is None else str(file.relative_to(home))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
