"""Whose the words between two PHASE instructions are, where control works ahead.

After PHASE p the program of a resident network writes what the next phase needs and pushes its
tasks, then waits for those of phase p. Behind a NOP, up to that wait, it is two phases ahead. A
task that gives a token belongs to the phase in which the token is waited for.

Other programs set up core tiles while phases only load: for the next phase that has cores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adfc.insight.places import Tile
from adfc.insight.steps import CoreStart, Step, Task
from adfc.metadata import LayerInfo
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


def with_users(
    steps: Sequence[Step],
    tasks: Sequence[Task],
    starts: Sequence[CoreStart],
    layers: Sequence[LayerInfo],
) -> tuple[tuple[Step, ...], tuple[Task, ...], tuple[CoreStart, ...]]:
    """The steps, tasks and starts of a program without a load program, where core tiles are set up
    ahead, with the phases that they are for."""
    ahead = {(start.phase, start.tile) for start in starts}
    users = list(range(len(layers)))
    for phase in reversed(range(len(layers) - 1)):
        users[phase] = phase if layers[phase].cores else users[phase + 1]

    def user(phase: int, tile: Tile | None) -> int:
        return users[phase] if (phase, tile) in ahead and phase >= 0 else phase

    return (
        tuple(replace(step, phase=user(step.phase, _tile(step))) for step in steps),
        tuple(replace(task, phase=user(task.phase, task.who.tile)) for task in tasks),
        tuple(replace(start, phase=user(start.phase, start.tile)) for start in starts),
    )


def _tile(step: Step) -> Tile | None:
    """The tile that an instruction sets up."""
    if step.instruction.mnemonic == "load_core":
        tile = step.instruction.operands["tile"]
        return tile >> 8, tile & 0xFF
    return step.places[0].tile if step.places else None


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
