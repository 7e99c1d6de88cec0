"""`adfc explain`: from a control word to the user's line, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adfc.cli import arguments
from adfc.cli.console import output, print_json
from adfc.errors import InputError
from adfc.explain import (
    Fact,
    as_json,
    as_text,
    explain_operator,
    explain_tile,
    explain_word,
)
from adfc.program import Program


def explain_command(
    target: Annotated[
        str,
        typer.Argument(
            help="A program image, or IMAGE@WORD: a word of its control program, as fault records "
            "and timelines name it; IMAGE@load:WORD: of its load program.",
            metavar="IMAGE[@WORD]",
        ),
    ],
    op: Annotated[
        str | None,
        typer.Option(
            help="A layer or operator: its name, a TOSA or PyTorch operator, or FILE.py:LINE."
        ),
    ] = None,
    tile: Annotated[str | None, typer.Option(help="A tile, as COLUMN,ROW.")] = None,
    json_output: arguments.Json = False,
) -> None:
    """Tell what a control word, an operator or a tile has to do with which line of the model."""
    path, word, load = _split(target)
    if sum(choice is not None for choice in (word, op, tile)) != 1:
        raise InputError(
            "explain one thing", hint="use IMAGE@WORD, or IMAGE with --op NAME or --tile COLUMN,ROW"
        )
    program = Program.load(path)
    facts = _facts(program, word, op, tile, load=load)
    if json_output:
        print_json({"facts": as_json(facts)})
    else:
        output.print(as_text(facts), end="", markup=False)


def _facts(
    program: Program, word: int | None, op: str | None, tile: str | None, *, load: bool
) -> list[Fact]:
    kernels = program.parts.kernels
    if word is not None:
        return explain_word(program.replay, kernels, word, load=load)
    if op is not None:
        return explain_operator(program.replay, kernels, op)
    return explain_tile(program.replay, kernels, _tile(tile or ""))


def _split(target: str) -> tuple[Path, int | None, bool]:
    """IMAGE@WORD or IMAGE@load:WORD; a file whose name has an @ in it is that file."""
    name, at, text = target.rpartition("@")
    if not at or Path(target).exists():
        return Path(target), None, False
    try:
        return Path(name), int(text.removeprefix("load:"), 0), text.startswith("load:")
    except ValueError as error:
        raise InputError(
            f"{text} is no word of a program", hint="write IMAGE@NUMBER, such as m.rimfs@1234"
        ) from error


def _tile(text: str) -> tuple[int, int]:
    try:
        column, row = (int(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            f"--tile {text} is no tile", hint="write COLUMN,ROW, such as 7,3"
        ) from error
    return column, row
