"""Commands that need no PyTorch do not import it: importing it takes seconds, and most errors and
all questions about a program that is compiled already are answered without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from adfc.cli.commands import COMMANDS

SCRIPT = """
import sys
from adfc.cli.main import main

heavy = {"torch", "torchao", "torchvision"}
for line in sys.stdin:
    *words, status = line.split()
    sys.argv = ["adfc", *words]
    try:
        main()
        ended = 0
    except SystemExit as stop:
        ended = int(stop.code or 0)
    assert ended == int(status), (words, ended)
    assert not heavy & sys.modules.keys(), words
"""


def _start(folder: Path, lines: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input="\n".join(lines),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_help_and_errors_need_no_torch(tmp_path: Path) -> None:
    lines = ["--help 0", "--version 0", "doctor --json 0", "config --cflags 0"]
    lines += [f"{name} --help 0" for name in COMMANDS]
    lines += [
        "compil x 2",
        "report --htm 2",
        "run no.rimfs 1",
        "fit no.pt2 1",
        "compile no.py:net -o x.rimfs 1",
        "compile resnet88 -o x.rimfs 1",
        "bench no.rimfs 1",
        "compile digits -o no/x.rimfs 1",
        "fit digits --device ve2801 1",
    ]
    _start(tmp_path, lines)


def test_a_compiled_program_needs_no_torch(tmp_path: Path, repository: Path) -> None:
    """Not even compiling does, where the model is a data-flow graph."""
    graph = repository / "examples/graphs/scale.py"
    _start(
        tmp_path,
        [
            f"compile {graph} -o m.rimfs 0",
            "run m.rimfs 0",
            "report m.rimfs 0",
            "report m.rimfs --html m.html 0",
            "report m.rimfs --plot array -o m.svg 0",
            "trace m.rimfs -o m.json 0",
            "explain m.rimfs@0 0",
            "diff m.rimfs m.rimfs 0",
            "verify m.rimfs 0",
            "dump m.rimfs -o m.txt 0",
            "bench m.rimfs --json 0",
        ],
    )


def test_summaries_fit_their_lines() -> None:
    """Eighty characters, of which names and margins take fourteen."""
    assert [name for name, entry in COMMANDS.items() if len(entry.summary) > 66] == []
