"""Runs the `adfc` command in this process, as its entry point does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cli_runner import Adfc, Outcome

from adfc.cli.main import main


@pytest.fixture
def adfc(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Adfc:
    def call(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["adfc", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            status = 0
        except SystemExit as stop:
            status = int(stop.code or 0)
        printed = capsys.readouterr()
        return Outcome(status, printed.out, printed.err)

    return call
