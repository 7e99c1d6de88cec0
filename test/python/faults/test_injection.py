"""Faults of the array, of its memory and of the image: each is told, with its place, in time."""

import re
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray

import adfc
from adfc.errors import AdfcError, ExecutionError, ImageError
from adfc.image import dump, rimfs
from adfc.runtime import Fault, FaultKind, LoadedProgram, Run, verify
from adfc.zoo import digits as digits_model

Levels = NDArray[np.int8]


@pytest.fixture(scope="module", params=[False, True], ids=["layers", "resident"])
def digits(request: pytest.FixtureRequest) -> adfc.Program:
    """Layer after layer through DDR, and with weights and activations on the array."""
    model, example = digits_model.build()
    return adfc.compile(model, example, resident=request.param, name="digits")


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


def _begin(run: Run) -> int:
    """The cycle in which the inference begins: the load program, if there is one, comes before."""
    return run.load.cycles if run.load else 0


def _wait_cycles(program: adfc.Program) -> int:
    """What `adfc verify` says that an inference on a cold array never waits longer than."""
    bounds = verify(program.image)
    return bounds.run.wait_cycles + (bounds.load.wait_cycles if bounds.load else 0)


def _fault(program: adfc.Program, inputs: list[Levels], *faults: Fault) -> str:
    """The text of the fault record that a run with `faults` ends with, inside its bound."""
    with LoadedProgram(program.image) as loaded:
        loaded.inject(faults)
        with pytest.raises(ExecutionError) as caught:
            loaded.run(inputs)
        assert caught.value.cycles - caught.value.control_cycles <= _wait_cycles(program)
        loaded.inject([])  # the fault is gone, and so are its traces
        assert loaded.run(inputs).outputs
    return str(caught.value)


def test_a_dead_tile(digits: adfc.Program, inputs: list[Levels], healthy: Run) -> None:
    """Dead from the start, and dead in the middle of the inference."""
    column, row = tile = _used_tile(healthy)
    for cycle in (0, _begin(healthy) + healthy.phases[1].start_cycle // 2):
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


_PUSH = re.compile(r"write32 \((\d+), (\d+)\).*; \w+ DMA_MM2S_QUEUE\[(\d+)\]")


def test_a_lost_word(digits: adfc.Program, inputs: list[Levels], healthy: Run) -> None:
    """Of any sender, from power-on and in the inference: a fault that names both ends.

    A resident program's streams never end, and their packets are of any length: no receiver would
    wait for what is lacking. A tape of weights is one packet, which may end as late as at the
    beginning of the next inference.
    """
    bound = _wait_cycles(digits)
    senders = {tuple(map(int, place)) for place in _PUSH.findall(dump(digits.image))}
    assert {row for _, row, _ in senders} >= {0, 1, 3}, "shims, memtiles and cores send"
    faults = 0
    with LoadedProgram(digits.image) as program:
        for column, row, channel in sorted(senders):
            for cycle in sorted({0, _begin(healthy)}):
                fault = Fault(FaultKind.LOST_WORD, (column, row), index=channel, cycle=cycle)
                program.inject([fault])
                try:
                    run = program.run(inputs)
                    program.run(inputs, keep_state=True)
                except ExecutionError as error:
                    faults += 1
                    assert str(error).startswith("the array reported an error at word ")
                    receiver = r"S2MM \d of \w+ \(\d+,\d+\): a packet ends after \d+ words"
                    sender = (
                        rf"MM2S {channel} of \w+ \({column},{row}\) was to send: words were lost"
                    )
                    assert re.search(f"{receiver}, of the \\d+ that {sender}", str(error))
                    assert error.cycles - error.control_cycles <= bound
                else:  # it sends nothing any more
                    assert cycle > 0
                    np.testing.assert_array_equal(run.outputs[0], healthy.outputs[0])
    assert faults >= len(senders)


def test_ddr_that_never_answers_again(
    digits: adfc.Program, inputs: list[Levels], healthy: Run
) -> None:
    for cycle in (0, _begin(healthy), _begin(healthy) + healthy.phases[2].start_cycle):
        first, *details = _fault(
            digits, inputs, Fault(FaultKind.STALLED_DDR, cycle=cycle)
        ).splitlines()
        assert "(WAIT_TASK tile " in first
        assert any("of shim (" in line for line in details)


def test_ddr_that_answers_late_costs_time_and_nothing_else(
    digits: adfc.Program, inputs: list[Levels], healthy: Run
) -> None:
    # Longer than control takes to set up, shorter than the first wait's bound.
    length = 15000 if '"resident"' in digits.schedule else 20000
    with LoadedProgram(digits.image) as program:
        cycle = _begin(healthy) + 1000
        program.inject([Fault(FaultKind.STALLED_DDR, cycle=cycle, length=length)])
        run = program.run(inputs)
    np.testing.assert_array_equal(run.outputs[0], healthy.outputs[0])
    assert healthy.whole.cycles < run.whole.cycles <= healthy.whole.cycles + length + 1000


def test_ddr_that_answers_too_late(digits: adfc.Program, inputs: list[Levels]) -> None:
    """Longer than the first wait's bound: that ends with a fault, though DDR would answer then."""
    text = _fault(digits, inputs, Fault(FaultKind.STALLED_DDR, length=1 << 30))
    assert text.startswith("the wait reached its bound")
    assert re.search(
        r"\(WAIT_TASK tile .*\) (in phase 0|of the load program)$", text.splitlines()[0]
    )


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


@pytest.mark.parametrize("section", ["weights", "program", "load_program", "core_programs"])
def test_every_flipped_bit_is_found_at_load(digits: adfc.Program, section: str) -> None:
    """Bit by bit, all of them, as a board's own check at load: the checksum of their section."""
    if section == "load_program" and not digits.parts.load_program:
        assert section not in rimfs.read(digits.image)
        return
    image = bytearray(digits.image)
    data = rimfs.read(digits.image)[section]
    start = digits.image.index(bytes(data))
    before = 0
    for byte in data:  # what follows leads two checksums that differ to two that differ
        after = {zlib.crc32(bytes([byte ^ 1 << bit]), before) for bit in range(8)}
        before = zlib.crc32(bytes([byte]), before)
        assert len(after) == 8
        assert before not in after
    for bit in range(0, 8 * len(data), 1009):  # and that the engine looks: a prime apart
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
    resident = bool(digits.parts.load_program)
    around = adfc.compile(
        model, example, avoid_tiles=[(column, row)], resident=resident, name="digits"
    )
    assert bool(around.parts.load_program) == resident
    with LoadedProgram(around.image) as program:
        program.inject([fault])
        run = program.run(inputs)
    assert dead not in {(core.column, core.row) for core in run.cores}
    np.testing.assert_array_equal(run.outputs[0], healthy.outputs[0])
