"""What `adfc verify` says that no run exceeds: instructions, RHAL calls, and cycles of waiting."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import adfc
from adfc.errors import ExecutionError
from adfc.image import dump
from adfc.runtime import Bound, Cost, Fault, FaultKind, LoadedProgram, verify
from adfc.zoo import autoencoder as autoencoder_model
from adfc.zoo import digits as digits_model


def of_text(image: bytes, title: str) -> Bound:
    """The bound of the program under `title`, counted by the words of the image's text."""
    lines = [line.split(";")[0].split() for line in dump(image).splitlines()]
    lines = [line for line in lines if line]
    first = next(i for i, line in enumerate(lines) if line[0] == title) + 1
    last = next(i for i in range(first, len(lines)) if lines[i][0] == "end")
    body = lines[first : last + 1]
    names = [line[0] for line in body]
    waits = [int(line[line.index("max") + 1]) for line in body if "max" in line]
    calls = len(body) + 2 * names.count("bind_buffer") - names.count("nop") - 1  # end
    words = sum(map(_words, body))
    return Bound(len(body), calls, words, len(waits), sum(waits), max(waits))


def _whole(program: adfc.Program) -> Bound:
    """The bound of a run on a cold array: the load program's and an inference's."""
    load, run = (bounds := verify(program.image)).load, bounds.run
    if load is None:
        return run
    return Bound(
        load.instructions + run.instructions,
        load.rhal_calls + run.rhal_calls,
        load.words + run.words,
        load.waits + run.waits,
        load.wait_cycles + run.wait_cycles,
        max(load.longest_wait, run.longest_wait),
    )


def _wait_cycles(cost: Cost) -> int:
    """Cycles in which control waited for the array, or that it spent beside it, at most."""
    return cost.cycles - cost.control_cycles


def _words(line: list[str]) -> int:
    match line[0]:
        case "write32" | "mask_write32":
            return 1
        case "block_write":
            return " ".join(line).split("[")[1].count(",") + 1
        case "block_set":
            return int(line[-2].rstrip(","))
        case "bind_buffer":
            return 2
        case "load_core":
            return int(line[-1])
        case _:
            return 0


@pytest.mark.parametrize("model", ["digits", "autoencoder"])
def test_bounds_are_those_of_the_text(model: str, request: pytest.FixtureRequest) -> None:
    program: adfc.Program = request.getfixturevalue(model)
    bounds = verify(program.image)
    assert bounds.load == of_text(program.image, "load_program")
    assert bounds.run == of_text(program.image, "program")


@pytest.mark.parametrize(
    ("model", "build"),
    [("digits", digits_model.build), ("autoencoder", autoencoder_model.MODEL.build)],
)
def test_a_run_makes_just_the_calls_that_are_counted(
    model: str, build: Callable[[], tuple[Any, ...]], request: pytest.FixtureRequest
) -> None:
    program: adfc.Program = request.getfixturevalue(model)
    bound = verify(program.image).run
    example = build()[1]
    inputs = program.quantize([example[0].numpy()])
    with LoadedProgram(program.image) as loaded:
        run = loaded.run(inputs, trace=True)
    assert run.instructions == bound.instructions
    assert run.trace_calls == _whole(program).rhal_calls
    assert run.cost.cycles - run.cost.control_cycles <= bound.wait_cycles


_FAULTS = [
    *(Fault(FaultKind.DEAD_TILE, (1, 3), cycle=cycle) for cycle in (0, 3000, 20000)),
    *(Fault(FaultKind.STUCK_LOCK, (1, 3), index=index, value=0) for index in range(4)),
    *(Fault(FaultKind.LOST_WORD, (2, 0), index=index) for index in range(2)),
    *(Fault(FaultKind.STALLED_DDR, cycle=cycle) for cycle in (0, 5000)),
    *(Fault(FaultKind.STALLED_DDR, cycle=100, length=1 << shift) for shift in (12, 20, 30)),
    *(Fault(FaultKind.FLIPPED_BIT, (1, 3), index=4 * word, value=7) for word in (0, 99, 2048)),
]


@pytest.fixture(scope="module")
def in_layers() -> adfc.Program:
    """The smallest model, layer after layer through DDR."""
    model, example = digits_model.build()
    return adfc.compile(model, example, resident=False, name="digits")


@pytest.mark.parametrize("form", ["digits", "in_layers"])
@pytest.mark.parametrize("fault", _FAULTS, ids=str)
def test_no_fault_leads_beyond_the_bound(
    form: str, fault: Fault, request: pytest.FixtureRequest
) -> None:
    """From power-on, and from the inference on: its bound is the program's own then."""
    digits: adfc.Program = request.getfixturevalue(form)
    inputs = digits.quantize([np.zeros((1, 1, 8, 8), np.float32)])
    with LoadedProgram(digits.image) as loaded:
        healthy = loaded.run(inputs)
        for begin in {0, healthy.load.cycles if healthy.load else 0}:
            later = dataclasses.replace(fault, cycle=begin + fault.cycle)
            loaded.inject([later])
            bound = verify(digits.image).run if begin else _whole(digits)
            try:
                run = loaded.run(inputs, trace=True)
            except ExecutionError as error:
                assert error.cycles - error.control_cycles <= bound.wait_cycles
            else:
                assert run.instructions <= bound.instructions
                assert run.trace_calls <= _whole(digits).rhal_calls
                assert run.cost.cycles - run.cost.control_cycles <= bound.wait_cycles


_FORMS = {"digits": 16, "in_layers": 4, "autoencoder": 32}
"""How many times an inference's cycles its waits may last at most."""


@pytest.mark.parametrize(("form", "factor"), _FORMS.items())
def test_the_bound_is_near_what_a_run_takes(
    form: str, factor: int, request: pytest.FixtureRequest
) -> None:
    """A wait is allowed four times its step's work, stage after stage, and a DDR at rest."""
    program: adfc.Program = request.getfixturevalue(form)
    zeros = [np.zeros((*t.dims[:-1], t.valid), np.int8) for t in program.parts.io.inputs]
    with LoadedProgram(program.image) as loaded:
        run = loaded.run(zeros)
    assert run.cost.cycles < verify(program.image).run.wait_cycles < factor * run.cost.cycles


@pytest.mark.parametrize("form", _FORMS)
def test_a_ddr_that_rests_for_a_while_is_waited_for(
    form: str, request: pytest.FixtureRequest
) -> None:
    """For 12,500 cycles, which each wait allows for, at any time: the right output, later."""
    program: adfc.Program = request.getfixturevalue(form)
    rng = np.random.default_rng(5)
    shapes = [(*t.dims[:-1], t.valid) for t in program.parts.io.inputs]
    inputs = [rng.integers(-128, 128, shape).astype(np.int8) for shape in shapes]
    bound = verify(program.image).run
    with LoadedProgram(program.image) as loaded:
        healthy = loaded.run(inputs)
        load = healthy.load.cycles if healthy.load else 0
        waits = _wait_cycles(healthy.cost)
        longest = 0
        for begin in range(0, healthy.cost.cycles, healthy.cost.cycles // 10):
            loaded.inject([Fault(FaultKind.STALLED_DDR, cycle=load + begin, length=12_500)])
            run = loaded.run(inputs)
            for ours, theirs in zip(run.outputs, healthy.outputs, strict=True):
                np.testing.assert_array_equal(ours, theirs)
            assert _wait_cycles(run.cost) <= bound.wait_cycles
            longest = max(longest, _wait_cycles(run.cost))
    assert longest > waits + 6_000, "the stall was met"
