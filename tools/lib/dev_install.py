"""Install this checkout into the running virtual environment, without copying it.

Usage: dev_install.py ROOT BUILD. Writes what `pip install` would (metadata and the scripts of
pyproject.toml), but a .pth file points at ROOT/python and BUILD/python, so that an edit needs no
new installation.
"""

import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

LAUNCHER = """\
#!{python}
import sys

from {module} import {function}

sys.exit({function}())
"""


def write_if_changed(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write `text` to `path` unless it stands there already."""
    if path.is_symlink() or not path.is_file() or path.read_text() != text:
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    path.chmod(mode)


def link_if_changed(path: Path, target: Path) -> None:
    """Make `path` a symbolic link to `target` unless it is one."""
    if not path.is_symlink() or path.readlink() != target:
        path.unlink(missing_ok=True)
        path.symlink_to(target)


def write_metadata(project: dict[str, Any], packages: Path) -> None:
    """Write the .dist-info folder, by which importlib.metadata finds version and entry points."""
    info = packages / f"{project['name']}-{project['version']}.dist-info"
    for old in packages.glob(f"{project['name']}-*.dist-info"):
        if old != info:
            for file in old.iterdir():
                file.unlink()
            old.rmdir()
    groups = {"console_scripts": project["scripts"], **project.get("entry-points", {})}
    sections = (
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in entries.items())
        for group, entries in groups.items()
    )
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    write_if_changed(info / "METADATA", metadata)
    write_if_changed(info / "entry_points.txt", "\n".join(sections))


def install(root: Path, build: Path) -> None:
    """Make this environment use the package in `root` and the compiled parts in `build`."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    packages = Path(sysconfig.get_path("purelib"))
    scripts = Path(sysconfig.get_path("scripts"))
    write_if_changed(packages / "adfc-checkout.pth", f"{root / 'python'}\n{build / 'python'}\n")
    write_metadata(project, packages)
    for name, target in project["scripts"].items():
        script, program = scripts / name, build / "bin" / name
        if program.is_file():  # adf-opt itself starts several times as fast as by way of Python
            link_if_changed(script, program)
            continue
        module, function = target.split(":")
        text = LAUNCHER.format(python=sys.executable, module=module, function=function)
        write_if_changed(script, text, mode=0o755)


if __name__ == "__main__":
    install(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute())
