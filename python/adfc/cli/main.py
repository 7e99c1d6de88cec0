"""Entry point of the `adfc` command: the list of commands, and how errors reach the user."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

import adfc
from adfc.cli.commands import Commands
from adfc.cli.console import print_error, print_internal_error
from adfc.cli.usage import STATUS, USAGE_ERROR, as_input_error
from adfc.errors import AdfcError

app = typer.Typer(
    name="adfc",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"adfc {adfc.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Compile PyTorch models for AMD's AIE-ML tile array, and run them on its emulation."""


def main() -> None:
    """Run the command line. Exit status 0 only for success; user errors are one clear line.

    What no part of adfc foresaw is told as a bug, with status 70 (sysexits.h's EX_SOFTWARE).
    """
    try:
        sys.exit(app(prog_name="adfc", standalone_mode=False) or 0)
    except USAGE_ERROR as error:
        said = as_input_error(error)
        if said is not None:
            print_error(said)
        sys.exit(STATUS)
    except typer.Abort:
        sys.exit(1)
    except AdfcError as error:
        print_error(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # every other one is a bug, and said to be one
        if "--verbose" in sys.argv:
            traceback.print_exc()
        print_internal_error(error)
        sys.exit(70)


if __name__ == "__main__":
    main()
