"""The compiled part of adfc: libADFC, libadfc_runtime, the extension `_adfc` and adf-opt.

In a wheel they lie in this folder. In a source checkout they lie in the build tree's
`python/adfc/_native`, which tools/setup puts on the module search path.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

from adfc.errors import AdfcError

__path__ += [
    str(folder)
    for entry in sys.path
    if (folder := Path(entry) / "adfc" / "_native").is_dir() and str(folder) not in __path__
]


def native_file(name: str) -> Path:
    """Return the path of a built file, such as "libADFC.so", "bin/adf-opt" or "lib/libx.a".

    Raises AdfcError where it has not been built.
    """
    for folder in map(Path, __path__):
        # A build tree has its executables in <build>/bin, two folders above python/adfc.
        for path in (folder / name, folder.parents[2] / name):
            if path.is_file():
                return path
    raise AdfcError(f"{name} has not been built", hint="run tools/setup, or pip install adfc")


def run_adf_opt() -> NoReturn:
    """Become adf-opt, with this process's arguments (the entry point of the wheel)."""
    program = native_file("bin/adf-opt")
    os.execv(program, [str(program), *sys.argv[1:]])
