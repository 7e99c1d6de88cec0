"""Plays an image again and again: python play.py IMAGE RUNS, the program that callgrind counts.

It imports no more than the run time needs: under callgrind an import of PyTorch takes a minute.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from adfc.image import read_image
from adfc.runtime import LoadedProgram


def main(image: str, runs: str) -> None:
    """Run `image` on zeros `runs` times, on one array."""
    content = Path(image).read_bytes()
    tensors = read_image(content).io.inputs
    zeros = [np.zeros((*tensor.dims[:-1], tensor.valid), np.int8) for tensor in tensors]
    with LoadedProgram(content) as program:
        for _ in range(int(runs)):
            program.run(zeros)


if __name__ == "__main__":
    main(*sys.argv[1:])
