"""`adfc config`: flags with which C programs are built against adfc.h."""

from __future__ import annotations

from typing import Annotated

import typer

from adfc import capi
from adfc.errors import InputError


def config_command(
    cflags: Annotated[bool, typer.Option("--cflags", help="Flags to compile with.")] = False,
    libs: Annotated[bool, typer.Option("--libs", help="Flags to link with.")] = False,
    static: Annotated[
        bool, typer.Option("--static", help="With --libs: libadfc.a, not the shared library.")
    ] = False,
) -> None:
    """Print flags for C programs: cc app.c $(adfc config --cflags --libs) -o app."""
    if not (cflags or libs):
        raise InputError("nothing asked for", hint="add --cflags, --libs or both")
    if static and not libs:
        raise InputError("--static is about --libs", hint="add --libs")
    parts = [capi.cflags()] if cflags else []
    if libs:
        parts.append(capi.libs(static=static))
    typer.echo(" ".join(parts))
