"""The engine takes the same instructions for a program in each run and each process."""

import shutil
from pathlib import Path

import pytest

import adfc
from adfc.bench.callgrind import count_instructions
from adfc.runtime import verify


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
def test_every_run_takes_the_same_instructions(digits: adfc.Program, tmp_path: Path) -> None:
    """More than one for each control instruction, and fewer than with the array's emulation."""
    image = tmp_path / "digits.rimfs"
    digits.save(image)
    first, second = count_instructions(image, runs=3, processes=2)
    assert first == second
    assert len(set(first.engine)) == len(set(first.whole)) == 1
    assert verify(digits.image).run.instructions < first.engine[0] < first.whole[0]
