"""A program as lines of text, by tile: what two of them can be compared by.

Nothing in a line depends on where in the control program it comes from, so that a word more at the
start does not change every line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from adfc.explain.facts import descriptor_facts
from adfc.image.assembly import core_line
from adfc.image.tables import Kernel
from adfc.insight.places import Tile
from adfc.insight.replay import Replay
from adfc.insight.steps import Step

_LONGEST = 200
"""Longer numbers and texts of a kernel's configuration are told by their hash."""


def describe(
    replay: Replay, kernels: Sequence[Kernel], computed: Sequence[Mapping[str, Any]] = ()
) -> dict[Tile, list[str]]:
    """For each tile that is used, its lines: by layer the locks' start values, the core program
    with kernels by name and by what they compute, the tasks with their descriptors, and the streams
    that leave it; of a resident program, first what the load program leaves running.

    `computed` is what the image's metadata says of its kernels; nothing where it says nothing.
    """
    names = [kernel.name for kernel in kernels]
    meanings = [_meaning(kernel) for kernel in computed] or [""] * len(names)
    known = list(zip(names, meanings, strict=True))
    lines: dict[Tile, list[str]] = {}
    if replay.load is not None:
        # What lives on from inference to inference: routes, cores, tasks that never end.
        _add(lines, "before the first inference", _phase(replay.load, known, -1))
    for phase in range(-1, len(replay.layers)):
        layer = replay.layer(phase)
        name = f"layer {layer.name} ({layer.kind})" if layer else "before the first layer"
        _add(lines, name, _phase(replay, known, phase))
    return dict(sorted(lines.items()))


def _add(lines: dict[Tile, list[str]], name: str, found: dict[Tile, list[str]]) -> None:
    for tile, entries in found.items():
        lines.setdefault(tile, []).extend([name, *(f"  {entry}" for entry in entries)])


def _phase(replay: Replay, kernels: Sequence[tuple[str, str]], phase: int) -> dict[Tile, list[str]]:
    """The lines of one phase of a program, by tile."""
    found: dict[Tile, list[str]] = {}
    for step in replay.steps:
        if step.phase == phase:
            _locks(step, found)
    _cores(replay, kernels, phase, found)
    _tasks(replay, phase, found)
    return found


def _meaning(kernel: Mapping[str, Any]) -> str:
    """What a kernel computes, in a line: kind and configuration."""
    words = [str(kernel["kind"])]
    for name, value in sorted(kernel["config"].items()):
        text = str(value)
        if len(text) > _LONGEST or "\n" in text:
            digest = hashlib.sha256(text.encode()).hexdigest()[:12]
            text = f"({len(text)} characters, SHA-256 {digest})"
        words.append(f"{name} {text}")
    return ", ".join(words)


def _locks(step: Step, found: dict[Tile, list[str]]) -> None:
    value = step.instruction.operands.get("value")
    for place in step.places:
        if place.register.name == "LOCK" and value is not None:
            found.setdefault(place.tile, []).append(f"lock {place.index} starts at {value}")


def _cores(
    replay: Replay,
    kernels: Sequence[tuple[str, str]],
    phase: int,
    found: dict[Tile, list[str]],
) -> None:
    for start in replay.starts:
        program = replay.programs.get(start.offset)
        if start.phase != phase or program is None:
            continue
        entries = found.setdefault(start.tile, [])
        entries.append("core runs")
        depth = 1
        for instruction in program.instructions:
            depth -= instruction.mnemonic == "next" and depth > 1
            text = core_line(instruction)
            if instruction.mnemonic == "call":
                number = instruction.fields["kernel"]
                name, meaning = kernels[number]
                text = text.replace(f"kernel {number} ", f"{name} ", 1)
                entries.append("  " * depth + text)
                text = f"  which is {meaning}" if meaning else ""
            if text:
                entries.append("  " * depth + text)
            depth += instruction.mnemonic == "loop"


def _tasks(replay: Replay, phase: int, found: dict[Tile, list[str]]) -> None:
    for task in replay.tasks:
        if task.phase != phase:
            continue
        entries = found.setdefault(task.who.tile, [])
        token = ", with a token" if task.token else ""
        entries.append(f"{task.who.role.name} {task.who.number} {task.repeat + 1} times{token}")
        for descriptor in task.descriptors:
            for what, text in descriptor_facts(replay.array.device, descriptor):
                entries.append(f"  {what}: {text}")
        if task.route is not None:
            entries.append(f"  to {', '.join(str(sink) for sink in task.route.sinks)}")
            hops = (f"({h.tile[0]},{h.tile[1]}) {h.slave} -> {h.master}" for h in task.route.hops)
            entries.append(f"  by {'; '.join(hops)}")
