"""`adfc fit`: whether a model fits a device, and what it takes of it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from adfc.cli import arguments
from adfc.cli.console import output, print_json, print_table, progress_steps
from adfc.errors import CapacityError
from adfc.fit import EngineMemory, Fit, engine_memory, fullest, judge
from adfc.footprint import TARGETS
from adfc.suggest import unknown

_KINDS = {"core": "core tile", "mem": "memtile", "shim": "shim tile"}
_BYTES = ("data memory", "program memory")


def fit_command(
    model: arguments.Model,
    device: arguments.Device = "ve2802",
    tiles: arguments.Tiles = None,
    avoid_tile: arguments.AvoidTile = None,
    weights: arguments.Weights = None,
    schedule: arguments.ScheduleFile = None,
    resident: arguments.Resident = None,
    processor: Annotated[
        str,
        typer.Option(help=f"The processor that plays the program: {', '.join(TARGETS)}."),
    ] = "aarch64",
    json_output: arguments.Json = False,
) -> None:
    """Tell whether MODEL fits a device, what it takes of it, and which options would make it fit.

    No kernel is compiled, and no image written. Fails where the model does not fit.
    """
    if processor not in TARGETS:
        raise unknown("processor that the engine is measured for", processor, list(TARGETS))
    options = arguments.compile_options(device, tiles, avoid_tile, schedule, resident=resident)
    with progress_steps(f"fitting {model}") as step:
        step("quantizing")
        source = arguments.load(model, weights)
        found = judge(source.to_tosa(), options, name=source.name, progress=step)
        step("measuring the engine")
        engine = engine_memory(processor)
    if json_output:
        print_json({**found.to_json(), "engine": engine.to_json()})
    else:
        _print(found, engine)
    if not found.fits:
        raise CapacityError(f"{found.model} does not fit", hint=_hint(found))


def _hint(found: Fit) -> str:
    if found.remedies:
        return f"it would with {found.remedies[0].options}"
    return "no device and number of tiles would do: use a smaller input, or fewer channels"


def _print(found: Fit, engine: EngineMemory) -> None:
    verdict = f"fits, {found.form}" if found.fits else "does not fit"
    _line(f"{found.model} on {found.core_tiles} core tiles of {found.device}: {verdict}")
    for line in found.over:
        _line(f"over:    {line}")
    for remedy in found.remedies:
        _line(f"fits:    {remedy.options}: {remedy.found}")
    array = ", ".join(f"{size:,} in {kind}" for kind, size in found.capacity.items())
    _line(
        f"model:   {found.weights:,} bytes of weights, largest tensor {found.largest_tensor:,}; "
        f"the array has {array}"
    )
    if found.fits:
        print_table(_table(found))
        _line(
            "A core tile's data memory includes its stack; its program memory is what the core "
            "program takes: code of kernels for AMD's cores is not made here."
        )
        sizes = (f"{size:,} {name}" for name, size in found.ddr.items() if size)
        _line(f"DDR:     bytes of {', '.join(sizes)}")
    kind = "measured" if engine.measured else "at most, as clang-22 is not here"
    tables = "" if engine.tables is None else f", {engine.tables:,} of tables"
    _line(
        f"engine:  {engine.ram:,} bytes of RAM on {engine.processor} ({engine.variables:,} of "
        f"variables, {engine.heap:,} of heap, {engine.stack:,} of stack), {engine.code:,} of code"
        f"{tables}; {kind}"
    )


def _line(text: str) -> None:
    output.print(text, markup=False)


def _table(found: Fit) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("tile", "resource"):
        table.add_column(name, no_wrap=True)
    for name in ("used", "of", "share", "fullest"):
        table.add_column(name, justify="right", no_wrap=True)
    for kind, name, resource, tile in fullest(found.tiles):
        unit = " bytes" if name in _BYTES else ""
        table.add_row(
            _KINDS[kind],
            name + unit,
            f"{resource.used:,}",
            f"{resource.capacity:,}",
            f"{resource.share:.0%}",
            f"{tile[0]},{tile[1]}",
        )
    return table
