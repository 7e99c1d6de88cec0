"""Keeps the tables of sizes in README.md and docs/safety.md.

    python -m adfc.footprint.docs [--check]

A table stands between `<!-- footprint -->` and `<!-- end -->`. Without --check the files are
rewritten; with it, the command fails and names the file where one is out of date.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence

from adfc.footprint.measure import LIMITS, STACK_LIMIT, TARGETS, Footprint, measure
from adfc.spec.paths import spec_folder

_SECTION = re.compile(r"(<!-- footprint -->\n).*?(<!-- end -->)", re.DOTALL)
_FILES = ("README.md", "docs/safety.md")


def table(found: Mapping[str, Footprint]) -> str:
    """The sizes as a Markdown table, a row for each processor."""
    lines = [
        "| | code | limit | DDR check | tables | variables | heap | stack | limit |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, made in found.items():
        sizes = (made.text, LIMITS[name], made.ddr_check, made.tables, made.data, 0, made.stack)
        lines.append(f"| {name} | {' | '.join(map(str, sizes))} | {STACK_LIMIT} |")
    return "\n".join(lines)


def refreshed(text: str, found: Mapping[str, Footprint]) -> str:
    """A document with its tables of sizes made again."""
    return _SECTION.sub(lambda m: f"{m[1]}\n{table(found)}\n\n{m[2]}", text)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="adfc.footprint.docs", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--check", action="store_true", help="change nothing, fail if out of date")
    options = parser.parse_args(arguments)
    found = {name: measure(name) for name in TARGETS}
    stale = 0
    for name in _FILES:
        path = spec_folder().parent / name
        text = path.read_text(encoding="utf-8")
        fresh = refreshed(text, found)
        if fresh == text:
            continue
        stale += 1
        if options.check:
            print(f"{path}: its sizes are out of date; run python -m adfc.footprint.docs")
        else:
            path.write_text(fresh, encoding="utf-8")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
