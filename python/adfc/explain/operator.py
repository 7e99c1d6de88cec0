"""An operator, or a layer: where it runs, and the control words that make it run."""

from __future__ import annotations

from collections.abc import Sequence

from adfc.explain.facts import Fact, layer_facts, tile_name
from adfc.image.tables import Kernel
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
    steps = [step for step in replay.steps if step.phase == phase]
    if steps:
        last = steps[-1].word + steps[-1].words - 1
        facts.append(Fact("words", f"{steps[0].word} to {last} of the control program"))
    starts = [start for start in replay.starts if start.phase == phase]
    if starts:
        tiles = ", ".join(tile_name(device, tile) for tile in sorted({s.tile for s in starts}))
        facts.append(Fact("cores", tiles))
    used: dict[str, None] = {}
    for start in starts:
        program = replay.programs.get(start.offset)
        for instruction in program.instructions if program else ():
            if instruction.mnemonic == "call":
                used[kernels[instruction.fields["kernel"]].name] = None
    facts += [Fact("kernel", kernel) for kernel in used]
    for task in replay.tasks:
        if task.phase == phase:
            bds = ", ".join(str(d.number) for d in task.descriptors)
            word = replay.steps[task.step].word
            to = ""
            if task.route is not None:
                to = f" -> {', '.join(str(sink) for sink in task.route.sinks)}"
            facts.append(Fact("task", f"{task.who}, BD {bds}, word {word}{to}"))
    return facts
