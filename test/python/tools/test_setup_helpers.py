"""tools/setup: an environment that was cut short is noticed; an installed checkout is complete."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

PYPROJECT = """\
[project]
name = "sample"
version = "1.2"
[project.scripts]
hello = "sample.main:main"
native = "sample.main:main"
[project.entry-points.sample_plugins]
plug = "sample.main"
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty virtual environment."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    return folder


def packages_of(environment: Path) -> Path:
    """Return the folder of installed packages."""
    (folder,) = environment.glob("lib/python*/site-packages")
    return folder


def run(environment: Path, *words: str | Path) -> str:
    """Run the environment's Python and return what it prints."""
    command = [environment / "bin" / "python", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=environment)
    return done.stdout


def add_package(environment: Path, name: str, version: str) -> Path:
    """Install a package of one module by hand, as pip would; return the module's path."""
    packages = packages_of(environment)
    module = packages / f"{name}.py"
    module.write_text("")
    info = packages / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text(f"{name}.py,,\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n")
    return module


def test_lacking_packages_are_named(environment: Path, repository: Path) -> None:
    add_package(environment, "whole", "1.0")
    add_package(environment, "local", "2.0+cpu")
    add_package(environment, "old", "1.0")
    add_package(environment, "damaged", "1.0").unlink()
    lock = environment / "lock.txt"
    lock.write_text("# a comment\nwhole==1.0\nlocal==2.0\nold==1.1\ndamaged==1.0\nabsent==3.0\n")
    printed = run(environment, repository / "tools/lib/venv_check.py", lock)
    assert printed.split() == ["old==1.1", "damaged==1.0", "absent==3.0"]


def test_checkout_is_installed_in_place(environment: Path, repository: Path) -> None:
    root, build = environment / "root", environment / "build"
    (root / "python/sample").mkdir(parents=True)
    (root / "pyproject.toml").write_text(PYPROJECT)
    main = root / "python/sample/main.py"
    main.write_text("def main():\n    print('hello')\n")
    program = build / "bin/native"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho native\n")
    program.chmod(0o755)
    install = repository / "tools/lib/dev_install.py"
    run(environment, install, root, build)
    run(environment, install, root, build)  # a second time changes nothing

    scripts = environment / "bin"
    assert subprocess.check_output([scripts / "hello"], text=True) == "hello\n"
    assert subprocess.check_output([scripts / "native"], text=True) == "native\n"
    main.write_text("def main():\n    print('edited')\n")
    assert subprocess.check_output([scripts / "hello"], text=True) == "edited\n"
    query = (
        "from importlib.metadata import entry_points, version;"
        "print(version('sample'), *(e.value for e in entry_points(group='sample_plugins')))"
    )
    assert run(environment, "-c", query) == "1.2 sample.main\n"


def test_new_version_replaces_the_old_metadata(environment: Path, repository: Path) -> None:
    root, install = environment / "next", repository / "tools/lib/dev_install.py"
    root.mkdir()
    for version in ("1.2", "1.3"):
        (root / "pyproject.toml").write_text(PYPROJECT.replace("1.2", version))
        run(environment, install, root, environment / "no-build")
    folders = [path.name for path in packages_of(environment).glob("sample-*.dist-info")]
    assert folders == ["sample-1.3.dist-info"]


def test_setup_refuses_unknown_options(repository: Path) -> None:
    command = [repository / "tools/setup", "--nonsense"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr == "setup: usage: tools/setup [--no-build]\n"


def test_requirements_are_pinned_and_agree_with_pyproject(repository: Path) -> None:
    lines = (repository / "requirements/lock.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(line.count("==") == 1 for line in pins)
    project = (repository / "pyproject.toml").read_text()
    exact = [
        line.strip(' ",')
        for line in project.splitlines()
        if line.startswith('    "') and "==" in line
    ]
    assert exact, "pyproject.toml pins nothing: this test reads it wrongly"
    assert set(exact) <= set(pins)
    assert sys.version_info >= (3, 11)
