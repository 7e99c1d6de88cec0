"""How the command line speaks: data on standard output, what it did on standard error."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from adfc.driver.files import write_atomically
from adfc.errors import AdfcError

output = Console(highlight=False, soft_wrap=True)
messages = Console(stderr=True, highlight=False, soft_wrap=True)

_WIDEST = 10_000  # characters: wider than any table


def print_error(error: AdfcError) -> None:
    """Print `error` as `adfc: error: MESSAGE`, and its hint on a line of its own."""
    messages.print(f"adfc: error: {error.message}", markup=False)
    if error.hint:
        messages.print(f"  hint: {error.hint}", markup=False)


def print_internal_error(error: Exception) -> None:
    """Print an error that nobody foresaw, with its place and how to report it."""
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({Path(frame[0].filename).name}:{frame[0].lineno})" if frame else ""
    text = " ".join(str(error).split())
    messages.print(f"adfc: internal error: {type(error).__name__}: {text}{place}", markup=False)
    messages.print(
        "  hint: this is a bug of adfc; adfc compile MODEL ... --crash-report FILE.zip packs what "
        "is needed to repeat it, --verbose shows where it happens",
        markup=False,
    )


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on standard output."""
    output.print(json.dumps(value, indent=2), markup=False)


def print_table(table: Table) -> None:
    """Print a table whole: where the terminal is narrower, its lines wrap, and no cell is cut."""
    wide = Console(highlight=False, width=_WIDEST)
    needed = wide.measure(table).maximum
    Console(highlight=False, width=max(output.width, needed)).print(table)


@contextmanager
def progress_steps(title: str) -> Generator[Callable[[str], None]]:
    """Show `title` and the current step with a spinner on a terminal; silent elsewhere.

    Yields the function that names the next step.
    """
    if not messages.is_terminal:
        yield lambda _: None
        return
    with messages.status(title) as status:
        yield lambda step: status.update(f"{title}: {step}")


def write_text(text: str, path: Path | None) -> None:
    """Write `text` to `path`, or to standard output where there is none."""
    if path is None:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    else:
        write_atomically(path, text.encode())
