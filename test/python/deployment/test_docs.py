"""docs/deployment-api.md: its commands and its Python work as printed, one after the other."""

import os
import re
import subprocess
import sys
from pathlib import Path


def test_commands_work_as_printed(repository: Path, tmp_path: Path) -> None:
    text = (repository / "docs" / "deployment-api.md").read_text()
    python = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (shell,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    (compiling,) = re.findall(r"^    (adfc compile .*)$", text, re.MULTILINE)
    source = repository / "examples" / "c" / "infer.c"
    (tmp_path / "infer.c").write_text(source.read_text())
    command = tmp_path / "bin" / "adfc"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m adfc.cli.main "$@"\n')
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}"}
    for words in (
        ["sh", "-ec", compiling],
        *([sys.executable, "-c", block] for block in python[:1]),
        ["sh", "-ec", shell],
        *([sys.executable, "-c", block] for block in python[1:]),
    ):
        subprocess.run(words, cwd=tmp_path, env=environment, check=True)


def test_every_function_is_named(repository: Path) -> None:
    """What adfc.h declares is in the table of steps, or told in the text."""
    text = (repository / "docs" / "deployment-api.md").read_text()
    header = (repository / "runtime" / "include" / "adfc" / "adfc.h").read_text()
    functions = re.findall(r"^ADFC_API [\w *]*?\b(adfc_\w+)\(", header, re.MULTILINE)
    assert len(functions) > 15
    counts = {"adfc_input_count", "adfc_output_count"}
    assert [name for name in functions if name not in text and name not in counts] == []
