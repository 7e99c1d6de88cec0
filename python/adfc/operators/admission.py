"""Which packages have passed the admission test, by the hash of their files.

`adfc op check` leaves a record for each package that it passes, named by the package's digest, in
`$XDG_STATE_HOME/adfc/operators` (else `~/.local/state/adfc/operators`). A package that changes has
another digest, and so no record.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import adfc
from adfc.driver.files import write_atomically

CHECKS = 1
"""Goes up when the admission test becomes stricter: packages are to be tested again."""


def folder() -> Path:
    """Where the records are, by the XDG base directory specification."""
    base = os.environ.get("XDG_STATE_HOME", "")
    root = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state"
    return root / "adfc" / "operators"


def is_admitted(digest: str) -> bool:
    """Whether a package with these files has passed the test of this version of adfc."""
    try:
        record: Any = json.loads((folder() / f"{digest}.json").read_text(encoding="utf-8"))
        return (record["adfc"], record["checks"]) == (adfc.__version__, CHECKS)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def admit(digest: str, name: str) -> None:
    """Note that a package has passed. Raises InputError where the record cannot be written."""
    folder().mkdir(parents=True, exist_ok=True)
    record = {"adfc": adfc.__version__, "checks": CHECKS, "package": name}
    write_atomically(folder() / f"{digest}.json", (json.dumps(record) + "\n").encode())


def withdraw(digest: str) -> None:
    """Forget that a package has passed."""
    (folder() / f"{digest}.json").unlink(missing_ok=True)
