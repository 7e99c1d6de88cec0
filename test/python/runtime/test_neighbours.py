"""A core that works on its southern neighbour's memory with its locks: what it computes, and that
whatever reads its program gives that memory and those locks to the neighbour."""

import platform
from dataclasses import replace

import numpy as np
import pytest
from array_programs import Source, add_program, neighbour_program, place

from adfc.errors import ImageError
from adfc.explain.facts import start_facts
from adfc.explain.word import explain_word
from adfc.fit.usage import tile_usage
from adfc.insight.lasting import core_work
from adfc.insight.memory import memories
from adfc.insight.places import Lock
from adfc.insight.reach import core_lock, core_memory
from adfc.insight.replay import Replay, replay
from adfc.insight.timeline import Timeline
from adfc.metadata import LayerInfo, Metadata
from adfc.planner.fit import CORE_STACK_BYTES
from adfc.runtime import EventKind, LoadedProgram, Role, Who, verify
from adfc.spec import devices

X86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the test's kernel is x86-64 code")
SOUTH, CORE = (2, 3), (2, 4)  # the tile with the data, and the core to the north of it
FORMS = [add_program(core_row=4), neighbour_program()]


def _replay(source: Source) -> Replay:
    layer = LayerInfo(0, "add", "add", 0, 1, 128, 0, "", 0)
    device = devices.load("ve2802")
    return replay(source.parts(), Metadata("test", device, 1, (), (), (layer,), {}, None, ""))


def test_locks_and_addresses_by_hand() -> None:
    assert core_lock((5, 4), 15) == Lock((5, 4), 15)
    assert core_lock((5, 4), 16) == Lock((5, 3), 0)
    assert core_lock((5, 4), 33) == Lock((4, 4), 1)
    assert core_lock((5, 4), 63) == Lock((5, 5), 15)
    assert core_memory((5, 4), 0xFFFC) == ((5, 4), 0xFFFC)
    assert core_memory((5, 4), 0x40000) == ((5, 3), 0)
    assert core_memory((5, 4), 0x5FFFC) == ((4, 4), 0xFFFC)
    assert core_memory((5, 4), 0x60010) == ((5, 5), 0x10)
    assert core_memory((5, 4), 0x10000) is None
    assert core_memory((5, 4), 0x40000000) is None  # the cascade


@X86
@pytest.mark.parametrize("source", FORMS, ids=["done", "restart"])
def test_it_adds_in_the_neighbours_memory(source: Source) -> None:
    ramp = np.arange(64).astype(np.int8).reshape(1, 64)
    with LoadedProgram(source.image()) as program:
        for _ in range(2):
            run = program.run([ramp])
            np.testing.assert_array_equal(run.outputs[0], ramp + 3)
    (core,) = (core for core in run.cores if core.calls)
    assert (core.column, core.row, core.calls) == (*CORE, 1)


@pytest.mark.parametrize("source", FORMS, ids=["done", "restart"])
def test_bytes_and_locks_are_counted_where_they_are(source: Source) -> None:
    found = {
        entry.tile: entry for entry in tile_usage(source.parts(), _replay(source), source.kernels)
    }
    # Two buffers of the window, of which the DMA fills the first (twice as long, where it receives
    # for ever), and the output.
    data = 64 + 64 + 64 if source is FORMS[0] else 128 + 64 + 64
    assert found[SOUTH].resources["data memory"].used == data
    assert found[SOUTH].resources["locks"].used == 2
    assert found[SOUTH].resources["program memory"].used == 0
    assert found[CORE].resources["data memory"].used == CORE_STACK_BYTES
    assert found[CORE].resources["locks"].used == 0
    assert found[CORE].resources["program memory"].used > 0


def _timeline(source: Source) -> Timeline:
    ramp = np.zeros((1, 64), np.int8)
    with LoadedProgram(source.image()) as program:
        run = program.run([ramp], max_events=10000)
    assert run.events is not None
    return Timeline(_replay(source), run.events, source.kernels, run.cost.cycles)


