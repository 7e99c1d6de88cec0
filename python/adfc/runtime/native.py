"""Native programs: an image's control blocks compiled to RHAL calls, in a shared library."""

from __future__ import annotations

import ctypes
from pathlib import Path

from adfc.errors import ImageError
from adfc.runtime.library import NativeFunction, library

ENTRY, LOAD = "adfc_native_program", "adfc_native_load"


class NativeProgram:
    """A shared library with `int adfc_native_program(void)`, which makes the program's RHAL calls.

    `int adfc_native_load(void)`, where the image has a load program, makes that one's: `load`.

    Its unresolved rhal_* symbols are found in libadfc_runtime. Stays loaded for the process's life.
    Raises ImageError where it cannot be loaded, or has no such function.
    """

    def __init__(self, path: Path) -> None:
        library()
        try:
            self._library = ctypes.CDLL(str(path.resolve()), mode=ctypes.RTLD_LOCAL)
            self.entry = NativeFunction((ENTRY, self._library))
            has_load = hasattr(self._library, LOAD)
            self.load = NativeFunction((LOAD, self._library)) if has_load else NativeFunction()
        except (OSError, AttributeError) as error:
            raise ImageError(f"{path} is no native program: {error}") from error
