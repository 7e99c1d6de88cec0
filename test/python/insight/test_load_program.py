"""What a load program leaves running is seen in each inference, and given to the right layers."""

from __future__ import annotations

import pytest

from adfc.errors import InputError
from adfc.explain import explain_operator, explain_tile, explain_word
from adfc.image.rcb import HEADER_WORDS
from adfc.insight.lasting import core_work
from adfc.insight.timeline import Timeline
from adfc.program import Program
from adfc.runtime import LOAD_MARK, EventKind, Role, Who


@pytest.fixture(autouse=True)
def only_with_a_load_program(program: Program) -> None:
    if not program.parts.load_program:
        pytest.skip("this form has no load program")


def test_calls_are_for_the_layer_of_their_kernel(program: Program, timeline: Timeline) -> None:
    """A layer's kind is that of its kernel; its multiply-accumulates are those of its calls."""
    kinds = [str(kernel["kind"]) for kernel in program.parts.metadata["kernels"]]
    called: dict[int, set[str]] = {}
    for span in timeline.of_kind(EventKind.CALL):
        phase = int(timeline.phase_of[span.number])
        assert phase >= 0, span
        called.setdefault(phase, set()).add(kinds[span.a])
    for phase, layer in enumerate(program.layers):
        if layer.kind != "copy":
            assert layer.kind in called[phase], layer.name
            assert not called[phase] & ({"conv2d", "mean2d"} - {layer.kind}), layer.name


def test_calls_stand_between_the_waits_of_control(timeline: Timeline) -> None:
    """Control waits for a phase's outputs before it ends it, and works two phases ahead at most: a
    phase's calls begin after the waits of the third before it, and end before those of its own."""
    waited: dict[int, int] = {}
    for span in timeline.of_kind(EventKind.CONTROL_WAIT):
        phase = int(timeline.phase_of[span.number])
        waited[phase] = max(waited.get(phase, 0), span.end)
    for span in timeline.of_kind(EventKind.CALL):
        phase = int(timeline.phase_of[span.number])
        assert span.end <= waited[phase]
        assert span.start >= waited.get(phase - 3, 0)


def test_every_call_of_a_core_program_is_made(timeline: Timeline) -> None:
    work = core_work(timeline.replay)
    made: dict[tuple[int, int], list[int]] = {tile: [] for tile in work}
    for span in timeline.of_kind(EventKind.CALL):
        assert span.mark >= LOAD_MARK
        made[Who.of(span.who).tile].append(span.a)
    assert made == {tile: [call.kernel for call in mine.calls] for tile, mine in work.items()}


def test_weights_that_go_round_belong_to_no_layer(timeline: Timeline) -> None:
    tapes = [t for t in timeline.replay.lasting_tasks if t.who.role is Role.MM2S]
    assert tapes
    assert all(task.phase == -1 and task.route is not None for task in tapes)


def test_every_word_of_the_load_program_has_an_explanation(program: Program) -> None:
    total = len(program.parts.load_program) // 4
    users = 0
    for word in range(HEADER_WORDS, total, 7):
        facts = explain_word(program.replay, program.parts.kernels, word, load=True)
        assert facts[0].what == "word"
        assert "of the load program" in facts[0].text
        users += any("over and over" in fact.text for fact in facts)
    assert users
    with pytest.raises(InputError, match=f"load program has no word {total}"):
        explain_word(program.replay, program.parts.kernels, total, load=True)


def test_tiles_and_operators_know_the_cores_that_run_on(program: Program) -> None:
    replay, kernels = program.replay, program.parts.kernels
    start = replay.lasting_starts[0]
    texts = [fact.text for fact in explain_tile(replay, kernels, start.tile)]
    assert any("runs on from inference to inference" in text for text in texts)
    assert any("S2MM 0 runs BD" in text and "over and over" in text for text in texts)
    assert any(text.startswith("calls kernel$conv2d") for text in texts)
    facts = explain_operator(replay, kernels, "pool")
    assert any(fact.what == "cores" for fact in facts)
    assert any("mean2d" in fact.text for fact in facts if fact.what == "kernel")
