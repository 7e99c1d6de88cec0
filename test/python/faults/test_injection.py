"""Faults of the array, of its memory and of the image: each is told, with its place, in time."""

import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray

import adfc
from adfc.errors import AdfcError, ExecutionError, ImageError
from adfc.image import rimfs
from adfc.runtime import Fault, FaultKind, LoadedProgram, Run, verify
from adfc.zoo import digits as digits_model

Levels = NDArray[np.int8]
MAX_WAIT_WORD = 6  # of the control program's header


@pytest.fixture(scope="module")
def digits() -> adfc.Program:
    """Layer after layer through DDR: each fault meets a phase, and a lost word is always missed.

    A resident program's cores take packets of any length (finish on TLAST), so that they cannot
    tell a packet that lost a word.
    """
    model, example = digits_model.build()
    return adfc.compile(model, example, resident=False, name="digits")


@pytest.fixture(scope="module")
def inputs(digits: adfc.Program) -> list[Levels]:
    """A digit, as the array gets it."""
    _, example = digits_model.build()
    return digits.quantize([example[0].numpy()])


@pytest.fixture(scope="module")
def healthy(digits: adfc.Program, inputs: list[Levels]) -> Run:
    """A run without faults."""
    with LoadedProgram(digits.image) as program:
        return program.run(inputs)


def _used_tile(run: Run) -> tuple[int, int]:
    return run.cores[0].column, run.cores[0].row


def _fault(program: adfc.Program, inputs: list[Levels], *faults: Fault) -> str:
    """The text of the fault record that a run with `faults` ends with, inside its bound."""
    bound = struct.unpack_from("<I", program.parts.program, 4 * MAX_WAIT_WORD)[0]
    with LoadedProgram(program.image) as loaded:
        loaded.inject(faults)
        with pytest.raises(ExecutionError) as caught:
            loaded.run(inputs)
        assert caught.value.cycles - caught.value.control_cycles <= bound
        loaded.inject([])  # the fault is gone, and so are its traces
        assert loaded.run(inputs).outputs
    return str(caught.value)


