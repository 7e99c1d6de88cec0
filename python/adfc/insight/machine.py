"""The array's registers as a control program sets them, and what that starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from adfc.image.rcb import RcbInstruction
from adfc.insight.descriptor import Descriptor, read_descriptor
from adfc.insight.places import ArrayMap, Place, Tile, channel_of
from adfc.insight.routes import RegisterKey, Route, RouteTracer
from adfc.insight.steps import CoreStart, Task
from adfc.runtime import Role, Who

_SHIM_ADDRESS_WORD = 1  # of a descriptor: the low bits of its address


@dataclass
class Machine:
    """The registers so far. `load`: what is played now is the load program."""

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
    load: bool = False
    starts: list[CoreStart] = field(default_factory=list[CoreStart])
    tasks: list[Task] = field(default_factory=list[Task])

    def write(self, place: Place, value: int, mask: int, step: int, phase: int) -> None:
        """Step `step` writes a register's masked bits; pushes and core starts follow from it."""
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
                offset = self.loaded.get(place.tile, -1)
                self.starts.append(CoreStart(step, phase, place.tile, offset, self.load))

    def _push(self, place: Place, value: int, step: int, phase: int) -> None:
        who = channel_of(place)
        assert who is not None

        def of(name: str) -> int:
            entry = place.register.field(name)
            return value >> entry.lsb & entry.mask

        chain = tuple(self._chain(place.tile, of("START_BD_ID")))
        route = self.route(who) if who.role is Role.MM2S else None
        self.tasks.append(
            Task(
                step,
                phase,
                who,
                chain,
                of("REPEAT_COUNT"),
                bool(of("ENABLE_TOKEN_ISSUE")),
                route,
                endless=bool(chain) and chain[-1].next in {d.number for d in chain},
                load=self.load,
            )
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
        """The stream of an MM2S channel, as the switches are now."""
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


def register_writes(instruction: RcbInstruction) -> list[tuple[int, int, int]]:
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


def perform(
    machine: Machine, instruction: RcbInstruction, number: int, phase: int
) -> tuple[Place, ...]:
    """Performs an instruction; the registers that it writes."""
    places: list[Place] = []
    for address, value, mask in register_writes(instruction):
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
