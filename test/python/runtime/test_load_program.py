"""Images with a load program: it is played once, and each inference finds what it left."""

import dataclasses
import platform
import shutil
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from array_programs import WAIT, Source, place, resident_core_program, resident_program

from adfc.boards import load_board, run_on_board
from adfc.driver.ir import decode
from adfc.errors import ExecutionError, ImageError
from adfc.image import assemble, dump, rcb, read_image, write_image
from adfc.program import native_program
from adfc.runtime import Fault, FaultKind, LoadedProgram, verify
from adfc.spec import devices

WEIGHTS = bytes(range(100, 228)) * 2  # 256 bytes
SOURCE = resident_program(WEIGHTS)


def _input(first: int) -> np.ndarray:
    return (np.arange(64) + first).astype(np.uint8).view(np.int8).reshape(1, 64)


def _expected(values: np.ndarray) -> np.ndarray:
    return np.concatenate([np.frombuffer(WEIGHTS, np.int8), values[0]])[None]


@pytest.fixture
def program() -> Iterator[LoadedProgram]:
    with LoadedProgram(SOURCE.image()) as loaded:
        yield loaded


def test_weights_cross_ddr_once(program: LoadedProgram) -> None:
    runs = [program.run([_input(i)], keep_state=True) for i in range(3)]
    for index, run in enumerate(runs):
        np.testing.assert_array_equal(run.outputs[0], _expected(_input(index)))
        assert (run.cost.ddr_read_bytes, run.cost.ddr_write_bytes) == (64, 256 + 64)
        assert [phase.id for phase in run.phases] == [0]
    first, second, third = runs
    assert first.load is not None
    assert (first.load.ddr_read_bytes, first.load.ddr_write_bytes) == (256, 0)
    assert second.load is third.load is None
    assert second.cost == third.cost  # a steady state
    assert first.whole.cycles == first.load.cycles + first.cost.cycles
    assert first.instructions == second.instructions == len(SOURCE.control) + 1
    assert program.load_words * 4 == len(SOURCE.parts().load_program)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the test's kernel is x86-64 code")
def test_a_core_is_loaded_once_and_its_channels_run_for_ever() -> None:
    """An inference is two writes to the core, two pushes and a wait."""
    cycles = devices.load("ve2802").cycles
    with LoadedProgram(resident_core_program(addend=5).image()) as program:
        runs = [program.run([_input(i)], keep_state=True) for i in range(4)]
    for index, run in enumerate(runs):
        np.testing.assert_array_equal(run.outputs[0], _input(index) + np.int8(5))
        assert (run.cost.ddr_read_bytes, run.cost.ddr_write_bytes) == (64, 64)
        assert [core.calls for core in run.cores] == [1]
        assert (run.load is None) == (index > 0)
    assert runs[1].cost == runs[2].cost == runs[3].cost
    assert runs[1].cores == runs[2].cores == runs[3].cores
    assert runs[3].cost.control_cycles == (
        2 * cycles("control_mask_write_cycles")
        + 2 * cycles("control_push_cold_cycles")
        + cycles("control_read_cycles")
    )


def test_control_is_counted_for_each_program(program: LoadedProgram) -> None:
    """Two writes, two pushes to channels of a shim that do not run, and a look for the token."""
    cycles = devices.load("ve2802").cycles
    first = program.run([_input(0)], keep_state=True)
    steady = program.run([_input(0)], keep_state=True)
    assert steady.cost.control_cycles == (
        2 * cycles("control_write_cycles")
        + 2 * cycles("control_push_cold_cycles")
        + cycles("control_read_cycles")
    )
    assert first.load is not None
    assert first.whole.control_cycles == first.load.control_cycles + first.cost.control_cycles


