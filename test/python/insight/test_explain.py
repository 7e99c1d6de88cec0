"""Explanations lead from any control word to the model's line, and from there back to the word."""

from __future__ import annotations

import re

import numpy as np
import pytest

from adfc.errors import ExecutionError, InputError
from adfc.explain import Fact, explain_fault, explain_operator, explain_tile, explain_word
from adfc.image.rcb import HEADER_WORDS
from adfc.program import Backend, Engine, Program
from adfc.runtime import Fault, FaultKind, Role, Who
from adfc.suggest import nearest


def _texts(facts: list[Fact], what: str) -> list[str]:
    return [fact.text for fact in facts if fact.what == what]


def test_every_word_has_an_explanation(program: Program) -> None:
    total = len(program.parts.program) // 4
    for word in range(total):
        facts = explain_word(program.replay, program.parts.kernels, word)
        assert facts[0].what == "word"
        step = program.replay.step_at(word)
        assert (step is None) == (word < HEADER_WORDS)
        if step is not None and step.phase >= 0:
            layer = program.layers[step.phase]
            assert f"{layer.name} ({layer.kind})" in _texts(facts, "layer")[0]
    with pytest.raises(InputError, match=f"no word {total}"):
        explain_word(program.replay, program.parts.kernels, total)


def test_descriptor_words_lead_to_task_stream_and_line(program: Program) -> None:
    replay = program.replay
    task = next(t for t in replay.tasks if t.who.role is Role.MM2S and t.phase == 1)
    steps = [*(replay.load.steps if replay.load else ()), *replay.steps[: task.step]]
    step = next(
        step
        for step in reversed(steps)
        if any(
            p.register.name == "DMA_BD"
            and (p.tile, p.index) == (task.who.tile, task.descriptors[0].number)
            for p in step.places
        )
    )
    facts = explain_word(replay, program.parts.kernels, step.word, load=step.load)
    assert f"pushed by word {replay.steps[task.step].word}" in _texts(facts, "task")[0]
    assert task.route is not None
    assert all(str(sink) in _texts(facts, "stream")[0] for sink in task.route.sinks)
    if step.load:
        assert _texts(facts, "layer") == ["none: this serves all layers"]
        return
    assert any("aten.conv2d" in text for text in _texts(facts, "operator"))
    assert re.search(r"zoo/resnet8\.py:\d+$", _texts(facts, "layer")[0])


def test_an_operator_leads_to_words_that_lead_back(program: Program) -> None:
    facts = explain_operator(program.replay, program.parts.kernels, "stack2.add")
    assert len(_texts(facts, "layer")) == 1
    words = [
        int(word) for text in _texts(facts, "task") for word in re.findall(r"word (\d+)", text)
    ]
    assert words
    for word in words:
        back = explain_word(program.replay, program.parts.kernels, word)
        assert "stack2.add (" in _texts(back, "layer")[0]
        assert any("aten.add" in text for text in _texts(back, "operator"))


@pytest.mark.parametrize("name", ["aten.add.Tensor", "add", "tosa.add"])
def test_operators_go_by_many_names(program: Program, name: str) -> None:
    facts = explain_operator(program.replay, program.parts.kernels, name)
    layers = [text.partition(" (")[0] for text in _texts(facts, "layer")]
    assert [name.split(" + ")[-1] for name in layers] == ["stack1.add", "stack2.add", "stack3.add"]


def test_a_wrong_name_is_met_with_a_near_one(program: Program) -> None:
    with pytest.raises(InputError, match="cnov1") as caught:
        explain_operator(program.replay, program.parts.kernels, "stack1.cnov1")
    assert "stack1.conv1" in str(caught.value.hint)
    assert nearest("relo", ["relu", "conv2d"]) == ["relu"]
    assert nearest("xyz", ["relu", "conv2d"]) == []


def test_tiles(program: Program) -> None:
    start = (*program.replay.lasting_starts, *program.replay.starts)[0]
    facts = explain_tile(program.replay, program.parts.kernels, start.tile)
    assert _texts(facts, "core")
    first = next(layer for layer in program.layers if layer.kind == "conv2d")
    assert any(first.name in text for text in _texts(facts, "layer"))
    unused = explain_tile(program.replay, program.parts.kernels, (30, 5))
    assert _texts(unused, "use")
    with pytest.raises(InputError, match="no tile 38,0"):
        explain_tile(program.replay, program.parts.kernels, (38, 0))


