"""A word of the control program: what it sets up, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from adfc.errors import InputError
from adfc.explain.facts import (
    Fact,
    layer_facts,
    lock_text,
    route_facts,
    start_facts,
    task_facts,
    tile_name,
)
from adfc.image.assembly import rcb_line
from adfc.image.rcb import HEADER_WORDS
from adfc.image.tables import Kernel
from adfc.insight.lookahead import awaited_channel
from adfc.insight.places import Lock, Place
from adfc.insight.reach import core_lock
from adfc.insight.replay import Replay
from adfc.insight.steps import CoreStart, Step, Task


def explain_word(
    replay: Replay, kernels: Sequence[Kernel], word: int, *, load: bool = False
) -> list[Fact]:
    """Explain word `word` of the program, or of its load program. Raises InputError where there is
    no such word, or no load program."""
    program, name = (replay.load, "load program") if load else (replay, "program")
    if program is None:
        raise InputError("the image has no load program", hint="leave load: out")
    step = program.step_at(word)
    if step is None:
        last = program.steps[-1].word + program.steps[-1].words - 1
        if 0 <= word < HEADER_WORDS:
            return [Fact("word", f"{word}: of the {name}'s header (docs/rcb.md)")]
        raise InputError(
            f"the {name} has no word {word}", hint=f"its words are {HEADER_WORDS} to {last}"
        )
    of = " of the load program" if load else ""
    facts = [Fact("word", f"{step.word}{of}: {rcb_line(step.instruction)}")]
    facts += _effect(replay, kernels, step, word)
    facts += layer_facts(replay, step.phase)
    return facts


def _effect(replay: Replay, kernels: Sequence[Kernel], step: Step, word: int) -> Iterator[Fact]:
    if step.places:
        yield from _registers(step)
    program = _program(replay, step)
    if step.number in program.task_by_step:
        yield from task_facts(replay, program.task_by_step[step.number])
    elif step.number in program.start_by_step:
        yield from start_facts(replay, kernels, program.start_by_step[step.number])
    elif step.instruction.mnemonic == "wait_task":
        yield from _awaited(replay, step)
    elif step.instruction.mnemonic == "load_core":
        yield from _loaded(replay, kernels, step)
    elif step.places:
        yield from _set_up(replay, step, _place_of(step, word))


def _program(replay: Replay, step: Step) -> Replay:
    """The program that an instruction is of."""
    return replay.load if step.load and replay.load is not None else replay


def _later_tasks(replay: Replay, step: Step) -> list[Task]:
    """Tasks that are pushed after an instruction, and those that go on meanwhile."""
    later = [task for task in _program(replay, step).tasks if task.step > step.number]
    return [*later, *replay.tasks] if step.load else [*later, *replay.lasting_tasks]


def _later_starts(replay: Replay, step: Step) -> list[CoreStart]:
    """Cores that are started after an instruction, and those that run meanwhile."""
    later = [start for start in _program(replay, step).starts if start.step > step.number]
    return [*later, *replay.starts] if step.load else [*later, *replay.lasting_starts]


def _place_of(step: Step, word: int) -> Place:
    """The register that the word itself is for: of a block write, each payload word has its own."""
    payload = step.words - len(step.places)
    index = word - step.word - payload
    return step.places[index] if 0 <= index < len(step.places) else step.places[0]


def _registers(step: Step) -> Iterator[Fact]:
    first = step.places[0]
    many = f", and {len(step.places) - 1} words after it" if len(step.places) > 1 else ""
    tile = f"({first.tile[0]},{first.tile[1]})"
    yield Fact("register", f"{tile} {first.name}: {first.register.description}{many}")
    value = step.instruction.operands.get("value")
    if value is not None and first.register.fields and first.register.words == 1:
        fields = (f"{f.name} {value >> f.lsb & f.mask}" for f in first.register.fields)
        yield Fact("fields", ", ".join(fields))


def _set_up(replay: Replay, step: Step, place: Place) -> Iterator[Fact]:
    """Whom a register is for: those who use it next."""
    name = place.register.name
    if name == "DMA_BD":
        user = _first_task(replay, step, lambda t: _uses(t, place))
        if user is not None:
            yield from task_facts(replay, user)
        else:
            yield Fact("used by", "no task that comes after it")
    elif name == "LOCK":
        yield from _lock_users(replay, step, Lock(place.tile, place.index))
    elif name.startswith("SWITCH_") or name.endswith("MUX_CONFIG"):
        yield from _streams(replay, step, place)


def _uses(task: Task, place: Place) -> bool:
    return task.who.tile == place.tile and any(d.number == place.index for d in task.descriptors)


def _first_task(replay: Replay, step: Step, wanted: Callable[[Task], bool]) -> Task | None:
    return next((task for task in _later_tasks(replay, step) if wanted(task)), None)


def _lock_users(replay: Replay, step: Step, lock: Lock) -> Iterator[Fact]:
    device = replay.array.device
    yield Fact("lock", lock_text(device, lock))
    seen: dict[str, None] = {}
    for task in _later_tasks(replay, step):
        if task.phase != step.phase and not (task.endless or step.load):
            continue
        for d in task.descriptors:
            for use, verb in ((d.acquire, "waited for"), (d.release, "handed on")):
                if use is not None and use[0] == lock:
                    seen[f"{verb} by {task.who}, BD {d.number}"] = None
    for start in _later_starts(replay, step):
        if start.phase != step.phase and not start.load:
            continue
        program = replay.programs.get(start.offset)
        who = "the core" if start.tile == lock.tile else tile_name(device, start.tile)
        for instruction in program.instructions if program else ():
            number = instruction.fields.get("lock")
            if number is not None and core_lock(start.tile, number) == lock:
                verb = "waited for" if instruction.mnemonic == "acquire" else "handed on"
                seen[f"{verb} by {who}"] = None
    yield from (Fact("lock", text) for text in seen)


def _streams(replay: Replay, step: Step, place: Place) -> Iterator[Fact]:
    """Streams of later tasks, before the switches change again, that pass the port."""
    side = "slave" if place.register.name == "SWITCH_SLAVE" else "master"
    kind = replay.array.registers.tiles[place.kind]
    port = ""
    if place.register.name.startswith("SWITCH_"):
        ranges = (kind.slaves if side == "slave" else kind.masters).ranges
        for name, (first, count) in ranges.items():
            if first <= place.index < first + count:
                port = f"{name} {place.index - first}"
        yield Fact("port", f"{side} {port} of ({place.tile[0]},{place.tile[1]})")
    found = False
    for task in _later_tasks(replay, step):
        if task.route is None:
            continue
        hops = [h for h in task.route.hops if h.tile == place.tile]
        if any(not port or port == (h.slave if side == "slave" else h.master) for h in hops):
            yield from route_facts(task.route)
            found = True
            break
    if not found:
        yield Fact("stream", "none passes here afterwards")


def _awaited(replay: Replay, step: Step) -> Iterator[Fact]:
    program, who = _program(replay, step), awaited_channel(step)
    waits = sum(
        s.instruction.mnemonic == "wait_task"
        and s.number < step.number
        and awaited_channel(s) == who
        for s in program.steps
    )
    tokens = [t for t in program.tasks if t.who == who and t.token]
    if waits < len(tokens):
        yield from task_facts(replay, tokens[waits])
    else:
        yield Fact("task", f"{who}: none with a token has been pushed for it")


def _loaded(replay: Replay, kernels: Sequence[Kernel], step: Step) -> Iterator[Fact]:
    tile = step.instruction.operands["tile"]
    for start in _later_starts(replay, step):
        if start.tile == (tile >> 8, tile & 0xFF):
            yield from start_facts(replay, kernels, start)
            return