def test_each_program_has_its_bound(program: LoadedProgram) -> None:
    """Counted by hand from the source: a run makes these calls, writes these words, waits so long.

    The load program: one poll of 100,000 cycles, three times a buffer bound (three calls, two words
    each). An inference: four pushes and one wait.
    """
    bounds = verify(SOURCE.image())
    assert bounds.load is not None
    assert bounds.load.instructions == len(SOURCE.load) + 1  # END
    assert bounds.load.rhal_calls == len(SOURCE.load) + 3 * 2
    assert (bounds.load.waits, bounds.load.wait_cycles) == (1, 100_000)
    assert bounds.run.instructions == len(SOURCE.control) + 1
    assert (bounds.run.rhal_calls, bounds.run.words) == (len(SOURCE.control), 4)
    assert (bounds.run.waits, bounds.run.wait_cycles) == (1, int(WAIT.split()[-1]))
    cold, warm = (program.run([_input(0)], keep_state=True, trace=True) for _ in range(2))
    assert cold.trace_calls == bounds.load.rhal_calls + bounds.run.rhal_calls
    assert warm.trace_calls == bounds.run.rhal_calls
    assert warm.instructions == bounds.run.instructions
    assert cold.load is not None
    assert cold.load.cycles - cold.load.control_cycles <= bounds.load.wait_cycles
    assert cold.cost.cycles - cold.cost.control_cycles <= bounds.run.wait_cycles


@pytest.mark.parametrize("cycle", [0, 300, 1000, 5000])
def test_no_fault_leads_beyond_the_bounds(program: LoadedProgram, cycle: int) -> None:
    """DDR that answers no more: in the load program, between, or in the inference."""
    bounds = verify(SOURCE.image())
    assert bounds.load is not None
    program.inject([Fault(FaultKind.STALLED_DDR, cycle=cycle)])
    with pytest.raises(ExecutionError) as caught:
        for _ in range(20):
            program.run([_input(0)], keep_state=True)
    waited = caught.value.cycles - caught.value.control_cycles
    assert 0 <= waited <= bounds.load.wait_cycles + bounds.run.wait_cycles


def test_a_cold_array_is_loaded_again(program: LoadedProgram) -> None:
    runs = [program.run([_input(3)]) for _ in range(2)]
    assert runs[0].load == runs[1].load is not None
    assert runs[0].cost == runs[1].cost


def test_a_fault_in_the_run_makes_the_array_be_loaded_again(program: LoadedProgram) -> None:
    program.inject([Fault(FaultKind.STUCK_LOCK, (2, 1), index=0, value=0, cycle=40000)])
    cycles = 0
    with pytest.raises(ExecutionError):
        for _ in range(20):
            cycles += program.run([_input(1)], keep_state=True).whole.cycles
    assert cycles  # at least one inference went well before
    program.inject([])
    run = program.run([_input(2)], keep_state=True)
    assert run.load is not None
    np.testing.assert_array_equal(run.outputs[0], _expected(_input(2)))
    assert program.run([_input(2)], keep_state=True).load is None


def test_a_fault_in_the_load_is_told_and_stops_all() -> None:
    queue = f"write32 {place(0, 'DMA_MM2S_QUEUE')}"
    load = [line for line in SOURCE.load if not line.startswith(queue)]
    with LoadedProgram(dataclasses.replace(SOURCE, load=load).image()) as program:
        for _ in range(2):
            with pytest.raises(ExecutionError, match="of the load program") as caught:
                program.run([_input(0)], keep_state=True)
            assert "MASK_POLL tile 2,1" in str(caught.value)


def test_the_native_program_makes_the_same_calls(program: LoadedProgram) -> None:
    """On a cold array load and run; on a loaded one the run alone."""
    native = native_program(SOURCE.parts())
    lines: list[list[str]] = []
    runs = []
    for chosen in (None, native):
        for keep in (False, True):
            lines.append([])
            runs.append(
                program.run([_input(5)], native=chosen, keep_state=keep, on_line=lines[-1].append)
            )
    assert lines[:2] == lines[2:]
    assert lines[0][-len(lines[1]) :] == lines[1]
    assert [run.trace_digest for run in runs[:2]] == [run.trace_digest for run in runs[2:]]
    assert [run.load for run in runs[:2]] == [run.load for run in runs[2:]]
    assert [run.cost for run in runs[:2]] == [run.cost for run in runs[2:]]
    np.testing.assert_array_equal(runs[3].outputs[0], _expected(_input(5)))


