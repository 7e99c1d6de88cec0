"""An image on a board gives the host's output bytes and cycles, and always takes the same time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import adfc
from adfc.boards import Board, board_names, run_on_board
from adfc.cli.deploy import board_figures
from adfc.program import Levels, Program
from adfc.zoo import digits as digits_model

pytestmark = pytest.mark.boards

Bootable = Callable[[str], Board]
Zoo = Callable[[str, str], Program]
Noise = Callable[[Program], list[Levels]]
WithKernels = Callable[[Program, str, bytes], bytes]

# Of each instruction set: one that does nothing, and the return of a function.
NOTHING = {
    "aarch64": ("1f2003d5", "c0035fd6"),
    "riscv64": ("13000000", "67800000"),
    "thumbv8.1m-mve": ("00bf", "7047"),
    "thumbv7em": ("00bf", "7047"),
}

MODELS = [
    ("versal", "digits"),
    ("versal", "resnet18"),
    ("virt", "digits"),
    ("virt", "resnet18"),
    ("riscv64", "digits"),
    ("riscv64", "autoencoder"),
    ("riscv64", "resnet8"),
    ("riscv64", "resnet18"),
    ("mps3-an547", "digits"),
    ("mps3-an547", "autoencoder"),
    ("mps3-an547", "resnet8"),
    ("mps2-an500", "digits"),
    ("mps2-an500", "autoencoder"),
    ("mps2-an500", "resnet8"),
]


def test_every_board_is_in_the_matrix() -> None:
    assert {board for board, _ in MODELS} == set(board_names())


@pytest.mark.parametrize(("board", "model"), MODELS)
def test_a_board_equals_the_host(
    board: str, model: str, bootable: Bootable, zoo: Zoo, noise: Noise
) -> None:
    """Output bytes and all costs on the array: same image, same input, another processor."""
    target, program = bootable(board), zoo(board, model)
    inputs = noise(program)
    (run,) = run_on_board(program.image, target, inputs)
    host = program.execute(inputs)
    for ours, theirs in zip(run.outputs, host.outputs, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert run.cost == host.cost
    assert run.engine_instructions == host.instructions


@pytest.mark.parametrize("board", board_names())
def test_every_run_and_boot_takes_the_same_instructions(
    board: str, bootable: Bootable, zoo: Zoo, noise: Noise
) -> None:
    """20 runs x 5 boots.

    For npu1's array of 4 MB: most of the time went into clearing the 66 MB of ve2802's before each.
    """
    digits = zoo("mps2-an500", "digits")
    boots = run_on_board(digits.image, bootable(board), noise(digits), runs=20, boots=5)
    counts = [count for boot in boots for count in boot.guest_instructions]
    assert len(counts) == 100
    assert len(set(counts)) == 1
    assert counts[0] > boots[0].engine_instructions


@pytest.mark.parametrize("board", board_names())
def test_every_instruction_is_counted(
    board: str, bootable: Bootable, zoo: Zoo, noise: Noise, with_kernels: WithKernels
) -> None:
    """Kernels of nothing but n instructions: an inference takes n for each call of a kernel.

    So it does for any n, above and below the 31.25 and 40 nanoseconds of a Cortex-M's clock.
    """
    target, digits = bootable(board), zoo("mps2-an500", "digits")
    nothing, give_back = map(bytes.fromhex, NOTHING[target.isa])
    counts: list[int] = []
    for n in (0, 1, 31):
        image = with_kernels(digits, target.isa, n * nothing + give_back)
        counts += run_on_board(image, target, noise(digits))[0].guest_instructions
    added = [count - counts[0] for count in counts[1:]]
    calls = added[0]
    assert calls > 0
    assert added == [calls, 31 * calls]


def test_a_resident_program_takes_the_same_once_it_has_settled(
    bootable: Bootable, noise: Noise
) -> None:
    """20 runs x 5 boots: the first of all boots, the second of all boots, all that follow."""
    model, example = digits_model.build()
    program = adfc.compile(model, example, resident=True, name="digits")
    boots = run_on_board(program.image, bootable("versal"), noise(program), runs=20, boots=5)
    figures = board_figures(program, "versal", boots)
    assert len(figures["guest_instructions_each"]) == 100
    assert figures["guest_instructions_cv"] == 0
    assert len({boot.guest_instructions for boot in boots}) == 1
    first, _, *steady = boots[0].guest_instructions
    assert (figures["guest_instructions"], {figures["guest_instructions_steady"]}) == (
        first,
        set(steady),
    )


def test_the_same_processor_takes_the_same_instructions_on_both_boards(
    bootable: Bootable, zoo: Zoo, noise: Noise
) -> None:
    """Versal and virt have a Cortex-A72 each; one starts at EL3, the other at EL1."""
    digits = zoo("virt", "digits")
    counts = {
        run_on_board(digits.image, bootable(board), noise(digits))[0].guest_instructions
        for board in ("versal", "virt")
    }
    assert len(counts) == 1
