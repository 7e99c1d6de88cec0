"""examples/c/infer.c: built by gcc and clang against the package, it gives Python's outputs."""

import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import adfc
from adfc import capi

COMPILERS = [name for name in ("gcc", "clang-22", "clang") if shutil.which(name)]
STRICT = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-O1"]


@pytest.fixture(scope="module", params=[(c, s) for c in COMPILERS for s in (False, True)], ids=str)
def infer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, repository: Path
) -> Path:
    """The example, by one compiler, with the shared or the static library."""
    compiler, static = request.param
    program = tmp_path_factory.mktemp("build") / "infer"
    source = repository / "examples" / "c" / "infer.c"
    flags = [*shlex.split(capi.cflags()), str(source), *shlex.split(capi.libs(static=static))]
    subprocess.run([compiler, *STRICT, *flags, "-o", program], check=True)
    return program


def run(program: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *files], capture_output=True, text=True, timeout=60, check=False
    )


def test_output_and_counters_are_python_s(
    infer: Path, image: Path, example: NDArray[np.float32], tmp_path: Path
) -> None:
    example.tofile(tmp_path / "x.raw")
    done = run(infer, image, tmp_path / "x.raw", tmp_path / "y.raw")
    assert done.returncode == 0, done.stderr
    program = adfc.Program.load(image)
    first = program.run_detailed(example)
    steady = program.run_detailed(example, keep_state=True)
    found = np.fromfile(tmp_path / "y.raw", np.float32)
    np.testing.assert_array_equal(found, steady.outputs[0].ravel())
    load = first.run.load.cycles if first.run.load else 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"first: {first.cycles} cycles (and {load} to load), ")
    assert lines[1].startswith(f"steady: {steady.cycles} cycles (and 0 to load), ")


def test_what_is_wrong_is_one_line(
    infer: Path, image: Path, example: NDArray[np.float32], tmp_path: Path
) -> None:
    x, y, damaged = tmp_path / "x.raw", tmp_path / "y.raw", tmp_path / "damaged.rimfs"
    example.tofile(x)
    content = bytearray(image.read_bytes())
    content[-200] ^= 4
    damaged.write_bytes(content)
    example[0].tofile(tmp_path / "short.raw")
    np.full_like(example, np.nan).tofile(tmp_path / "nan.raw")
    for files, message in (
        ((damaged, x, y), "damaged.rimfs: section"),
        ((tmp_path / "missing", x, y), "missing: cannot be read"),
        ((image, x), "a file for each input and output"),
        ((image, image, y), "another size than the model's input"),
        ((image, tmp_path / "nan.raw", y), "a wrong argument"),
    ):
        done = run(infer, *files)
        assert done.returncode == 1
        assert message in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert not y.exists()