def test_text_and_bytes_are_the_same_program() -> None:
    image = SOURCE.image()
    text = dump(image)
    assert text.index("load_program device 1") < text.index("\nprogram device 1")
    made = assemble(text)
    parts = read_image(image)
    assert (made.load_program, made.program) == (parts.load_program, parts.program)
    assert write_image(parts) == image
    assert "load_program" not in dump(dataclasses.replace(SOURCE, load=[]).image())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("program device 1 buffers 2\nend\nload_program device 1 buffers 2", "line 3: there is a"),
        ("load_program device 1 buffers 2\nload_program device 1 buffers 2", "line 2: there is a"),
        ("load_program device 1 buffers 2\nend\ncore_programs bytes 4", "after the program"),
    ],
)
def test_texts_with_misplaced_programs_are_refused(text: str, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        assemble(text)


def _with_load(load: bytes) -> bytes:
    return write_image(dataclasses.replace(SOURCE.parts(), load_program=load))


def test_damaged_load_programs_are_refused() -> None:
    """Whatever bit of it flips; checked before the first write, as the other one is."""
    load = SOURCE.parts().load_program
    for bit in range(0, 8 * len(load), 37):
        damaged = bytearray(load)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ImageError, match="section load_program: ") as caught:
            verify(_with_load(bytes(damaged)))
        assert "\n" not in str(caught.value)


def test_load_programs_obey_the_same_rules() -> None:
    decoded = rcb.decode(SOURCE.parts().load_program)
    outside = rcb.RcbInstruction("write32", {"address": 0x0550_0000, "value": 0})  # core's data end
    broken = dataclasses.replace(decoded, instructions=(outside, *decoded.instructions))
    with pytest.raises(ImageError, match=r"section load_program: .*WRITE32 tile 2,21"):
        verify(_with_load(rcb.encode(broken)))
    with pytest.raises(ImageError, match="section load_program: the program is for another device"):
        verify(_with_load(rcb.encode(dataclasses.replace(decoded, device=2))))
    with pytest.raises(ImageError, match="section load_program"):
        verify(_with_load(struct.pack("<I", 1)))


def test_ir_and_bytes_are_the_same_programs() -> None:
    parts = SOURCE.parts()
    encoded = decode(parts).encode()
    assert (encoded.load_program, encoded.program) == (parts.load_program, parts.program)


def test_a_native_program_without_a_load_is_refused(program: LoadedProgram) -> None:
    bare: Source = dataclasses.replace(SOURCE, load=[])
    with pytest.raises(Exception, match="native program has no load program"):
        program.run([_input(0)], native=native_program(bare.parts()))


@pytest.mark.boards
@pytest.mark.parametrize("name", ["versal", "riscv64", "mps3-an547"])
def test_a_board_loads_once(name: str, program: LoadedProgram) -> None:
    """Three runs in a boot: output and costs of the last are those of a steady run on the host."""
    board = load_board(name)
    if shutil.which(board.qemu.program) is None:
        pytest.skip(f"{board.qemu.program} is not installed (Debian: {board.qemu.package})")
    (boot,) = run_on_board(SOURCE.image(), board, [_input(9)], runs=3)
    host = [program.run([_input(9)], keep_state=True) for _ in range(3)]
    np.testing.assert_array_equal(boot.outputs[0], _expected(_input(9)))
    assert boot.cost == host[-1].cost
    assert boot.engine_instructions == host[-1].instructions
    assert len(boot.guest_instructions) == 3
