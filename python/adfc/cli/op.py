"""`adfc op`: packages of operators, and the test that admits them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from adfc.boards.board import board_names
from adfc.cli import arguments
from adfc.cli.console import messages, print_json, print_table, progress_steps
from adfc.driver.files import check_writable, write_atomically
from adfc.errors import InputError
from adfc.operators import admission, builtin, registry
from adfc.operators.registry import Package

if TYPE_CHECKING:
    from adfc.operators.checks import Finding

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Packages of operators of your own.",
)


@app.command("check")
def check_command(
    package: Annotated[
        str,
        typer.Argument(
            help="An installed package, its source folder, or builtin:FAMILY.", metavar="PACKAGE"
        ),
    ],
    boards: Annotated[
        str | None,
        typer.Option(help="Boards to try, by name, with commas between them; without it all."),
    ] = None,
    badge: Annotated[
        Path | None,
        typer.Option(help="Where the badge goes (default: PACKAGE-badge.json, here)."),
    ] = None,
    json_output: arguments.Json = False,
) -> None:
    """Test a package's operators; once all tests pass, models may use them.

    On this processor, on the emulated array and on boards in QEMU. Exit status 0 where all pass.
    """
    from adfc.operators.checks import check_package

    subject = registry.find(package)
    names = _boards(boards)
    file = badge or Path(f"{subject.name.replace(':', '-')}-badge.json")
    check_writable(file)
    with progress_steps(f"checking {subject.name}") as step:
        findings = check_package(subject, names, step)
    passed = all(finding.passed for finding in findings)
    complete = set(names) == set(board_names())
    _record(subject, passed=passed)
    write_atomically(file, badge_text(subject, findings, names).encode())
    if json_output:
        print_json(_as_json(subject, findings, names))
    else:
        print_table(_table(subject, findings))
        messages.print(_verdict(subject, findings, complete=complete), markup=False)
    if not passed:
        raise typer.Exit(1)


@app.command("list")
def list_command(json_output: arguments.Json = False) -> None:
    """List adfc's own families of operators, and installed packages with their admission."""
    own = [registry.built_in(family.name) for family in builtin.FAMILIES]
    packages = (*own, *registry.installed())
    if json_output:
        print_json(
            {
                package.name: {
                    "version": package.version,
                    "admitted": _is_admitted(package),
                    "operators": [operator.name for operator in package.operators],
                }
                for package in packages
            }
        )
        return
    table = Table(box=None)
    for title in ("package", "version", "admitted", "operators"):
        table.add_column(title)
    for package in packages:
        admitted = "yes" if _is_admitted(package) else "no"
        names = ", ".join(operator.name for operator in package.operators)
        table.add_row(package.name, package.version, admitted, names)
    print_table(table)


def _is_admitted(package: Package) -> bool:
    """Whether models may use it; adfc's own operators need no admission."""
    return package.name.startswith(registry.BUILT_IN) or admission.is_admitted(package.digest)


def _boards(text: str | None) -> tuple[str, ...]:
    """The boards to try. Raises InputError for an unknown one."""
    known = board_names()
    if text is None:
        return known
    names = tuple(name for name in text.split(",") if name)
    for name in names:
        if name not in known:
            raise InputError(f"there is no board '{name}'", hint=f"use {', '.join(known)}")
    return names


def _record(package: Package, *, passed: bool) -> None:
    if package.name.startswith(registry.BUILT_IN):
        return  # adfc's own need no admission
    if passed:
        admission.admit(package.digest, package.name)
    else:
        admission.withdraw(package.digest)


def badge_text(package: Package, findings: Sequence[Finding], boards: Sequence[str]) -> str:
    """The badge, in the form that shields.io draws, with the findings behind it."""
    passed = sum(finding.passed for finding in findings)
    good = passed == len(findings)
    badge: dict[str, Any] = {
        "schemaVersion": 1,
        "label": f"adfc: {package.name}",
        "message": f"{passed}/{len(findings)} checks",
        "color": "brightgreen" if good else "red",
    }
    return json.dumps(badge | _as_json(package, findings, boards), indent=1) + "\n"


def _as_json(
    package: Package, findings: Sequence[Finding], boards: Sequence[str]
) -> dict[str, Any]:
    return {
        "package": package.name,
        "version": package.version,
        "digest": package.digest,
        "admitted": all(finding.passed for finding in findings),
        "boards": list(boards),
        "findings": [
            {
                "operator": finding.operator,
                "check": finding.check,
                "passed": finding.passed,
                "detail": finding.detail,
            }
            for finding in findings
        ],
    }


def _table(package: Package, findings: Sequence[Finding]) -> Table:
    table = Table(box=None, title=f"{package.name} {package.version}")
    for title in ("operator", "check", "", "what was tried, or what is wrong"):
        table.add_column(title, no_wrap=title in ("operator", "check"))
    for finding in findings:
        result = "[green]passed[/green]" if finding.passed else "[red]FAILED[/red]"
        table.add_row(finding.operator, finding.check, result, finding.detail.replace("[", r"\["))
    return table


def _verdict(package: Package, findings: Sequence[Finding], *, complete: bool) -> str:
    failed = sum(not finding.passed for finding in findings)
    if failed and package.name.startswith(registry.BUILT_IN):
        return f"{package.name}: {failed} of {len(findings)} checks failed"
    if failed:
        return f"{package.name} is not admitted: {failed} of {len(findings)} checks failed"
    left = "" if complete else " (not all boards were tried)"
    if package.name.startswith(registry.BUILT_IN):
        return f"{package.name}: {len(findings)} checks passed{left}"
    return f"{package.name} is admitted: {len(findings)} checks passed{left}"
