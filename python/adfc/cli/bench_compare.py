"""`adfc bench compare`: what got worse between two records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adfc.bench import compare
from adfc.cli.console import output, print_json
from adfc.driver.files import read_file
from adfc.errors import AdfcError, InputError


def bench_compare(files: Sequence[Path], tolerance: float, *, json_output: bool) -> None:
    """Compare two records. Raises AdfcError where something got worse."""
    if len(files) != 2:
        raise InputError("compare takes two files", hint="adfc bench compare OLD.json NEW.json")
    old, new = (_record(path) for path in files)
    changes = compare(old, new, tolerance)
    if json_output:
        shown = [
            {"program": c.program, "figure": c.figure, "old": c.old, "new": c.new, "worse": c.worse}
            for c in changes
        ]
        print_json({"changes": shown})
    else:
        for c in changes:
            mark = "WORSE" if c.worse else "     "
            output.print(
                f"{mark} {c.program}: {c.figure} {c.old:,.6g} -> {c.new:,.6g} ({c.relative:+.2%})",
                markup=False,
            )
        if not changes:
            output.print("no figure differs")
    worse = [change for change in changes if change.worse]
    if worse:
        raise AdfcError(f"{len(worse)} figures got worse, the first is {worse[0].figure}")


def _record(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_file(path))
    except ValueError as error:
        raise InputError(f"{path} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise InputError(f"{path} is no record of adfc bench")
    return found
