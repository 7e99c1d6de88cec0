"""An operator, or a layer: where it runs, and the control words that make it run."""

from __future__ import annotations

from collections.abc import Sequence

from adfc.explain.facts import Fact, layer_facts, tile_name
from adfc.image.tables import Kernel
from adfc.insight.lasting import core_work
from adfc.insight.places import Tile
from adfc.insight.replay import Replay
from adfc.metadata import LayerInfo
from adfc.suggest import unknown


def explain_operator(replay: Replay, kernels: Sequence[Kernel], name: str) -> list[Fact]:
    """Explain every layer that `name` means: a layer's or an operator's name, a TOSA operator
    ("tosa.add"), a PyTorch operator ("aten.add.Tensor" or "add"), or FILE:LINE.

    Raises InputError where nothing is called so.
    """
    facts: list[Fact] = []
    for phase, layer in enumerate(replay.layers):
        if name in _names(layer):
            facts += _layer(replay, kernels, phase)
    if not facts:
        known = {n for layer in replay.layers for n in _names(layer)}
        raise unknown("operator of the program", name, sorted(known))
    return facts


def _names(layer: LayerInfo) -> set[str]:
    found = {layer.name, layer.kind}
    places = [layer.place]
    for op in layer.ops:
        found |= {op.name, op.tosa, op.tosa.removeprefix("tosa.")}
        for aten in op.aten:
            found |= {aten, aten.removeprefix("aten."), aten.split(".")[1] if "." in aten else aten}
        places.append(op.place)
    for place in places:
        found |= {place, place.rsplit("/", 1)[-1]}
    return found - {""}


def _layer(replay: Replay, kernels: Sequence[Kernel], phase: int) -> list[Fact]:
    device = replay.array.device
    facts = list(layer_facts(replay, phase))
    facts += [Fact("words", f"{a} to {b} of the control program") for a, b in _words(replay, phase)]
    cores = _cores(replay, phase)
    if cores:
        facts.append(Fact("cores", ", ".join(tile_name(device, tile) for tile in sorted(cores))))
    used = dict.fromkeys(kernel for called in cores.values() for kernel in called)
    facts += [Fact("kernel", kernels[kernel].name) for kernel in used]
    for task in replay.tasks:
        if task.phase == phase:
            bds = ", ".join(str(d.number) for d in task.descriptors)
            word = replay.step_of(task).name
            to = ""
            if task.route is not None:
                to = f" -> {', '.join(str(sink) for sink in task.route.sinks)}"
            facts.append(Fact("task", f"{task.who}, BD {bds}, {word}{to}"))
    return facts


def _words(replay: Replay, phase: int) -> list[tuple[int, int]]:
    """First and last words of the stretches of the program that are for a phase."""
    found: list[tuple[int, int]] = []
    before = -2
    for step in replay.steps:
        if step.phase != phase:
            continue
        first = found.pop()[0] if found and before == step.number - 1 else step.word
        found.append((first, step.word + step.words - 1))
        before = step.number
    return found


def _cores(replay: Replay, phase: int) -> dict[Tile, list[int]]:
    """The core tiles that work for a phase, and the kernels that each calls for it."""
    found = {
        tile: [call.kernel for call in work.calls if call.phase == phase]
        for tile, work in core_work(replay).items()
        if phase in work.phases
    }
    for start in replay.starts:
        if start.phase == phase:
            program = replay.programs.get(start.offset)
            found[start.tile] = [
                instruction.fields["kernel"]
                for instruction in (program.instructions if program else ())
                if instruction.mnemonic == "call"
            ]
    return found
