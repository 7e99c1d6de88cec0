"""README: its Python example runs as printed, and it lists the commands and files there are."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from adfc.cli.commands import COMMANDS


@pytest.fixture(scope="module")
def readme(repository: Path) -> str:
    return (repository / "README.md").read_text()


def test_example_runs(readme: str, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    subprocess.run([sys.executable, "-c", example], cwd=tmp_path, check=True)
    assert (tmp_path / "m.rimfs").read_bytes()[:4] == b"RIMF"


def test_commands_are_those_of_the_program(readme: str) -> None:
    listed = re.findall(r"^    adfc (\w+) ", readme, re.MULTILINE)
    known = list(COMMANDS)
    assert sorted(set(listed)) == sorted(known)


def test_every_file_it_links_to_is_there(readme: str, repository: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert links
    assert [link for link in links if not (repository / link).exists()] == []


def test_tree_names_folders_that_are_there(readme: str, repository: Path) -> None:
    tree = readme.partition("## The tree")[2]
    folders = re.findall(r"^    ([\w/]+)/ ", tree, re.MULTILINE)
    assert folders
    assert [folder for folder in folders if not (repository / folder).is_dir()] == []
