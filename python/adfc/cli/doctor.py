"""`adfc doctor`: what of an installation works, and what to install."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from adfc.cli import arguments
from adfc.cli.console import output, print_json
from adfc.doctor import Check, all_checks
from adfc.errors import ToolError


def doctor_command(
    everything: Annotated[
        bool, typer.Option("--all", help="Fail, too, where something optional is missing.")
    ] = False,
    json_output: arguments.Json = False,
) -> None:
    """Check the installation: packages, compiled parts, LLVM's tools, cross compilers, QEMU.

    Fails where models cannot be compiled and run; with --all where anything is missing.
    """
    checks = list(all_checks())
    bad = [check for check in checks if not check.ok and (check.needed or everything)]
    if json_output:
        print_json({"ok": not bad, "checks": [dataclasses.asdict(check) for check in checks]})
    else:
        for check in checks:
            _print(check)
    if bad:
        raise ToolError(f"{len(bad)} things are missing, the first is {bad[0].name}", bad[0].remedy)


def _print(check: Check) -> None:
    mark = "ok     " if check.ok else "MISSING" if check.needed else "absent "
    output.print(f"{mark} {check.name:<22} {check.found}", markup=False)
    if not check.ok:
        without = f"; without it not: {check.without}" if check.without else ""
        output.print(f"        {check.remedy}{without}", markup=False)
