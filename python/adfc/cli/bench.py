"""`adfc bench`: figures of the run time."""

from __future__ import annotations

from typing import Annotated

import typer

from adfc.cli import arguments
from adfc.cli.console import output, print_json
from adfc.errors import CapacityError, InputError
from adfc.footprint import LIMITS, TARGETS, Footprint, measure


def bench_command(
    footprint: Annotated[
        bool,
        typer.Option(
            "--footprint", help="Bytes that engine, verifier and RIMFS take on small processors."
        ),
    ] = False,
    json_output: arguments.Json = False,
) -> None:
    """Measure the run time; fails where a limit is exceeded."""
    if not footprint:
        raise InputError("nothing to measure", hint="add --footprint")
    found = {name: measure(name) for name in TARGETS}
    if json_output:
        print_json({name: made.to_json() for name, made in found.items()})
    else:
        _print(found)
    problems = [line for name, made in found.items() for line in made.problems(name)]
    if problems:
        raise CapacityError("; ".join(problems))


def _print(found: dict[str, Footprint]) -> None:
    output.print(f"{'':<10}{'code':>6}{'limit':>7}{'tables':>8}{'data':>6}{'heap':>6}{'stack':>7}")
    for name, made in found.items():
        output.print(
            f"{name:<10}{made.text:>6}{LIMITS[name]:>7}{made.tables:>8}{made.data:>6}{0:>6}"
            f"{made.stack:>7}"
        )
