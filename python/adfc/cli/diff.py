"""`adfc diff`: what differs between two images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adfc.cli import arguments
from adfc.cli.console import output, print_json
from adfc.diff import differences
from adfc.program import Program


def diff_command(
    old: Annotated[Path, typer.Argument(help="A program image.", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="A program image.", metavar="NEW")],
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with status 1 where anything differs.")
    ] = False,
    json_output: arguments.Json = False,
) -> None:
    """Tell what differs between two programs: in the whole, then tile by tile."""
    found = differences(Program.load(old), Program.load(new))
    if json_output:
        print_json({"differences": [{"place": d.place, "lines": list(d.lines)} for d in found]})
    elif not found:
        output.print("the programs do the same")
    else:
        for difference in found:
            output.print(difference.place, markup=False)
            for line in difference.lines:
                output.print(f"  {line}", markup=False)
    if exit_code and found:
        raise typer.Exit(1)
