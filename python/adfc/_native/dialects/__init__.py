"""Operation classes of our dialects, generated from TableGen at build time.

In a wheel the generated files lie in this folder, in a source checkout in the build tree's.
"""

from pathlib import Path

from adfc import _native

__path__ += [
    str(folder)
    for entry in _native.__path__
    if (folder := Path(entry) / "dialects").is_dir() and str(folder) not in __path__
]
