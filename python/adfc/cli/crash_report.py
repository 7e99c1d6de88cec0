"""`--crash-report FILE`: what is needed to repeat a compilation that went wrong, in one file.

The file is written anew before each pass, so that it is there even if the process dies in one.
"""

from __future__ import annotations

import io
import json
import sys
import traceback
import zipfile
from pathlib import Path
from typing import Any, Protocol

from adfc.bench import environment
from adfc.driver.files import write_atomically
from adfc.driver.ir import Ir

_README = """\
A compilation by adfc, to be repeated:

  input.mlir    the model as TOSA: adfc compile input.mlir, with the options of report.json
  before.mlir   the IR before the pass that ran last; to run that alone:
                adf-opt --pass-pipeline='builtin.module(PASS)' before.mlir
  report.json   the command line, the passes so far, versions, and the error
"""
_DATE = (1980, 1, 1, 0, 0, 0)  # of all entries: equal contents give equal bytes


class Report(Protocol):
    """What a compilation tells as it goes on."""

    def given(self, tosa: str) -> None:
        """The compiler's input is known."""

    def before_pass(self, name: str, module: Ir) -> None:
        """A pass is about to run."""


class NoReport:
    """Nothing is kept."""

    def given(self, tosa: str) -> None:
        """The compiler's input is known."""

    def before_pass(self, name: str, module: Ir) -> None:
        """A pass is about to run."""


class CrashReport:
    """Collects the contents of the file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._input = ""
        self._before = ""
        self._report: dict[str, Any] = {
            "command": sys.argv[1:],
            "environment": environment(),
            "passes": [],
            "state": "before the first pass",
        }

    def given(self, tosa: str) -> None:
        """The compiler's input is known."""
        self._input = tosa
        self._write()

    def before_pass(self, name: str, module: Ir) -> None:
        """A pass is about to run."""
        self._before = module.text()
        self._report["passes"].append(name)
        self._report["state"] = f"in pass {name}"
        self._write()

    def failed(self, error: BaseException) -> None:
        """The compilation ended with an error."""
        self._report["error"] = "".join(traceback.format_exception(error))
        self._write()

    def finished(self) -> None:
        """The compilation ended well."""
        self._report["state"] = "finished"
        self._write()

    def _write(self) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in (
                ("README.txt", _README),
                ("input.mlir", self._input),
                ("before.mlir", self._before),
                ("report.json", json.dumps(self._report, indent=2)),
            ):
                archive.writestr(zipfile.ZipInfo(name, _DATE), text, zipfile.ZIP_DEFLATED)
        write_atomically(self._path, packed.getvalue())
