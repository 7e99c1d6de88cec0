"""docs/write-an-operator.md: the files and commands as printed, in under 100 lines, on a board."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def test_a_new_user_succeeds(repository: Path, tmp_path: Path) -> None:
    if shutil.which("qemu-system-aarch64") is None:
        pytest.skip("qemu-system-aarch64 is not installed")
    text = (repository / "docs" / "write-an-operator.md").read_text(encoding="utf-8")
    files = re.findall(r"^`([\w./-]+)`[^\n]*:\n\n```\w+\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    assert [name for name, _ in files] == [
        "adfc-leaky/pyproject.toml",
        "adfc-leaky/adfc_leaky.py",
        "model.py",
    ]
    (commands,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = sum(content.count("\n") for _, content in files) + commands.count("\n")
    assert lines < 100
    for name, content in files:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    commands = commands.replace("op check adfc-leaky", "op check adfc-leaky --boards versal")
    subprocess.run(["sh", "-exc", commands], cwd=tmp_path, env=_environment(tmp_path), check=True)
    assert (tmp_path / "app.elf").read_bytes()[:4] == b"\x7fELF"
    assert '"brightgreen"' in (tmp_path / "adfc-leaky-badge.json").read_text()


def _environment(folder: Path) -> dict[str, str]:
    """Packages are installed into a folder of the test's; `adfc` and `pip` are this Python's."""
    programs = folder / "bin"
    programs.mkdir()
    for name, module in (("adfc", "adfc.cli.main"), ("pip", "pip")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        (programs / name).chmod(0o755)
    paths = [str(folder / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": ":".join(paths),
        "PIP_TARGET": str(folder / "site"),
        "XDG_STATE_HOME": str(folder / "state"),
    }
