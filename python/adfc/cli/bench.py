"""`adfc bench`: figures of the run time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adfc.bench.callgrind import count_instructions
from adfc.cli import arguments
from adfc.cli.bench_compare import bench_compare
from adfc.cli.bench_programs import Subject, bench_programs
from adfc.cli.console import output, print_json, progress_steps
from adfc.cli.deploy import board_figures, load_verified, run_board, tell_board_run
from adfc.driver.tensors import fixed_inputs
from adfc.errors import AdfcError, CapacityError, InputError
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
    target: Annotated[
        str | None,
        typer.Argument(
            help="A model or a program image (.rimfs); or the word compare, and two records.",
            metavar="[MODEL|IMAGE|compare]",
        ),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="With compare: OLD.json NEW.json.", metavar="[FILE]..."),
    ] = None,
    devices: Annotated[
        str | None, typer.Option(help="Compile MODEL for each of these devices, as NAME,NAME.")
    ] = None,
    tiles: Annotated[
        str | None, typer.Option(help="Compile MODEL for each of these numbers of tiles: 4,8,16.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Measure accuracy and conversion error on this: a folder with one subfolder of "
            "images per class, samples without labels as for --calib, or the word own: what a "
            "model of the zoo brings.",
        ),
    ] = None,
    data_samples: Annotated[
        int, typer.Option(min=1, help="Take so many samples of --data at most, evenly over all.")
    ] = 100,
    calib: arguments.Calibration = None,
    calib_samples: arguments.CalibrationSamples = 128,
    preprocess: arguments.Preprocess = None,
    weights: arguments.Weights = None,
    csv: Annotated[Path | None, typer.Option(help="Write the figures as CSV, too.")] = None,
    tolerance: Annotated[
        float, typer.Option(min=0.0, help="With compare: the part by which figures may grow.")
    ] = 0.0,
    board: Annotated[
        str | None, typer.Option(help="Run IMAGE on a board in QEMU again and again.")
    ] = None,
    runs: Annotated[
        int | None, typer.Option(min=1, help="Runs (default 5; with --board 20 in each boot).")
    ] = None,
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
    callgrind: Annotated[
        bool,
        typer.Option(
            "--callgrind",
            help="Count the engine's instructions on this machine, in two processes (valgrind).",
        ),
    ] = False,
    json_output: arguments.Json = False,
) -> None:
    """Measure programs: modelled latency in all and by layer, control, DDR, memory, determinism.

    With --data also accuracy, float beside the array, and the error of the array's outputs.
    Modelled figures are the same on every machine; "emulated" is the median time on this one.
    --json gives a record with its environment; `adfc bench compare OLD.json NEW.json` fails where
    one got worse. --board measures on a board in QEMU, --callgrind counts the engine's
    instructions here, --footprint its size.
    """
    if footprint == (target is not None):
        raise InputError(
            "one thing at a time", hint="name a model or an image, or use --footprint alone"
        )
    if target is None:
        _bench_footprint(json_output=json_output)
    elif target == "compare":
        bench_compare(files or [], tolerance, json_output=json_output)
    elif files:
        raise InputError(f"{files[0]} is one too many", hint="only compare takes files")
    elif callgrind:
        _bench_callgrind(Path(target), runs or 3, json_output=json_output)
    elif board is not None:
        program = Program.load(target)
        levels = program.quantize(fixed_inputs(program.inputs))
        results = run_board(
            program, board, levels, runs=runs or 20, boots=boots, time_limit=time_limit
        )
        tell_board_run(board_figures(program, board, results), json_output=json_output)
    else:
        subject = Subject(
            target,
            devices=[name.strip() for name in devices.split(",")] if devices else [],
            tiles=_counts(tiles),
            weights=weights,
            calibration=arguments.samples(calib, calib_samples, preprocess),
            data=data,
            data_samples=data_samples,
            preprocess=preprocess,
        )
        bench_programs(subject, runs or 5, csv, json_output=json_output)


def _counts(text: str | None) -> list[int]:
    """ "4,8,16" as numbers, each once."""
    try:
        counts = [int(part) for part in text.split(",")] if text is not None else []
    except ValueError as error:
        raise InputError(f"--tiles {text} is no list of numbers", hint="write 4,8,16") from error
    if any(count < 1 for count in counts):
        raise InputError(f"--tiles {text}: a program needs a core tile at least")
    return list(dict.fromkeys(counts))


def _bench_callgrind(image: Path, runs: int, *, json_output: bool) -> None:
    load_verified(image)
    with progress_steps(f"counting instructions of {image}"):
        found = count_instructions(image, runs=runs)
    engine = [count for process in found for count in process.engine]
    whole = [count for process in found for count in process.whole]
    same = len(set(engine)) == len(set(whole)) == 1
    if json_output:
        print_json({"engine": engine, "whole": whole, "same": same})
    else:
        output.print(
            f"{image}: {engine[0]:,} instructions of the engine, {whole[0]:,} with the emulated "
            f"array and kernels; {'the same' if same else 'NOT the same'} in {runs} runs in each "
            f"of {len(found)} processes",
            markup=False,
        )
    if not same:
        raise AdfcError(f"runs of {image} take different numbers of instructions")


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
            f"{name}, platform manager with a network: {made.text} bytes of code, "
            f"{made.signed} with signatures (limit {LIMIT})"
        )
