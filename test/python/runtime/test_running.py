"""Programs on the emulated array: bytes, cycles and counters; engine and native programs alike."""

import dataclasses
import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from array_programs import WAIT, Source, add_program, copy_program
from native_source import native_c

from adfc.errors import AdfcError, InputError
from adfc.image import IoTable, IoTensor, write_image
from adfc.runtime import EventKind, LoadedProgram, NativeProgram, supported_isas

X86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the test's kernel is x86-64 code")


def _ramp(count: int) -> np.ndarray:
    return np.arange(count).astype(np.int8).reshape(1, count)


def test_copies_through_a_memtile() -> None:
    with LoadedProgram(copy_program(256).image()) as program:
        run = program.run([_ramp(1024)])
    np.testing.assert_array_equal(run.outputs[0], _ramp(1024))
    assert run.outputs[0].dtype == np.int8
    assert run.cost.ddr_read_bytes == run.cost.ddr_write_bytes == 1024
    assert (program.device, program.isa, program.clock_mhz) == ("ve2802", "", 1250)


@X86
def test_a_core_runs_a_kernel() -> None:
    with LoadedProgram(add_program(16, addend=-7, cycles=250).image()) as program:
        run = program.run([_ramp(64)])
        assert program.isa == "x86_64"
    np.testing.assert_array_equal(run.outputs[0], _ramp(64) - 7)
    (core,) = run.cores
    assert (core.column, core.row, core.calls, core.busy_cycles) == (2, 3, 1, 250)


@X86
def test_runs_are_deterministic() -> None:
    image = add_program().image()
    with LoadedProgram(image) as first, LoadedProgram(image) as second:
        runs = [first.run([_ramp(64)], trace=True) for _ in range(2)]
        runs.append(second.run([_ramp(64)], trace=True))
    for run in runs[1:]:
        for field in dataclasses.fields(run):
            if field.name != "outputs":
                assert getattr(run, field.name) == getattr(runs[0], field.name)
        np.testing.assert_array_equal(run.outputs[0], runs[0].outputs[0])


@X86
def test_two_threads_make_the_same_run() -> None:
    with LoadedProgram(add_program().image()) as program:
        one, two = (
            program.run([_ramp(64)], trace=True, max_events=1000, threads=threads)
            for threads in (1, 2)
        )
        np.testing.assert_array_equal(two.outputs[0], _ramp(64) + 3)
        assert (one.cost, one.trace_digest) == (two.cost, two.trace_digest)
        assert one.events is not None
        assert two.events is not None
        np.testing.assert_array_equal(one.events, two.events)
        with pytest.raises(InputError, match="1 or 2 threads, not 3"):
            program.run([_ramp(64)], threads=3)


@X86
def test_events_of_some_kinds_are_kept() -> None:
    with LoadedProgram(add_program().image()) as program:
        everything = program.run([_ramp(64)], max_events=1000).events
        kinds = (EventKind.BD, EventKind.CALL)
        some = program.run([_ramp(64)], max_events=1000, event_kinds=kinds).events
        assert everything is not None
        wanted = everything[np.isin(everything["kind"], kinds)]
        assert 0 < len(wanted) < len(everything)
        np.testing.assert_array_equal(some, wanted)
        program.run([_ramp(64)], max_events=len(wanted), event_kinds=kinds)
        with pytest.raises(AdfcError, match=r"events happened; at most .* are kept.*smaller batch"):
            program.run([_ramp(64)], max_events=len(wanted))


@X86
def test_the_array_can_keep_its_state() -> None:
    with LoadedProgram(add_program().image()) as program:
        for addend in (0, 1):
            values = _ramp(64) + np.int8(addend)
            run = program.run([values], keep_state=True)
            np.testing.assert_array_equal(run.outputs[0], values + 3)


def test_phases_and_timestamps_split_the_run() -> None:
    with LoadedProgram(copy_program().image()) as program:
        run = program.run([_ramp(64)])
    assert [phase.id for phase in run.phases] == [0, 7]
    assert run.phases[1].start_cycle == run.phases[0].cost.cycles
    assert sum(phase.cost.cycles for phase in run.phases) == run.cost.cycles
    assert sum(phase.cost.control_cycles for phase in run.phases) == run.cost.control_cycles
    assert [phase.cost.ddr_read_bytes for phase in run.phases] == [0, 64]
    (stamp,) = run.timestamps
    assert (stamp.id, stamp.cycle) == (3, run.cost.cycles)


def test_control_costs_what_the_device_table_says() -> None:
    """ve2802.toml: a write 100 cycles, 15 for each further word, a masked write 210."""
    source = Source(
        [
            "write32 (2, 3) 0x0, 0x1",
            "block_write (2, 3) 0x0, [1, 2, 3, 4, 5, 6, 7, 8]",
            "block_set (2, 3) 0x0, 3, 0x7",
            "mask_write32 (2, 3) 0x0, 0x1, 0x1",
            "nop",
            "barrier",
            "cache_sync input mm2s",
        ]
    )
    with LoadedProgram(source.image()) as program:
        cost = program.run([_ramp(64)]).cost
    assert cost.control_cycles == 100 + (100 + 7 * 15) + (100 + 2 * 15) + 210
    assert cost.cycles == cost.exposed_cycles == cost.control_cycles


@X86
def test_control_under_way_of_a_kernel_is_not_exposed() -> None:
    """The kernel outlasts the 20 writes behind its start by far."""
    source = add_program(cycles=50000, max_cycles=200000)
    control = source.control
    poll = next(i for i, line in enumerate(control) if line.startswith("mask_poll"))
    busy = [*control[:poll], *["write32 (2, 3) 0x8000, 0x1"] * 20, *control[poll:]]
    costs = []
    for lines in (control, busy):
        with LoadedProgram(dataclasses.replace(source, control=lines).image()) as program:
            costs.append(program.run([_ramp(64)]).cost)
    assert costs[1].control_cycles - costs[0].control_cycles == 2000
    # The data is under way to the core, or the kernel runs: nearly none of that is exposed.
    assert costs[1].exposed_cycles - costs[0].exposed_cycles <= 0


