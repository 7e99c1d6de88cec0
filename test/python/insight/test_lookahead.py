"""Whose the words of a program are that works ahead."""

from __future__ import annotations

from adfc.image.rcb import RcbInstruction
from adfc.insight.lookahead import with_owners
from adfc.insight.steps import Step, Task
from adfc.runtime import Role, Who

HUB = Who(Role.S2MM, 2, 1, 0)


def owners(*mnemonics: str) -> list[int]:
    """The phases of the instructions of a program; each "push" is of a task with a token."""
    steps: list[Step] = []
    tasks: list[Task] = []
    phase = -1
    for number, name in enumerate(mnemonics):
        phase += name == "phase"
        operands: dict[str, int] = {}
        if name == "wait_task":
            operands = {"tile": 2 << 8 | 1, "direction": 0, "channel": 0}
        elif name == "push":
            tasks.append(Task(number, phase, HUB, (), 0, True, None))
        steps.append(Step(number, number, 1, RcbInstruction(name, operands), phase, number, ()))
    return [step.phase for step in with_owners(steps, tasks)[0]]


def test_words_are_for_the_next_phase() -> None:
    assert owners("write32", "push", "phase", "write32", "push", "wait_task", "phase") == [
        *(0, 0, 0),
        *(1, 1, 0, 1),
    ]


def test_behind_a_nop_words_are_for_the_phase_after_that_up_to_a_wait() -> None:
    program = ["push", "phase", "push", "nop", "write32", "push", "wait_task", "write32", "phase"]
    rest = ["wait_task", "phase", "wait_task"]
    assert owners(*program, *rest) == [0, 0, 1, 2, 2, 2, 0, 1, 1, 1, 2, 2]


def test_nothing_is_for_a_phase_past_the_last() -> None:
    assert owners("phase", "nop", "write32")[1:] == [0, 0]
