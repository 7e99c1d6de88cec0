"""A tile: what it does for which layer."""

from __future__ import annotations

from collections.abc import Sequence

from adfc.errors import InputError
from adfc.explain.facts import Fact, tile_name
from adfc.image.tables import Kernel
from adfc.insight.lasting import core_work
from adfc.insight.places import Tile
from adfc.insight.replay import Replay
from adfc.insight.steps import Task


def explain_tile(replay: Replay, kernels: Sequence[Kernel], tile: Tile) -> list[Fact]:
    """Explain a tile, layer by layer. Raises InputError where the device has no such tile."""
    device = replay.array.device
    if not (0 <= tile[0] < device.columns and 0 <= tile[1] < device.rows):
        raise InputError(
            f"{device.name} has no tile {tile[0]},{tile[1]}",
            hint=f"columns are 0 to {device.columns - 1}, rows 0 to {device.rows - 1}",
        )
    facts = [Fact("tile", tile_name(device, tile)), *_lasting(replay, tile)]
    for phase in range(-1, len(replay.layers)):
        facts += _phase(replay, kernels, tile, phase)
    if len(facts) == 1:
        facts.append(Fact("use", "none: the program does nothing here"))
    return facts


def _lasting(replay: Replay, tile: Tile) -> list[Fact]:
    """What the load program leaves running here."""
    facts: list[Fact] = []
    for start in replay.lasting_starts:
        if start.tile == tile:
            text = f"runs on from inference to inference, {replay.step_of(start).name}"
            facts.append(Fact("core", text))
    for task in replay.lasting_tasks:
        if task.who.tile == tile:
            facts.append(_dma(replay, task))
    if facts:
        facts.insert(0, Fact("layer", "all: the load program starts this once"))
    return facts


def _dma(replay: Replay, task: Task) -> Fact:
    bds = ", ".join(str(d.number) for d in task.descriptors)
    moved = sum(d.bytes for d in task.descriptors) * (task.repeat + 1)
    size = "over and over" if task.endless else f"{moved} bytes"
    channel = f"{task.who.role.name} {task.who.number}"
    return Fact("dma", f"{channel} runs BD {bds}: {size}, {replay.step_of(task).name}")


def _phase(replay: Replay, kernels: Sequence[Kernel], tile: Tile, phase: int) -> list[Fact]:
    facts: list[Fact] = []
    for start in replay.starts:
        if start.phase != phase or start.tile != tile:
            continue
        program = replay.programs.get(start.offset)
        calls = {
            kernels[i.fields["kernel"]].name
            for i in (program.instructions if program else ())
            if i.mnemonic == "call"
        }
        word = replay.step_of(start).name
        facts.append(Fact("core", f"runs {', '.join(sorted(calls)) or 'no kernel'}, {word}"))
    work = core_work(replay).get(tile)
    if work is not None and phase in work.phases:
        mine = [call for call in work.calls if call.phase == phase]
        names = sorted({kernels[call.kernel].name for call in mine})
        facts.append(Fact("core", f"calls {', '.join(names)}, {len(mine)} times in all"))
    passing = 0
    for task in replay.tasks:
        if task.phase != phase:
            continue
        if task.who.tile == tile:
            facts.append(_dma(replay, task))
        elif task.route and any(hop.tile == tile for hop in task.route.hops):
            passing += tile not in {sink.tile for sink in task.route.sinks}
    if passing:
        facts.append(Fact("switch", f"{passing} streams of others pass"))
    layer = replay.layer(phase)
    if facts and layer is not None:
        place = f" at {layer.place}" if layer.place else ""
        facts.insert(0, Fact("layer", f"{layer.name} ({layer.kind}){place}"))
    return facts
