"""`adfc bench`: figures of the run time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adfc.cli import arguments
from adfc.cli.console import output, print_json
from adfc.cli.deploy import board_figures, run_board, tell_board_run
from adfc.driver.tensors import fixed_inputs
from adfc.errors import CapacityError, InputError
from adfc.footprint import (
    BOARDS,
    LIMIT,
    LIMITS,
    TARGETS,
    Footprint,
    NetworkFootprint,
    measure,
    measure_network,
)
from adfc.program import Program


def bench_command(
    image: Annotated[
        Path | None,
        typer.Argument(help="With --board: a program image (.rimfs).", metavar="IMAGE"),
    ] = None,
    board: Annotated[
        str | None, typer.Option(help="Run IMAGE on a board in QEMU again and again.")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="With --board: runs in each boot.")] = 20,
    boots: Annotated[int, typer.Option(min=1, help="With --board: how many boots.")] = 5,
    time_limit: Annotated[
        float, typer.Option(min=0.001, help="With --board: seconds from each start to the end.")
    ] = 600.0,
    footprint: Annotated[
        bool,
        typer.Option(
            "--footprint", help="Bytes that engine, verifier and RIMFS take on small processors."
        ),
    ] = False,
    json_output: arguments.Json = False,
) -> None:
    """Measure the run time (--footprint), or whether an image takes the same time in every run."""
    if footprint == (board is not None):
        raise InputError("one thing at a time", hint="use either --footprint, or IMAGE and --board")
    if board is None:
        _bench_footprint(json_output=json_output)
        return
    if image is None:
        raise InputError("nothing to run", hint="name an image: adfc bench IMAGE --board BOARD")
    program = Program.load(image)
    levels = program.quantize(fixed_inputs(program.inputs))
    results = run_board(program, board, levels, runs=runs, boots=boots, time_limit=time_limit)
    tell_board_run(board_figures(program, board, results), json_output=json_output)


def _bench_footprint(*, json_output: bool) -> None:
    found = {name: measure(name) for name in TARGETS}
    on_boards = {name: measure_network(name) for name in BOARDS}
    if json_output:
        rows = {name: made.to_json() for name, made in found.items()}
        networks = {f"rtpm-{name}": made.to_json() for name, made in on_boards.items()}
        print_json(rows | networks)
    else:
        _print(found)
        _print_networks(on_boards)
    problems = [line for name, made in found.items() for line in made.problems(name)]
    problems += [line for name, made in on_boards.items() for line in made.problems(name)]
    if problems:
        raise CapacityError("; ".join(problems))


def _print(found: dict[str, Footprint]) -> None:
    output.print(
        f"{'':<10}{'code':>6}{'limit':>7}{'DDR check':>11}{'tables':>8}{'data':>6}{'heap':>6}"
        f"{'stack':>7}"
    )
    for name, made in found.items():
        output.print(
            f"{name:<10}{made.text:>6}{LIMITS[name]:>7}{made.ddr_check:>11}{made.tables:>8}"
            f"{made.data:>6}{0:>6}{made.stack:>7}"
        )


def _print_networks(found: dict[str, NetworkFootprint]) -> None:
    for name, made in found.items():
        output.print(
            f"{name}, platform manager with a network: {made.text} bytes of code (limit {LIMIT}), "
            f"{made.lwip} of them lwIP's; {made.signatures} more with signatures"
        )
