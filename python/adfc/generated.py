"""Keeps documents of which a part is generated: rewrites them, or tells which are out of date."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path


def keep(
    module: str,
    summary: str,
    what: str,
    files: Iterable[Path],
    fresh: Callable[[str], str],
    arguments: Sequence[str] | None = None,
) -> int:
    """The command `python -m MODULE [--check]`; returns the exit status.

    `fresh` makes a file's text from the text that it has, `what` names its generated parts. With
    --check a file that differs is named and the status is 1; without it the file is rewritten.
    """
    parser = argparse.ArgumentParser(prog=module, description=summary)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if out of date")
    options = parser.parse_args(arguments)
    stale = 0
    for path in files:
        text = path.read_text(encoding="utf-8")
        wanted = fresh(text)
        if wanted == text:
            continue
        stale += 1
        if options.check:
            print(f"{path}: its {what} are out of date; run python -m {module}")
        else:
            path.write_text(wanted, encoding="utf-8")
    return 1 if options.check and stale else 0
