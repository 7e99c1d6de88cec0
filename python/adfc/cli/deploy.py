"""`adfc deploy` and `adfc run --board`: images on boards without an operating system."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from adfc import signing
from adfc.boards import BoardRun, BuildOptions, NetworkOptions, build_elf, load_board, run_on_board
from adfc.boards.serve import network_arguments
from adfc.cli import arguments, completion
from adfc.cli.console import messages, print_json, progress_steps
from adfc.driver.files import write_atomically
from adfc.errors import ImageError, InputError
from adfc.program import Levels, Program
from adfc.remote.address import INFERENCE_PORT
from adfc.runtime import verify
from adfc.spec import devices

_QEMU_UPLOAD_PORT = 6969
"""Of this machine, in the command that is shown for QEMU: TFTP's own is for privileged users."""


def trusted_key(path: Path | None, image: bytes) -> signing.PublicKey | None:
    """The public key in `path`, with which `image` must be signed; None without one.

    Raises InputError and ImageError where the file is no key, or the image is not signed with it.
    """
    if path is None:
        return None
    key = signing.public_key(path)
    signing.check(image, key, path)
    return key


def deploy_command(
    image: arguments.Image,
    output_file: Annotated[Path, typer.Option("-o", "--output", help="The ELF to write.")],
    board: Annotated[
        str,
        typer.Option(
            help="The board, such as versal; a wrong name lists them.",
            autocompletion=completion.boards,
        ),
    ],
    log_level: arguments.LogOption = arguments.LogChoice.info,
    watchdog: arguments.WatchdogOption = BuildOptions.inference_ms,
    network: Annotated[
        bool,
        typer.Option(
            "--network", help="Wait in a network for adfc upload and adfc infer (versal, virt)."
        ),
    ] = False,
    address: Annotated[
        str, typer.Option(help="With --network: the board's IPv4 address and its prefix.")
    ] = NetworkOptions.address,
    gateway: Annotated[
        str, typer.Option(help="With --network: the gateway's IPv4 address.")
    ] = NetworkOptions.gateway,
    public_key: Annotated[
        Path | None,
        typer.Option(
            help="With --network: take images that are signed with this key, and no others."
        ),
    ] = None,
    json_output: arguments.Json = False,
) -> None:
    """Build a bare-metal ELF that runs IMAGE on a board."""
    target = load_board(board)
    program = load_verified(image)
    if public_key is not None and not network:
        raise InputError("--public-key goes with --network only")
    key = trusted_key(public_key, program.image)
    with (
        progress_steps(f"building {output_file}") as step,
        tempfile.TemporaryDirectory(prefix="adfc-") as name,
    ):
        elf = Path(name) / "app.elf"
        options = arguments.build_options(log_level, watchdog)
        build_elf(
            program.image,
            target,
            elf,
            options=options,
            network=NetworkOptions(address, gateway, key) if network else None,
            progress=step,
        )
        content = elf.read_bytes()
    write_atomically(output_file, content)
    if json_output:
        print_json(
            {
                "model": program.name,
                "board": target.name,
                "isa": target.isa,
                "image_bytes": len(program.image),
                "elf_bytes": len(content),
            }
        )
        return
    words = [target.qemu.program, *target.qemu.arguments, "-nodefaults -display none -serial stdio"]
    if network and target.network is not None:
        words += network_arguments(target.network, _QEMU_UPLOAD_PORT, INFERENCE_PORT)
    messages.print(
        f"wrote {output_file}: {len(content):,} bytes for {target.title}; in QEMU: "
        f"{' '.join(words)} -kernel {output_file}",
        markup=False,
    )


_SETTLING_RUNS = 2
"""Inferences after a load program that may take other counts than those that follow."""


def load_verified(path: Path) -> Program:
    """The image in `path`, checked as the engine does. Raises InputError and ImageError."""
    program = Program.load(path)
    try:
        verify(program.image)
    except ImageError as error:
        raise ImageError(f"{path}: {error.message}", hint=error.hint) from error
    return program


def run_board(
    program: Program,
    name: str,
    inputs: Sequence[Levels],
    *,
    runs: int,
    boots: int,
    time_limit: float,
    options: BuildOptions | None = None,
) -> list[BoardRun]:
    """Run a program on the board `name` in QEMU: `boots` times `runs` times, on int8 inputs."""
    board = load_board(name)
    with progress_steps(f"running {program.name}") as step, program.explaining():
        return run_on_board(
            program.image,
            board,
            inputs,
            runs=runs,
            boots=boots,
            options=options,
            time_limit=time_limit,
            progress=step,
        )


def board_figures(program: Program, name: str, runs: Sequence[BoardRun]) -> dict[str, Any]:
    """What runs on a board cost, for `--json`; wall times are of whole boots."""
    first = runs[0]
    instructions = [count for run in runs for count in run.guest_instructions]
    groups = _comparable(program, runs)
    clock_mhz = devices.load(program.device).clock_mhz
    return {
        "model": program.name,
        "device": program.device,
        "tiles": program.tiles,
        "board": name,
        "isa": load_board(name).isa,
        "cycles": first.cost.cycles,
        "modelled_ms": first.cost.cycles / clock_mhz / 1e3,
        "control_cycles": first.cost.control_cycles,
        "control_cycles_exposed": first.cost.exposed_cycles,
        "ddr_bytes": first.cost.ddr_read_bytes + first.cost.ddr_write_bytes,
        "guest_instructions": instructions[0],
        "guest_instructions_each": instructions,
        "guest_instructions_steady": groups[-1][-1],
        "guest_instructions_cv": max(map(_variation, groups)),
        "wall_ms": statistics.median(run.wall_ms for run in runs),
        "wall_ms_each": [run.wall_ms for run in runs],
    }


def _comparable(program: Program, runs: Sequence[BoardRun]) -> list[list[int]]:
    """Instruction counts of runs that do the same; the last group are the steady runs.

    A load program leaves an array whose rings and DDR paths the first inferences still settle: the
    first of all boots are compared, the second of all boots, and all that follow.
    """
    counts = [run.guest_instructions for run in runs]
    settling = min(_SETTLING_RUNS if program.parts.load_program else 0, len(counts[0]) - 1)
    groups = [[boot[n] for boot in counts] for n in range(settling)]
    return [*groups, [count for boot in counts for count in boot[settling:]]]


def _variation(counts: Sequence[int]) -> float:
    """Standard deviation over mean."""
    return statistics.pstdev(counts) / statistics.fmean(counts)


def tell_board_run(figures: dict[str, Any], *, json_output: bool) -> None:
    """Tell what a run on a board cost, as JSON or to people."""
    if json_output:
        print_json(figures)
        return
    runs = len(figures["guest_instructions_each"])
    steady = figures["guest_instructions_steady"]
    settled = f" at first, {steady:,} steadily," * (steady != figures["guest_instructions"])
    again = f", varying by {figures['guest_instructions_cv']:.5%} in {runs} runs" * (runs > 1)
    messages.print(
        f"{figures['model']} on {figures['device']}, driven by {figures['board']}: "
        f"{figures['cycles']:,} modelled cycles ({figures['modelled_ms']:.3f} ms); "
        f"{figures['guest_instructions']:,} guest instructions{settled} with {figures['isa']} "
        f"kernels{again}, {figures['wall_ms']:.0f} ms in QEMU",
        markup=False,
    )
