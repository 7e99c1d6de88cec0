"""Keeps the tables in docs/*.md that come from spec/*.toml.

    python -m adfc.spec.docs [--check]

A table stands between `<!-- spec: NAME -->` and `<!-- end -->`. Without --check the files are
rewritten; with it, the command fails and names the file where one is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from adfc.generated import keep
from adfc.spec import core_program, device_docs, rcb
from adfc.spec.paths import spec_folder

_SECTION = re.compile(r"(<!-- spec: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

TABLES: dict[str, Callable[[Path], str]] = {
    "rcb_header": lambda spec: rcb.docs_header(rcb.load(spec)),
    "rcb_instructions": lambda spec: rcb.docs_instructions(rcb.load(spec)),
    "rcb_enums": lambda spec: rcb.docs_enums(rcb.load(spec)),
    "device_geometry": device_docs.geometry,
    "device_timing": device_docs.timing,
    "core_program": lambda spec: core_program.docs_table(core_program.load(spec)),
}


def refreshed(text: str, spec: Path) -> str:
    """A document with its tables made again. KeyError for a table that nobody makes."""
    return _SECTION.sub(lambda m: f"{m[1]}\n{TABLES[m[2]](spec)}\n{m[3]}", text)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    spec = spec_folder()
    return keep(
        "adfc.spec.docs",
        (__doc__ or "").splitlines()[0],
        "tables",
        sorted((spec.parent / "docs").glob("*.md")),
        lambda text: refreshed(text, spec),
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