def test_trace_lines_are_calls() -> None:
    lines: list[str] = []
    with LoadedProgram(copy_program().image()) as program:
        run = program.run([_ramp(64)], on_line=lines.append)
        assert program.run([_ramp(64)]).trace_digest is None
    assert lines[:3] == ["cache_sync 0, 1", "phase 0", "write32 (2, 0) 0x1f000, 0x400"]
    assert "wait_task (2, 0) 0, 0, 100000" in lines
    assert run.trace_calls == len(lines)


def test_an_error_in_the_line_callback_comes_through() -> None:
    def refuse(_: str) -> None:
        raise KeyError("stop")

    with LoadedProgram(copy_program().image()) as program, pytest.raises(KeyError, match="stop"):
        program.run([_ramp(64)], on_line=refuse)


def test_other_programs_have_other_digests() -> None:
    digests = set()
    for source in (
        copy_program(),
        dataclasses.replace(
            copy_program(),
            control=[line.replace("timestamp 3", "timestamp 4") for line in copy_program().control],
        ),
    ):
        with LoadedProgram(source.image()) as program:
            digests.add(program.run([_ramp(64)], trace=True).trace_digest)
    assert len(digests) == 2


@X86
@pytest.mark.parametrize("source", [copy_program(), add_program()], ids=["copy", "add"])
def test_a_native_program_makes_the_same_calls(source: Source, tmp_path: Path) -> None:
    """The native program is C, written by this test from the decoded control blocks."""
    compiler = shutil.which("clang-22") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    (tmp_path / "native.c").write_text(native_c(source.parts()))
    library = tmp_path / "native.so"
    command = [compiler, "-shared", "-fPIC", "-o", str(library), str(tmp_path / "native.c")]
    subprocess.run(command, check=True)
    native = NativeProgram(library)
    lines: dict[str, list[str]] = {"engine": [], "native": []}
    with LoadedProgram(source.image()) as program:
        engine = program.run([_ramp(64)], on_line=lines["engine"].append)
        again = program.run([_ramp(64)], native=native, on_line=lines["native"].append)
    assert lines["native"] == lines["engine"]
    assert again.trace_digest == engine.trace_digest
    assert again.cost == engine.cost
    np.testing.assert_array_equal(again.outputs[0], engine.outputs[0])


def test_channels_are_padded_and_cut() -> None:
    """Three of four channels count: the fourth is zero on the way in, dropped on the way out."""
    parts = copy_program().parts()
    tensor = IoTensor("x", 0, (1, 4, 4, 4), 3)
    io = IoTable((tensor,), (tensor,), 64, 64, 0)
    whole = IoTable((tensor,), (IoTensor("y", 0, (64,), 64),), 64, 64, 0)
    values = (np.arange(48) + 1).astype(np.int8).reshape(1, 4, 4, 3)
    with LoadedProgram(write_image(dataclasses.replace(parts, io=io))) as program:
        np.testing.assert_array_equal(program.run([values]).outputs[0], values)
    with LoadedProgram(write_image(dataclasses.replace(parts, io=whole))) as program:
        raw = program.run([values]).outputs[0].reshape(4, 4, 4)
    assert not raw[..., 3].any()


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ([], "0 inputs given, the program has 1"),
        ([_ramp(64), _ramp(64)], "2 inputs given"),
        ([_ramp(60)], r"input 'x' is int8 \(1, 60\), expected int8 \(1, 64\)"),
        ([_ramp(64).astype(np.float32)], "input 'x' is float32"),
    ],
)
def test_wrong_inputs_are_refused(inputs: list[np.ndarray], reason: str) -> None:
    with LoadedProgram(copy_program().image()) as program, pytest.raises(InputError, match=reason):
        program.run(inputs)


def test_a_closed_program_does_not_run() -> None:
    program = LoadedProgram(copy_program().image())
    program.close()
    with pytest.raises(InputError, match="closed"):
        program.run([_ramp(64)])


@X86
def test_the_instruction_set_can_be_forced() -> None:
    assert "x86_64" in supported_isas()
    image = add_program().image()
    with LoadedProgram(image, isa="x86_64") as program:
        assert program.isa == "x86_64"
    with pytest.raises(AdfcError, match="does not run kernel code for 'riscv64'"):
        LoadedProgram(image, isa="riscv64")
    if "x86_64-vnni" in supported_isas():
        with pytest.raises(AdfcError, match="no kernel code that this machine runs; it has x86_64"):
            LoadedProgram(image, isa="x86_64-vnni")


def test_an_image_for_another_processor_is_refused() -> None:
    source = add_program()
    foreign = dataclasses.replace(source, code={"s390x": source.code["x86_64"]})
    with pytest.raises(AdfcError, match="no kernel code that this machine runs; it has s390x"):
        LoadedProgram(foreign.image())
    with pytest.raises(AdfcError, match="it has none"):
        LoadedProgram(dataclasses.replace(source, code={}).image())


def test_programs_that_wait_for_nothing_in_particular_can_wait_twice() -> None:
    """A second wait for the one token is a deadlock, told at once and not after its bound."""
    source = copy_program()
    control = [*source.control, WAIT]
    with (
        LoadedProgram(dataclasses.replace(source, control=control).image()) as program,
        pytest.raises(AdfcError, match="deadlock"),
    ):
        program.run([_ramp(64)])
