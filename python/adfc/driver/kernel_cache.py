"""Kernel code that was compiled before, by the hash of what it was compiled from.

One file for each kernel and instruction set in `$XDG_CACHE_HOME/adfc/kernels` (else
`~/.cache/adfc/kernels`): the SHA-256 of the code, then the code. A file is written beside its place
and renamed, so that processes may share the folder; one that is damaged counts as absent. When all
files together exceed a limit, those that were used longest ago go.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from adfc._native import native_file

FORMAT = 1
"""Goes up when the meaning of a key or of a file changes."""

LIMIT_BYTES = 256 << 20
LIMIT_FILES = 16 << 10
"""Of all files: some hundred networks' kernels. Looking at so many files takes some hundredths of a
second, which each compilation spends that adds to them."""

_DIGEST_BYTES = 32


def default_folder() -> Path:
    """The user's cache folder for kernels, by the XDG base directory specification."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # A relative path is to be ignored, says the specification.
    root = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    return root / "adfc" / "kernels"


@cache
def _compiler() -> bytes:
    """A hash that changes with the compiler: our library, and the LLVM that it is linked to."""
    digest = hashlib.sha256(f"adfc kernels {FORMAT}\n".encode())
    digest.update(native_file("libADFC.so").read_bytes())
    for path in _mapped_llvm():
        status = path.stat()
        digest.update(f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.digest()


def _mapped_llvm() -> list[Path]:
    """The LLVM and MLIR libraries in this process (Linux); none where that cannot be told."""
    try:
        lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    paths = {line.split(maxsplit=5)[5] for line in lines if line.count("/")}
    names = ("libLLVM", "libMLIR")
    return sorted(Path(p) for p in paths if Path(p).name.startswith(names) and Path(p).is_file())


@dataclass(frozen=True)
class KernelCache:
    """A folder of compiled kernels. What goes wrong with it is a miss, never an error.

    A folder that others may write to is not read: the code in it is executed.
    """

    folder: Path
    limit: int = LIMIT_BYTES
    most: int = LIMIT_FILES

    @staticmethod
    def default() -> KernelCache:
        """The user's cache."""
        return KernelCache(default_folder())

    def key(self, specification: str, isa: str) -> str:
        """The name of the kernel with this canonical specification on an instruction set."""
        digest = hashlib.sha256(_compiler())
        digest.update(f"{isa}\n{specification}".encode())
        return digest.hexdigest()

    def get(self, key: str) -> bytes | None:
        """The code of that key, None where it is not there."""
        path = self.folder / key
        try:
            if not self._is_private():
                return None
            content = path.read_bytes()
            if hashlib.sha256(content[_DIGEST_BYTES:]).digest() != content[:_DIGEST_BYTES]:
                return None
            os.utime(path)
        except OSError:
            return None
        return content[_DIGEST_BYTES:]

    def put(self, key: str, code: bytes) -> None:
        """Keep the code of that key, where the folder can be written."""
        temporary: Path | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._is_private():
                return
            handle, name = tempfile.mkstemp(prefix=".", dir=self.folder)
            temporary = Path(name)
            with os.fdopen(handle, "wb") as stream:
                stream.write(hashlib.sha256(code).digest() + code)
            temporary.replace(self.folder / key)
        except OSError:
            if temporary is not None:
                temporary.unlink(missing_ok=True)

    def trim(self) -> None:
        """Delete the files used longest ago until the rest is within the limits."""
        files: list[tuple[int, int, str]] = []
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    status = entry.stat()
                    files.append((status.st_mtime_ns, status.st_size, entry.path))
            size, count = sum(file[1] for file in files), len(files)
            if size <= self.limit and count <= self.most:
                return
            for _, bytes_, path in sorted(files):
                if size <= self.limit and count <= self.most:
                    return
                Path(path).unlink(missing_ok=True)
                size, count = size - bytes_, count - 1
        except OSError:
            return  # another process trims at the same time

    def _is_private(self) -> bool:
        status = self.folder.stat()
        return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
