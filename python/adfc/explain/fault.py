"""Faults and deadlocks, with the layer and the user's line of each part that they name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from adfc.explain.facts import as_text
from adfc.explain.word import explain_word
from adfc.image.tables import Kernel
from adfc.insight.replay import Replay
from adfc.insight.steps import Step
from adfc.runtime import Role, Who

_WORD = re.compile(r" at word (\d+)\b")
_CALL = re.compile(r" at RHAL call (\d+)\b")
_PHASE = re.compile(r" in phase (\d+)\b")
_CHANNEL = re.compile(r"^(S2MM|MM2S) (\d+) of \w+ \((\d+),(\d+)\)")
_LOAD = " of the load program"
_EVERYBODY = " [all layers: started by the load program]"
_CORE = re.compile(r"^core \((\d+),(\d+)\)")


def explain_fault(replay: Replay, kernels: Sequence[Kernel], message: str) -> str:
    """The message of a fault, each line with what it belongs to; then what `adfc explain` says of
    the word that it names: register, task, lock or stream, kernel, layer, operators and lines.

    The first line names a word of the control program or of the load program, a call that a native
    program made (it becomes the word that stands for it), or a phase; the others cores and channels
    that wait. A message that names none of these stays as it is.
    """
    first, *rest = message.splitlines() or [""]
    step, load = _step(replay, first), _LOAD in first
    if step is None:
        return message
    native = _CALL.search(first) is not None
    lines = [_CALL.sub(f" at word {step.word}", first)]
    lines += [line + ("" if load else _owner(replay, step, line)) for line in rest]
    # What the program itself says of the word, in the first line, is not said again.
    facts = explain_word(replay, kernels, step.word, load=load)[0 if native else 1 :]
    return "\n".join([*lines, *(f"  {line}" for line in as_text(facts).splitlines())])


def _step(replay: Replay, line: str) -> Step | None:
    """The instruction that the fault's first line names, or the last of the phase that it names."""
    word = _WORD.search(line)
    if word:
        program = replay.load if _LOAD in line else replay
        return program.step_at(int(word[1])) if program is not None else None
    call = _CALL.search(line)
    if call:
        program = replay.load if _LOAD in line else replay
        return program.step_of_call(int(call[1])) if program is not None else None
    phase = _PHASE.search(line)
    if phase is None or _LOAD in line:
        return None
    ids = [layer.id for layer in replay.layers]
    steps = [s for s in replay.steps if s.phase >= 0 and ids[s.phase] == int(phase[1])]
    return steps[-1] if steps else None


def _owner(replay: Replay, step: Step, line: str) -> str:
    """Whose task or core program a line is about: the latest that was started before."""
    phase = None
    channel, core = _CHANNEL.match(line), _CORE.match(line)
    if channel:
        role, number, column, row = channel.groups()
        who = Who(Role[role], int(column), int(row), int(number))
        tasks = [t for t in replay.tasks if t.who == who and t.step <= step.number]
        phase = tasks[-1].phase if tasks else None
        if not tasks and any(t.who == who for t in replay.lasting_tasks):
            return _EVERYBODY
    elif core:
        tile = int(core[1]), int(core[2])
        starts = [s for s in replay.starts if s.tile == tile and s.step <= step.number]
        phase = starts[-1].phase if starts else None
        if not starts and any(s.tile == tile for s in replay.lasting_starts):
            return _EVERYBODY
    layer = None if phase is None else replay.layer(phase)
    if layer is None:
        return ""
    return f" [{layer.name}{', ' + layer.place if layer.place else ''}]"
