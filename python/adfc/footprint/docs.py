"""Keeps the tables of sizes in README.md and docs/safety.md.

    python -m adfc.footprint.docs [--check]

Tables stand between `<!-- footprint -->` (the engine's) or `<!-- footprint: network -->` (the
platform manager's) and `<!-- end -->`. Without --check the files are rewritten; with it, the
command fails and names the file where one is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence

from adfc.footprint.measure import LIMITS, STACK_LIMIT, TARGETS, Footprint, measure
from adfc.footprint.network import BOARDS, LIMIT, NetworkFootprint, measure_network
from adfc.generated import keep
from adfc.spec.paths import spec_folder

_SECTION = re.compile(r"(<!-- footprint -->\n).*?(<!-- end -->)", re.DOTALL)
_NETWORK = re.compile(r"(<!-- footprint: network -->\n).*?(<!-- end -->)", re.DOTALL)
_FILES = ("README.md", "docs/safety.md", "docs/bare-metal.md")


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


def network_table(found: Mapping[str, NetworkFootprint]) -> str:
    """The platform manager's sizes as a Markdown table, a row for each board."""
    lines = [
        "| | code | with signatures | limit | heap |",
        "|---|---|---|---|---|",
    ]
    for name, made in found.items():
        sizes = (made.text, made.signed, LIMIT, 0)
        lines.append(f"| {name} | {' | '.join(map(str, sizes))} |")
    return "\n".join(lines)


def refreshed(
    text: str, found: Mapping[str, Footprint], networks: Mapping[str, NetworkFootprint]
) -> str:
    """A document with its tables of sizes made again."""
    text = _SECTION.sub(lambda m: f"{m[1]}\n{table(found)}\n\n{m[2]}", text)
    return _NETWORK.sub(lambda m: f"{m[1]}\n{network_table(networks)}\n\n{m[2]}", text)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    found = {name: measure(name) for name in TARGETS}
    networks = {name: measure_network(name) for name in BOARDS}
    return keep(
        "adfc.footprint.docs",
        (__doc__ or "").splitlines()[0],
        "sizes",
        (spec_folder().parent / name for name in _FILES),
        lambda text: refreshed(text, found, networks),
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
