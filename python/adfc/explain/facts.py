"""What an explanation is made of, and the facts that several of them tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from adfc.image.isa import rcb_isa
from adfc.image.tables import Kernel
from adfc.insight.descriptor import Descriptor, memory_of
from adfc.insight.places import Lock
from adfc.insight.reach import core_lock
from adfc.insight.replay import Replay
from adfc.insight.routes import Route
from adfc.insight.steps import CoreStart, Task
from adfc.runtime import Who
from adfc.spec.devices import Device


class Fact(NamedTuple):
    """One line of an explanation: `what` kind of thing it is about, and the `text`."""

    what: str
    text: str


def as_text(facts: Iterable[Fact]) -> str:
    """Facts as lines in two columns; what repeats is said once."""
    lines: list[str] = []
    before = ""
    for what, text in facts:
        lines.append(f"{what if what != before else '':<11} {text}".rstrip())
        before = what
    return "\n".join(lines) + "\n"


def as_json(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    """Facts as JSON objects."""
    return [{"what": fact.what, "text": fact.text} for fact in facts]


def tile_name(device: Device, tile: tuple[int, int]) -> str:
    """Such as "memtile (2,1)"."""
    kind = device.kind(tile[1])
    return f"{'memtile' if kind == 'mem' else kind} ({tile[0]},{tile[1]})"


def layer_facts(replay: Replay, phase: int) -> Iterator[Fact]:
    """The layer of a phase, its operators and lines."""
    layer = replay.layer(phase)
    if layer is None and replay.load is not None:
        yield Fact("layer", "none: this serves all layers")
        return
    if layer is None:
        yield Fact("layer", "none: this stands before the first phase")
        return
    place = f" at {layer.place}" if layer.place else ""
    yield Fact("layer", f"{layer.name} ({layer.kind}), phase {layer.id}{place}")
    for op in layer.ops:
        aten = f" <- {', '.join(op.aten)}" if op.aten else ""
        at = f" at {op.place}" if op.place else ""
        yield Fact("operator", f"{op.tosa} {op.name}{aten}{at}")


def lock_text(device: Device, lock: Lock) -> str:
    """Such as "lock 3 of memtile (2,1)"."""
    return f"lock {lock.number} of {tile_name(device, lock.tile)}"


def descriptor_facts(device: Device, descriptor: Descriptor) -> Iterator[Fact]:
    """A buffer descriptor: its bytes, pattern and locks."""
    tile, base = memory_of(device, descriptor)
    if tile is not None:
        where = f"byte {base} of {tile_name(device, tile)}"
    elif descriptor.buffer is not None:
        where = (
            f"byte {base} of DDR {rcb_isa().enumeration('buffer').cases[descriptor.buffer].name}"
        )
    else:
        where = f"DDR address {base:#x}"
    following = f", then BD {descriptor.next}" if descriptor.next is not None else ""
    yield Fact(f"BD {descriptor.number}", f"{descriptor.length} words from {where}{following}")
    pattern = [
        f"{d.wrap or 'all'} x {d.step}"
        + (f" pad {d.before}+{d.after}" if d.before + d.after else "")
        for d in descriptor.dimensions
    ]
    while pattern and pattern[-1] == "all x 1":
        pattern.pop()
    if pattern:
        yield Fact(f"BD {descriptor.number}", f"pattern {', '.join(pattern)} (innermost first)")
    if descriptor.iteration.wrap > 1:
        iteration = descriptor.iteration
        yield Fact(
            f"BD {descriptor.number}", f"runs {iteration.wrap} times, {iteration.step} words on"
        )
    if descriptor.acquire:
        lock, value = descriptor.acquire
        want = f"at least {-value}, takes {-value}" if value < 0 else f"{value}"
        yield Fact(f"BD {descriptor.number}", f"waits for {lock_text(device, lock)} to be {want}")
    if descriptor.release:
        lock, value = descriptor.release
        yield Fact(f"BD {descriptor.number}", f"adds {value} to {lock_text(device, lock)}")


def route_facts(route: Route) -> Iterator[Fact]:
    """A stream: its ends, and the switches between them."""
    yield Fact("stream", f"{route.source} -> {', '.join(str(sink) for sink in route.sinks)}")
    hops = (f"({h.tile[0]},{h.tile[1]}) {h.slave} -> {h.master}" for h in route.hops)
    yield Fact("switches", "; ".join(hops))


def task_facts(replay: Replay, task: Task) -> Iterator[Fact]:
    """A DMA task: its descriptors, its stream, its layer."""
    device = replay.array.device
    times = f"{task.repeat + 1} times" if task.repeat else "once"
    if task.endless:
        times = "over and over, in every inference"
    token = ", tells the control program when it is done" if task.token else ""
    word = replay.step_of(task).name
    yield Fact("task", f"of {_channel(device, task.who)}, {times}{token}; pushed by {word}")
    for descriptor in task.descriptors:
        yield from descriptor_facts(device, descriptor)
    if task.route is not None:
        yield from route_facts(task.route)
    for other in feeding(replay, task):
        yield Fact("fed by", f"{_channel(device, other.who)}, {replay.step_of(other).name}")


def feeding(replay: Replay, task: Task) -> list[Task]:
    """The tasks whose streams reach the channel of an S2MM task: those of the same phase, those
    that go on over all phases, and of a task that does so itself those of every phase."""
    return [
        other
        for other in (*replay.lasting_tasks, *replay.tasks)
        if (task.endless or other.endless or other.phase == task.phase)
        and other.route
        and task.who in other.route.sinks
    ]


def _channel(device: Device, who: Who) -> str:
    return f"{who.role.name} {who.number} of {tile_name(device, who.tile)}"


def start_facts(replay: Replay, kernels: Sequence[Kernel], start: CoreStart) -> Iterator[Fact]:
    """A core's start: the program, its kernels, and the locks that it waits for."""
    device = replay.array.device
    again = ", again for each inference" if start in replay.lasting_starts else ""
    yield Fact(
        "core",
        f"{tile_name(device, start.tile)} runs the core program at byte {start.offset}{again}; "
        f"started by {replay.step_of(start).name}",
    )
    program = replay.programs.get(start.offset)
    calls: dict[str, None] = {}
    locks: set[Lock] = set()
    for instruction in program.instructions if program else ():
        if instruction.mnemonic == "call":
            kernel = kernels[instruction.fields["kernel"]]
            calls[f"{kernel.name} ({instruction.fields['cycles']} modelled cycles a call)"] = None
        elif instruction.mnemonic == "acquire":
            locks.add(core_lock(start.tile, instruction.fields["lock"]))
    for call in calls:
        yield Fact("kernel", call)
    own = sorted(lock.number for lock in locks if lock.tile == start.tile)
    if own:
        yield Fact("locks", f"waits for its locks {', '.join(map(str, own))}")
    for lock in sorted(lock for lock in locks if lock.tile != start.tile):
        yield Fact("locks", f"waits for {lock_text(device, lock)}")
