"""`adfc models`: what the zoo holds."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from adfc import zoo
from adfc.cli.console import print_json, print_table


def models_command(
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the models of the zoo, whose names stand for MODEL in every command."""
    entries = [zoo.get(name) for name in zoo.names()]
    if json_output:
        print_json({"models": [{"name": e.name, "description": e.description} for e in entries]})
        return
    table = Table(box=None)
    table.add_column("name")
    table.add_column("what it is")
    for entry in entries:
        table.add_row(entry.name, entry.description)
    print_table(table)