@pytest.mark.parametrize(
    ("backend", "engine"), [("emu", "rcb"), ("trace", "rcb"), ("emu", "native")]
)
def test_deadlocks_name_layer_operator_and_line(
    program: Program, backend: Backend, engine: Engine
) -> None:
    start = (*program.replay.lasting_starts, *program.replay.starts)[0]
    program.loaded.inject([Fault(FaultKind.DEAD_TILE, start.tile)])
    try:
        with pytest.raises(ExecutionError) as caught:
            zeros = [np.zeros(spec.array_shape, np.int8) for spec in program.inputs]
            program.execute(zeros, backend=backend, engine=engine)
    finally:
        program.loaded.inject([])
    first, *rest = caught.value.message.splitlines()
    assert first.startswith("deadlock: ")
    owners = tuple(f"[{layer.name}, {layer.place}]" for layer in program.layers)
    assert any(line.endswith(owners) for line in rest)
    lasting = any(line.endswith("[all layers: started by the load program]") for line in rest)
    assert lasting == bool(program.parts.load_program)
    assert any("tosa.conv2d" in line and "aten.conv2d" in line for line in rest)
    # The chain of the word that waits: what is awaited, and what that does.
    assert any(line.lstrip().startswith(("task", "core", "register")) for line in rest)


def test_native_programs_name_the_word_that_the_engine_names(program: Program) -> None:
    """They know no words; the number of the call that failed leads to it."""
    zeros = [np.zeros(spec.array_shape, np.int8) for spec in program.inputs]
    engines: tuple[Engine, ...] = ("rcb", "native")
    for start in (program.replay.lasting_starts or program.replay.starts)[:2]:
        words: list[str] = []
        chains: list[list[str]] = []
        for engine in engines:
            program.loaded.inject([Fault(FaultKind.DEAD_TILE, start.tile)])
            try:
                with pytest.raises(ExecutionError) as caught:
                    program.execute(zeros, engine=engine)
            finally:
                program.loaded.inject([])
            first, *rest = caught.value.message.splitlines()
            words += re.findall(r" at word (\d+)", first)
            chains.append([line for line in rest if not line.startswith("  word")])
        assert len(words) == 2
        assert words[0] == words[1]
        assert chains[0] == chains[1]


def test_a_fault_carries_the_whole_chain(program: Program) -> None:
    """From the word to its task, buffer descriptor, lock, stream, layer, operator and line; as the
    engine says it, and as a board's console does."""
    replay, kernels = program.replay, program.parts.kernels
    task = next(t for t in replay.tasks if t.route is not None and t.phase == 1)
    word = replay.step_of(task).word
    for place in ("", "virt: "):
        said = f"{place}the wait reached its bound at word {word} (WRITE32 tile 2,0) in phase 1"
        first, *rest = explain_fault(replay, kernels, said).splitlines()
        assert first == said
        told = "\n".join(rest)
        assert task.route is not None
        for part in (
            f"BD {task.descriptors[0].number}",
            str(task.route.sinks[0]),
            program.layers[1].name,
            "tosa.conv2d",
            "aten.conv2d",
            program.layers[1].place,
        ):
            assert part in told, part


def test_a_fault_of_the_load_program_carries_it_too(program: Program) -> None:
    replay, kernels = program.replay, program.parts.kernels
    word = (replay.load or replay).steps[-1].word
    said = f"the access failed at word {word} (WRITE32 tile 2,3) of the load program"
    if replay.load is None:
        assert explain_fault(replay, kernels, said) == said
        return
    start = replay.load.starts[0]
    word = replay.load.steps[start.step].word
    said = f"the access failed at word {word} (WRITE32 tile 2,3) of the load program"
    first, *rest = explain_fault(replay, kernels, said).splitlines()
    assert first == said
    told = "\n".join(rest)
    assert f"core ({start.tile[0]},{start.tile[1]}) runs the core program" in told
    assert "modelled cycles a call" in told
    assert "none: this serves all layers" in told


def test_other_messages_stay_as_they_are(program: Program) -> None:
    assert explain_fault(program.replay, program.parts.kernels, "no such thing") == "no such thing"
    assert Who.of(0x02010203) == Who(Role.MM2S, 2, 3, 1)
