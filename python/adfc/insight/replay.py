"""A control program played on paper: what each control word sets up and starts.

A descriptor is taken as it stands when a task that uses it is pushed. Where an image has a load
program, that is played first: what it sets up and starts lives on in each inference.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from adfc.image import ImageParts
from adfc.image.core_program import CoreProgram, decode_section
from adfc.image.rcb import HEADER_WORDS, encode_instruction
from adfc.image.rcb import decode as decode_rcb
from adfc.insight.lookahead import with_owners, with_users
from adfc.insight.machine import Machine, perform
from adfc.insight.places import ArrayMap
from adfc.insight.steps import CoreStart, Step, Task
from adfc.metadata import LayerInfo, Metadata
from adfc.runtime import LOAD_MARK

_CALLS = {"nop": 0, "end": 0, "bind_buffer": 3}
"""RHAL calls of an instruction where it is not one (docs/rcb.md)."""


@dataclass(frozen=True)
class Replay:
    """All that a control program does, in its order; `load` is the load program's, where there is
    one, in whose steps no phase begins."""

    array: ArrayMap
    layers: tuple[LayerInfo, ...]
    steps: tuple[Step, ...]
    tasks: tuple[Task, ...]
    starts: tuple[CoreStart, ...]
    programs: dict[int, CoreProgram]
    load: Replay | None = None

    @cached_property
    def _calls(self) -> list[int]:
        return [step.call for step in self.steps]

    @cached_property
    def _words(self) -> list[int]:
        return [step.word for step in self.steps]

    def step_of_call(self, call: int) -> Step:
        """The instruction that makes RHAL call number `call`; LOAD_MARK more: of the load
        program."""
        if call >= LOAD_MARK and self.load is not None:
            return self.load.step_of_call(call - LOAD_MARK)
        return self.steps[max(bisect_right(self._calls, call) - 1, 0)]

    def step_at(self, word: int) -> Step | None:
        """The instruction that covers word `word`; None for the header, and past the end."""
        at = bisect_right(self._words, word) - 1
        if at < 0 or word >= self.steps[at].word + self.steps[at].words:
            return None
        return self.steps[at]

    @cached_property
    def phase_calls(self) -> tuple[int, ...]:
        """The number of the RHAL call by which each phase begins."""
        return tuple(step.call for step in self.steps if step.instruction.mnemonic == "phase")

    def step_of(self, item: Task | CoreStart) -> Step:
        """The instruction that pushes a task, or starts a core."""
        program = self.load if item.load and self.load is not None else self
        return program.steps[item.step]

    def layer(self, phase: int) -> LayerInfo | None:
        """The layer of a phase."""
        return self.layers[phase] if 0 <= phase < len(self.layers) else None

    @cached_property
    def task_by_step(self) -> dict[int, Task]:
        """Tasks by the step that pushes them."""
        return {task.step: task for task in self.tasks}

    @cached_property
    def start_by_step(self) -> dict[int, CoreStart]:
        """Core starts by the step that makes them."""
        return {start.step: start for start in self.starts}

    @cached_property
    def lasting_tasks(self) -> tuple[Task, ...]:
        """Tasks of the load program that never end: they work in each inference."""
        return tuple(task for task in self.load.tasks if task.endless) if self.load else ()

    @cached_property
    def lasting_starts(self) -> tuple[CoreStart, ...]:
        """Starts by the load program of cores whose program restarts for each inference."""
        return tuple(s for s in self.load.starts if self._restarts(s)) if self.load else ()

    def _restarts(self, start: CoreStart) -> bool:
        program = self.programs.get(start.offset)
        return program is not None and any(i.mnemonic == "restart" for i in program.instructions)


def _play(
    machine: Machine, code: bytes, *, load: bool
) -> tuple[tuple[Step, ...], tuple[Task, ...], tuple[CoreStart, ...]]:
    """Steps, tasks and starts of one program, played on the registers as they are."""
    machine.load = load
    machine.tasks.clear()
    machine.starts.clear()
    steps: list[Step] = []
    word, call, phase, pending = HEADER_WORDS, 0, -1, 0
    for number, instruction in enumerate(decode_rcb(code).instructions):
        if instruction.mnemonic == "phase":
            phase += 1
        places = perform(machine, instruction, number, phase)
        if instruction.mnemonic in ("wait_task", "mask_poll", "end"):
            machine.complete(pending)
            pending = len(machine.tasks)
        words = len(encode_instruction(instruction))
        steps.append(Step(number, word, words, instruction, phase, call, places, load))
        word += words
        call += _CALLS.get(instruction.mnemonic, 1)
    return tuple(steps), tuple(machine.tasks), tuple(machine.starts)


def replay(parts: ImageParts, metadata: Metadata) -> Replay:
    """Play the program of an image, after its load program. Raises ImageError for a damaged one."""
    array = ArrayMap.of(metadata.device)
    machine = Machine(array)
    programs = decode_section(parts.core_programs).programs
    load = None
    if parts.load_program:
        played = _play(machine, parts.load_program, load=True)
        load = Replay(array, (), *played, programs)
    steps, tasks, starts = _play(machine, parts.program, load=False)
    if load is not None:
        steps, tasks = with_owners(steps, tasks)
    else:
        steps, tasks, starts = with_users(steps, tasks, starts, metadata.layers)
    return Replay(array, metadata.layers, steps, tasks, starts, programs, load)