@X86
@pytest.mark.parametrize("source", FORMS, ids=["done", "restart"])
def test_memory_maps_show_the_kernel_at_the_neighbour(source: Source) -> None:
    found = {memory.tile: memory for memory in memories(_timeline(source), {})}
    assert CORE not in found
    kernel = sorted((use.low, use.high) for use in found[SOUTH].uses if use.action == "kernel")
    assert kernel == [(0, 64), (0x800, 0x840), (0x1000, 0x1040)]


def test_what_a_lasting_core_does_is_for_the_layer_of_the_neighbours_messages() -> None:
    (work,) = core_work(_replay(neighbour_program())).values()
    assert [call.phase for call in work.calls] == [0]
    assert work.handed == {Lock(SOUTH, 1): (0,)}


def _handing_on() -> Source:
    """As `neighbour_program`, whose core then hands on to its own northern neighbour's: by lock 2,
    which is there lock 18. That one has no messages of its own."""
    base = neighbour_program()
    core = [*base.core[:-1], "release 2, 1", base.core[-1]]
    second = [
        "core_program at 128",
        "acquire 18, -1",
        "call kernel 0 (0x40000, 0x0) [1, 64] cycles 10",
        "restart",
    ]
    load = [line.replace("words 19", "words 20") for line in base.load]
    load += [
        f"mask_write32 {place(5, 'CORE_CONTROL')}, 0x3, 0x2",
        "load_core (2, 5) from 128 words 10",
        f"mask_write32 {place(5, 'CORE_CONTROL')}, 0x3, 0x1",
    ]
    return replace(base, core=[*core, *second], load=load)


def test_a_core_without_messages_has_its_neighbours() -> None:
    work = core_work(_replay(_handing_on()))
    assert list(work) == [(2, 4), (2, 5)]
    assert [call.phase for mine in work.values() for call in mine.calls] == [0, 0]
    assert work[2, 4].handed == {Lock((2, 3), 1): (0,), Lock((2, 4), 2): (0,)}


@X86
def test_both_cores_calls_are_the_layers() -> None:
    timeline = _timeline(_handing_on())
    calls = {
        Who.of(s.who).tile: timeline.phase_of[s.number] for s in timeline.of_kind(EventKind.CALL)
    }
    assert calls == {(2, 4): 0, (2, 5): 0}


@X86
def test_events_of_the_neighbours_channel_are_the_layers() -> None:
    timeline = _timeline(neighbour_program())
    for span in timeline.of_kind(EventKind.CALL):
        assert Who.of(span.who).tile == CORE
        assert timeline.phase_of[span.number] == 0
    sent = [s for s in timeline.of_kind(EventKind.MOVE) if Who.of(s.who).role is Role.MM2S]
    assert {int(timeline.phase_of[s.number]) for s in sent if Who.of(s.who).tile == SOUTH} == {0}


def test_explanations_name_the_locks_tile() -> None:
    source = FORMS[0]
    played = _replay(source)
    (start,) = played.starts
    texts = [fact.text for fact in start_facts(played, source.kernels, start)]
    assert "waits for lock 0 of core (2,3)" in texts
    assert not any("its locks" in text for text in texts)
    word = next(
        step.word
        for step in played.steps
        if any(p.register.name == "LOCK" and p.index == 1 for p in step.places)
    )
    texts = [fact.text for fact in explain_word(played, source.kernels, word)]
    assert "handed on by core (2,4)" in texts


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("acquire 16", "acquire 64", "no lock that the core reaches"),
        ("base 0x40000", "base 0x4fc00", "a buffer that leaves"),
        ("0x41000", "0x4ffc4", "a buffer that leaves"),
    ],
    ids=["no such lock", "a window past the end", "a buffer past the end"],
)
def test_what_leaves_the_neighbours_memory_is_refused(old: str, new: str, reason: str) -> None:
    changed = replace(FORMS[0], core=[line.replace(old, new) for line in FORMS[0].core])
    assert changed.core != FORMS[0].core
    with pytest.raises(ImageError, match=reason):
        verify(changed.image())