def test_a_dead_tile(digits: adfc.Program, inputs: list[Levels], healthy: Run) -> None:
    """Dead from the start, and dead in the middle of its layer."""
    column, row = tile = _used_tile(healthy)
    for cycle in (0, healthy.phases[1].start_cycle // 2):
        first, *details = _fault(
            digits, inputs, Fault(FaultKind.DEAD_TILE, tile, cycle=cycle)
        ).splitlines()
        assert first.startswith(("deadlock", "the wait reached its bound"))
        assert "(WAIT_TASK tile " in first
        assert "in phase " in first
        assert any(f"({column},{row})" in line and "stands still" in line for line in details)


def test_every_used_tile_may_die(digits: adfc.Program, inputs: list[Levels], healthy: Run) -> None:
    for core in healthy.cores[:8]:
        text = _fault(digits, inputs, Fault(FaultKind.DEAD_TILE, (core.column, core.row)))
        assert f"core ({core.column},{core.row})" in text


def test_a_tile_that_is_not_used_may_die(
    digits: adfc.Program, inputs: list[Levels], healthy: Run
) -> None:
    used = {(core.column, core.row) for core in healthy.cores}
    tile = next((c, r) for c in range(30, 38) for r in range(3, 11) if (c, r) not in used)
    with LoadedProgram(digits.image) as program:
        program.inject([Fault(FaultKind.DEAD_TILE, tile)])
        run = program.run(inputs)
    assert run.cost == healthy.cost
    np.testing.assert_array_equal(run.outputs[0], healthy.outputs[0])


def test_a_stuck_lock(digits: adfc.Program, inputs: list[Levels], healthy: Run) -> None:
    """Never given: its core waits for it."""
    column, row = tile = _used_tile(healthy)
    text = _fault(digits, inputs, Fault(FaultKind.STUCK_LOCK, tile, index=1, value=0))
    assert text.startswith(("deadlock", "the wait reached its bound"))
    assert f"lock 1 of core ({column},{row})" in text


@pytest.mark.parametrize("where", ["shim", "core"])
def test_a_lost_word(digits: adfc.Program, inputs: list[Levels], healthy: Run, where: str) -> None:
    """The receiver waits for a word that never comes."""
    column, row = _used_tile(healthy)
    tile = (2, 0) if where == "shim" else (column, row)
    first, *details = _fault(digits, inputs, Fault(FaultKind.LOST_WORD, tile, index=0)).splitlines()
    assert first.startswith(("deadlock", "the wait reached its bound"))
    assert any("words to go" in line and "waits for data" in line for line in details)


def test_ddr_that_never_answers_again(
    digits: adfc.Program, inputs: list[Levels], healthy: Run
) -> None:
    for cycle in (0, healthy.phases[2].start_cycle):
        first, *details = _fault(
            digits, inputs, Fault(FaultKind.STALLED_DDR, cycle=cycle)
        ).splitlines()
        assert "(WAIT_TASK tile " in first
        assert any("of shim (" in line for line in details)


def test_ddr_that_answers_late_costs_time_and_nothing_else(
    digits: adfc.Program, inputs: list[Levels], healthy: Run
) -> None:
    with LoadedProgram(digits.image) as program:
        program.inject([Fault(FaultKind.STALLED_DDR, cycle=1000, length=20000)])
        run = program.run(inputs)
    np.testing.assert_array_equal(run.outputs[0], healthy.outputs[0])
    assert healthy.cost.cycles < run.cost.cycles <= healthy.cost.cycles + 21000


def test_ddr_that_answers_too_late(digits: adfc.Program, inputs: list[Levels]) -> None:
    """Longer than the first wait's bound: that ends with a fault, though DDR would answer then."""
    text = _fault(digits, inputs, Fault(FaultKind.STALLED_DDR, length=1 << 30))
    assert text.startswith("the wait reached its bound")
    assert "in phase 0" in text


def test_bits_flipped_in_data_memory(
    digits: adfc.Program, inputs: list[Levels], healthy: Run
) -> None:
    """Silicon's memories have ECC for that; here the run ends as it would without."""
    tile = _used_tile(healthy)
    with LoadedProgram(digits.image) as program:
        program.inject([Fault(FaultKind.FLIPPED_BIT, tile, index=0xFFFC, value=31)])
        run = program.run(inputs)
    assert run.cost == healthy.cost


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(FaultKind.DEAD_TILE, (38, 3)), "no such tile"),
        (Fault(FaultKind.STUCK_LOCK, (2, 3), index=16), "no such lock"),
        (Fault(FaultKind.STUCK_LOCK, (0, 0)), "no such lock"),
        (Fault(FaultKind.LOST_WORD, (2, 3), index=2), "no such MM2S channel"),
        (Fault(FaultKind.FLIPPED_BIT, (2, 0)), "no such bit"),
        (Fault(FaultKind.FLIPPED_BIT, (2, 3), index=0x10000), "no such bit"),
        (Fault(FaultKind.FLIPPED_BIT, (2, 3), value=32), "no such bit"),
    ],
)
def test_faults_need_a_place(
    digits: adfc.Program, inputs: list[Levels], fault: Fault, reason: str
) -> None:
    with LoadedProgram(digits.image) as program:
        program.inject([fault])
        with pytest.raises(AdfcError, match=reason):
            program.run(inputs)


@pytest.mark.parametrize("section", ["weights", "program", "core_programs"])
def test_every_flipped_bit_is_found_at_load(digits: adfc.Program, section: str) -> None:
    """Bit by bit, all of them, as a board's own check at load: the checksum of their section."""
    image = bytearray(digits.image)
    data = rimfs.read(digits.image)[section]
    start = digits.image.index(bytes(data))
    crc = zlib.crc32(data)
    block = bytearray(data)
    for bit in range(8 * len(block)):
        block[bit // 8] ^= 1 << bit % 8
        assert zlib.crc32(block) != crc
        block[bit // 8] ^= 1 << bit % 8
    for bit in range(0, 8 * len(block), 1009):  # and that the engine looks: a prime apart
        image[start + bit // 8] ^= 1 << bit % 8
        with pytest.raises(ImageError, match=f"section {section}: its bytes are damaged"):
            verify(bytes(image))
        image[start + bit // 8] ^= 1 << bit % 8


def test_from_a_dead_tile_to_a_program_without_it(
    digits: adfc.Program, inputs: list[Levels], healthy: Run
) -> None:
    """The fault names the tile; compiled around it, the model runs on the array that has it."""
    dead = _used_tile(healthy)
    fault = Fault(FaultKind.DEAD_TILE, dead)
    text = _fault(digits, inputs, fault)
    named = next(line for line in text.splitlines() if "stands still" in line)
    column, row = map(int, named.split("(")[1].split(")")[0].split(","))
    assert (column, row) == dead

    model, example = digits_model.build()
    around = adfc.compile(model, example, avoid_tiles=[(column, row)], name="digits")
    with LoadedProgram(around.image) as program:
        program.inject([fault])
        run = program.run(inputs)
    assert dead not in {(core.column, core.row) for core in run.cores}
    np.testing.assert_array_equal(run.outputs[0], healthy.outputs[0])
