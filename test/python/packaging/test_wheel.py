"""`pip install .`: a wheel built by scikit-build-core works outside the checkout."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from itertools import product
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A virtual environment with adfc installed by pip, without the packages it depends on."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    install = [folder / "bin" / "python", "-m", "pip", "install", "--no-deps", repository]
    subprocess.run(install, check=True, cwd=folder)
    return folder


def run(environment: Path, *words: str) -> str:
    """Run a program of the environment; the dependencies come from the checkout's environment."""
    variables = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")}
    command = [str(environment / "bin" / words[0]), *words[1:]]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=variables, cwd=environment
    )
    return done.stdout


def test_compiled_parts_come_from_the_wheel(environment: Path) -> None:
    for name in ("libADFC.so", "libadfc_runtime.so"):
        code = f"from adfc._native import native_file; print(native_file('{name}'))"
        path = run(environment, "python", "-c", code).strip()
        assert Path(path).is_relative_to(environment)


def test_adf_opt_runs(environment: Path) -> None:
    assert "LLVM" in run(environment, "adf-opt", "--version")


def test_a_model_compiles_and_runs(environment: Path) -> None:
    run(environment, "adfc", "compile", "digits", "-o", "digits.rimfs")
    assert (environment / "digits.rimfs").read_bytes()[:4] == b"RIMF"
    printed = json.loads(run(environment, "adfc", "run", "digits.rimfs", "--json"))
    assert printed["cycles"] > 0


def test_a_c_program_is_built_against_the_wheel(environment: Path, repository: Path) -> None:
    run(environment, "adfc", "compile", "digits", "-o", "c.rimfs")
    (environment / "x.raw").write_bytes(bytes(4 * 64))
    for compiler, option in product(("gcc", "clang-22"), ((), ("--static",))):
        flags = run(environment, "adfc", "config", "--cflags", "--libs", *option).split()
        assert all(str(environment) in flag for flag in flags if flag.startswith(("-I", "-L", "/")))
        source = str(repository / "examples" / "c" / "infer.c")
        command = [compiler, source, *flags, "-o", str(environment / "infer")]
        subprocess.run(command, check=True, cwd=environment)
        subprocess.run(
            [environment / "infer", "c.rimfs", "x.raw", "y.raw"], check=True, cwd=environment
        )
        assert (environment / "y.raw").stat().st_size == 4 * 10


def test_specifications_are_in_the_wheel(environment: Path) -> None:
    code = "from adfc.spec import devices; print(devices.load('ve2802').name)"
    assert run(environment, "python", "-c", code).strip() == "ve2802"
    assert sys.prefix not in run(environment, "python", "-c", "import adfc; print(adfc.__file__)")
