"""The run time builds, and passes its tests, where there is no MLIR."""

import subprocess
from pathlib import Path

import pytest


@pytest.mark.slow
def test_runtime_without_the_compiler(tmp_path: Path, repository: Path) -> None:
    for command in (
        ["cmake", "-G", "Ninja", "-S", repository, "-B", tmp_path, "-DADFC_COMPILER=OFF"],
        ["cmake", "--build", tmp_path],
        ["ctest", "--test-dir", tmp_path, "--output-on-failure", "--no-tests=error"],
    ):
        subprocess.run(command, check=True)
    assert not list(tmp_path.rglob("libADFC.so"))
