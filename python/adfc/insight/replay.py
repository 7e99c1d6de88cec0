"""A control program played on paper: what each control word sets up and starts.

A descriptor is taken as it stands when a task that uses it is pushed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from adfc.image import ImageParts
from adfc.image.core_program import CoreProgram, decode_section
from adfc.image.rcb import HEADER_WORDS, RcbInstruction, encode_instruction
from adfc.image.rcb import decode as decode_rcb
from adfc.insight.descriptor import Descriptor, read_descriptor
from adfc.insight.places import ArrayMap, Place, Tile, channel_of
from adfc.insight.routes import RegisterKey, Route, RouteTracer
from adfc.metadata import LayerInfo, Metadata
from adfc.runtime import Role, Who

_CALLS = {"nop": 0, "end": 0, "bind_buffer": 3}
"""RHAL calls of an instruction where it is not one (docs/rcb.md)."""


_SHIM_ADDRESS_WORD = 1  # of a descriptor: the low bits of its address


@dataclass(frozen=True)
class Step:
    """One instruction: its number, its place in the program in words, the phase that it stands in
    (an index of `Replay.layers`, or -1 before the first), its first RHAL call's number, and the
    registers that it writes."""

    number: int
    word: int
    words: int
    instruction: RcbInstruction
    phase: int
    call: int
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Task:
    """A task pushed to a DMA channel by step `step`; its descriptors in the order in which they run
    (once), and the stream that it feeds."""

    step: int
    phase: int
    who: Who
    descriptors: tuple[Descriptor, ...]
    repeat: int
    token: bool
    route: Route | None


@dataclass(frozen=True)
class CoreStart:
    """Step `step` starts a core on the core program at byte `offset` of their section."""

    step: int
    phase: int
    tile: Tile
    offset: int


@dataclass(frozen=True)
class Replay:
    """All that a control program does, in its order."""

    array: ArrayMap
    layers: tuple[LayerInfo, ...]
    steps: tuple[Step, ...]
    tasks: tuple[Task, ...]
    starts: tuple[CoreStart, ...]
    programs: dict[int, CoreProgram]

    @cached_property
    def _calls(self) -> list[int]:
        return [step.call for step in self.steps]

    @cached_property
    def _words(self) -> list[int]:
        return [step.word for step in self.steps]

    def step_of_call(self, call: int) -> Step:
        """The instruction that makes RHAL call number `call`."""
        return self.steps[max(bisect_right(self._calls, call) - 1, 0)]

    def step_at(self, word: int) -> Step | None:
        """The instruction that covers word `word`; None for the header, and past the end."""
        at = bisect_right(self._words, word) - 1
        if at < 0 or word >= self.steps[at].word + self.steps[at].words:
            return None
        return self.steps[at]

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


@dataclass
class _Machine:
    """The registers so far."""

    array: ArrayMap
    values: dict[RegisterKey, int] = field(default_factory=dict[RegisterKey, int])
    words: dict[tuple[Tile, int], list[int]] = field(
        default_factory=dict[tuple[Tile, int], list[int]]
    )
    bound: dict[tuple[Tile, int], tuple[int, int]] = field(
        default_factory=dict[tuple[Tile, int], tuple[int, int]]
    )
    loaded: dict[Tile, int] = field(default_factory=dict[Tile, int])
    routes: dict[Who, Route] = field(default_factory=dict[Who, Route])
    starts: list[CoreStart] = field(default_factory=list[CoreStart])
    tasks: list[Task] = field(default_factory=list[Task])

    def write(self, place: Place, value: int, mask: int, step: int, phase: int) -> None:
        name = place.register.name
        if name == "DMA_BD":
            words = self.words.setdefault((place.tile, place.index), [0] * place.register.words)
            words[place.word] = words[place.word] & ~mask | value & mask
            if place.kind == "shim" and place.word == _SHIM_ADDRESS_WORD:
                self.bound.pop((place.tile, place.index), None)
            return
        key = place.tile, name, place.index
        old = self.values.get(key, 0)
        new = old & ~mask | value & mask
        if name.endswith("_QUEUE"):
            self._push(place, value, step, phase)
            return
        self.values[key] = new
        if name.startswith("SWITCH_") or name.endswith("MUX_CONFIG"):
            self.routes.clear()
        if name == "CORE_CONTROL":
            enable, reset = new & 1, new >> 1 & 1
            if enable and not reset and not (old & 1 and not old >> 1 & 1):
                start = CoreStart(step, phase, place.tile, self.loaded.get(place.tile, -1))
                self.starts.append(start)

    def _push(self, place: Place, value: int, step: int, phase: int) -> None:
        who = channel_of(place)
        assert who is not None

        def of(name: str) -> int:
            entry = place.register.field(name)
            return value >> entry.lsb & entry.mask

        chain = tuple(self._chain(place.tile, of("START_BD_ID")))
        route = self.route(who) if who.role is Role.MM2S else None
        self.tasks.append(
            Task(step, phase, who, chain, of("REPEAT_COUNT"), bool(of("ENABLE_TOKEN_ISSUE")), route)
        )

    def _chain(self, tile: Tile, first: int) -> Iterator[Descriptor]:
        seen: set[int] = set()
        number: int | None = first
        while number is not None and number not in seen:
            seen.add(number)
            words = self.words.get((tile, number))
            if words is None:
                return
            entry = read_descriptor(
                self.array.device, tile, number, words, self.bound.get((tile, number))
            )
            if entry is None:
                return
            yield entry
            number = entry.next

    def route(self, who: Who) -> Route | None:
        if who not in self.routes:
            route = RouteTracer(self.array, self.values).trace(who)
            if route is None:
                return None
            self.routes[who] = route
        return self.routes[who]

    def complete(self, first: int) -> None:
        """Streams that were led somewhere after their task was pushed."""
        for at in range(first, len(self.tasks)):
            task = self.tasks[at]
            if task.who.role is Role.MM2S and task.route is None:
                self.tasks[at] = replace(task, route=self.route(task.who))


_ALL = 0xFFFF_FFFF


def _writes(instruction: RcbInstruction) -> list[tuple[int, int, int]]:
    """(address, value, mask) of each word that the instruction writes."""
    o = instruction.operands
    match instruction.mnemonic:
        case "write32":
            return [(o["address"], o["value"], _ALL)]
        case "mask_write32":
            return [(o["address"], o["value"], o["mask"])]
        case "block_write":
            return [(o["address"] + 4 * i, v, _ALL) for i, v in enumerate(instruction.payload)]
        case "block_set":
            return [(o["address"] + 4 * i, o["value"], _ALL) for i in range(o["count"])]
        case "bind_buffer":
            return [(o["address"], o["offset"] & _ALL, _ALL)]
        case _:
            return []


def _perform(
    machine: _Machine, instruction: RcbInstruction, number: int, phase: int
) -> tuple[Place, ...]:
    """Performs an instruction; the registers that it writes."""
    places: list[Place] = []
    for address, value, mask in _writes(instruction):
        place = machine.array.place(address)
        if place is None:
            continue
        places.append(place)
        machine.write(place, value, mask, number, phase)
        if instruction.mnemonic == "bind_buffer":
            o = instruction.operands
            machine.bound[place.tile, place.index] = o["buffer"], o["offset"]
    if instruction.mnemonic == "load_core":
        tile = instruction.operands["tile"]
        machine.loaded[tile >> 8, tile & 0xFF] = instruction.operands["offset"]
    return tuple(places)


def _load(machine: _Machine, parts: ImageParts) -> None:
    """The load program: the registers that it leaves, but no tasks and starts, which are over."""
    if not parts.load_program:
        return
    for instruction in decode_rcb(parts.load_program).instructions:
        _perform(machine, instruction, -1, -1)
    machine.tasks.clear()
    machine.starts.clear()


def replay(parts: ImageParts, metadata: Metadata) -> Replay:
    """Play the program of an image, after its load program. Raises ImageError for a damaged one."""
    program = decode_rcb(parts.program)
    machine = _Machine(ArrayMap.of(metadata.device))
    _load(machine, parts)
    steps: list[Step] = []
    word, call, phase, pending = HEADER_WORDS, 0, -1, 0
    for number, instruction in enumerate(program.instructions):
        if instruction.mnemonic == "phase":
            phase += 1
        places = _perform(machine, instruction, number, phase)
        if instruction.mnemonic in ("wait_task", "mask_poll", "end"):
            machine.complete(pending)
            pending = len(machine.tasks)
        words = len(encode_instruction(instruction))
        steps.append(Step(number, word, words, instruction, phase, call, places))
        word += words
        call += _CALLS.get(instruction.mnemonic, 1)
    return Replay(
        machine.array,
        metadata.layers,
        tuple(steps),
        tuple(machine.tasks),
        tuple(machine.starts),
        decode_section(parts.core_programs).programs,
    )
