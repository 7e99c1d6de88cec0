"""Whose the words between two PHASE instructions are, where control works a step ahead.

After PHASE p such a program writes what the next phase needs and pushes its tasks, then waits for
those of phase p. Behind a NOP, up to that wait, it is two phases ahead. A task that gives a token
belongs to the phase in which the token is waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adfc.insight.steps import Step, Task
from adfc.runtime import Role, Who

_OWN = ("phase", "timestamp", "wait_task", "mask_poll")
"""What stands in the phase that it is about."""


def with_owners(
    steps: Sequence[Step], tasks: Sequence[Task]
) -> tuple[tuple[Step, ...], tuple[Task, ...]]:
    """The steps and tasks of a program with the phases that they are for."""
    awaited = _awaited(steps, tasks)
    last = max((step.phase for step in steps), default=-1)
    phases: list[int] = []
    ahead = 1
    for step in steps:
        own = step.instruction.mnemonic in _OWN
        ahead = 1 if own else ahead + (step.instruction.mnemonic == "nop")
        phases.append(awaited.get(step.number, min(step.phase + (0 if own else ahead), last)))
    return (
        tuple(replace(step, phase=phase) for step, phase in zip(steps, phases, strict=True)),
        tuple(replace(task, phase=phases[task.step]) for task in tasks),
    )


def _awaited(steps: Sequence[Step], tasks: Sequence[Task]) -> dict[int, int]:
    """For each step that pushes a task with a token: the phase in which that is waited for."""
    waits: dict[Who, list[int]] = {}
    for step in steps:
        if step.instruction.mnemonic == "wait_task":
            waits.setdefault(awaited_channel(step), []).append(step.phase)
    found: dict[int, int] = {}
    for task in tasks:
        if task.token and waits.get(task.who):
            found[task.step] = waits[task.who].pop(0)
    return found


def awaited_channel(step: Step) -> Who:
    """The channel whose token a WAIT_TASK waits for."""
    o = step.instruction.operands
    role = Role.MM2S if o["direction"] else Role.S2MM
    return Who(role, o["tile"] >> 8, o["tile"] & 0xFF, o["channel"])
