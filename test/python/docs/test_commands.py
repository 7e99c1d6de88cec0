"""Commands that the documents print: every one exists with its options, and runs as it stands."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from adfc.cli.commands import COMMANDS
from adfc.cli.main import app, main
from adfc.driver.files import write_atomically

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
_COMMAND = re.compile(r"^ {4,}(adfc [^\n]*)$", re.MULTILINE)
_PLACEHOLDER = re.compile(
    r"\b(MODEL|FOLDER|SAMPLES|IMAGE|PACKAGE|WORD|TEXT|LEVEL)\b|[A-Z]\.\w|--host H\b|\["
)

ELSEWHERE = {
    "upload": "needs a board in a network: test/python/boards/test_network.py",
    "infer": "needs a board in a network: test/python/boards/test_network.py",
    "serve": "needs a board in a network: test/python/boards/test_network.py",
    "--board": "boots or builds for a board: test/python/boards",
    "resnet18": "as with smaller models, which other pages show",
}
"""What is not run here, by a word of the command: why."""

TESTED = {
    "graphs.md": "test/python/graph/test_commands.py",
    "deployment-api.md": "test/python/deployment/test_docs.py",
    "write-an-operator.md": "test/python/operators/test_write_an_operator.py",
}
"""Pages whose commands have tests of their own."""

GIVEN = {
    "see-it.md": (
        "adfc compile resnet8 -o m.rimfs",
        "cp m.rimfs old.rimfs",
        "cp m.rimfs new.rimfs",
    ),
    "bare-metal.md": ("adfc compile digits -o m.rimfs", "cp m.rimfs digits.rimfs"),
}
"""What a page's commands take for granted."""


def commands(page: Path) -> list[str]:
    """The page's commands, without what is said about them."""
    found = _COMMAND.findall(page.read_text(encoding="utf-8"))
    return [re.split(r"\s{2,}|\s#", line)[0].strip() for line in found]


def _options() -> dict[str, set[str]]:
    group = typer.main.get_command(app)
    return {
        name: {option for parameter in command.params for option in parameter.opts}
        | {option for parameter in command.params for option in parameter.secondary_opts}
        for name, command in ((name, group.get_command(None, name)) for name in COMMANDS)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_options_exist(page: Path) -> None:
    known = _options()
    for command in commands(page):
        words = re.findall(r"--?[\w-]+|\w+", command.partition("adfc ")[2])
        if words[0].startswith("--show"):
            continue  # of adfc itself
        assert words[0] in known, command
        for option in re.findall(r"(?<![\w-])(--[a-z][\w-]*)", command):
            assert option in known[words[0]] | {"--help"}, command


def _runnable() -> Iterator[Path]:
    for page in PAGES:
        if page.name not in TESTED and any(not _why_not(command) for command in commands(page)):
            yield page


def _why_not(command: str) -> str:
    if _PLACEHOLDER.search(command):
        return "a form, with names to be filled in"
    return next((why for word, why in ELSEWHERE.items() if word in command.replace("=", " ")), "")


@pytest.mark.parametrize("page", TESTED)
def test_tests_of_other_pages_are_there(page: str) -> None:
    assert page in (ROOT / TESTED[page]).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", list(_runnable()), ids=lambda page: page.name)
def test_commands_run(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    # Whoever reads the page has a shell; what runs the tests need not be one's child.
    monkeypatch.setattr("typer.completion._get_shell_name", lambda: "bash")
    for command in (*GIVEN.get(page.name, ()), *commands(page)):
        if not _why_not(command):
            _run(command, monkeypatch, capsys)


BOARD_PAGES = ("deploy.md", "add-a-board.md")
"""Pages of which the commands for boards run as they stand, too: each builds an ELF and boots."""


@pytest.mark.slow
@pytest.mark.parametrize("name", BOARD_PAGES)
def test_commands_of_boards_run(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    found = commands(ROOT / "docs" / name)
    on_boards = [command for command in found if "--board" in command]
    assert {command.split()[1] for command in on_boards} == {"deploy", "run"}
    for command in ("adfc compile digits -o digits.rimfs", *on_boards):
        _run(command, monkeypatch, capsys)


def _run(command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text, _, target = command.partition(" > ")
    words = shlex.split(text)
    if words[0] == "cp":
        write_atomically(Path(words[2]), Path(words[1]).read_bytes())
        return
    if words[1:3] == ["bench", "compare"]:  # of a measurement before and after: here the same one
        Path("old.json").write_bytes(Path("new.json").read_bytes())
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", words)
    try:
        main()
    except SystemExit as stop:
        assert not stop.code, f"{command}: {capsys.readouterr().err}"
    printed = capsys.readouterr().out
    if target:
        Path(target.strip()).write_text(printed)
