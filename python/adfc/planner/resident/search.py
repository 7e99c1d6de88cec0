"""The search: the best split of each step, under the best partition of cores and memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from adfc.planner.graph import Graph, Layer
from adfc.planner.resident.estimate import Estimate
from adfc.planner.resident.improving import improved
from adfc.planner.resident.memory import STACK_BYTES, WEIGHT_DEPTH, Memory, memories
from adfc.planner.resident.partitions import (
    KINDS,
    MOST_DIVIDED_HUBS,
    Partition,
    has_pairs,
    partitions,
)
from adfc.planner.resident.places import (
    fits_cores,
    fits_hubs,
    place_weights,
    sent_words,
    tape_room,
)
from adfc.planner.resident.program_size import (
    LEAST_OF_A_STEP,
    MOST_WORDS,
    program_words,
    step_words,
)
from adfc.planner.resident.splits import Demands, Split, splits_of
from adfc.planner.resident.steps import Step, chain_layers, is_possible
from adfc.planner.schedule import LayerSchedule, ResidentSchedule, Schedule
from adfc.spec.devices import Device

PRICES = (0.0, 1 / 512, 1 / 256, 1 / 128, 1 / 64, 1 / 32)
"""AIE cycles that a byte on the cores' tapes is taken to cost, one after the other until the tapes
fit: rows split over fewer groups of cores take fewer copies of the weights."""

STREAMED_PRICES = (0.0, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4)
"""The same where weights come from DDR, which at a price of its rate would count alone."""

WORD_PRICES = (0, 8, 32, 128)
"""AIE cycles that a word of a core's program is taken to cost, until programs fit."""

LARGE = 192 * 1024
"""Bytes of results that must be divided, where hubs keep only what their sets read."""

FAR_MORE, FAR_FASTER = 1.5, 1.25
"""So many times the cores of the best partition must one have whose kind is worse, and so many
times its speed: what stays on the array, and whole, leaves DDR and control to others."""

FASTER = 1.01
"""By so much must the estimate be better of a partition that is tried later."""

MOSTLY, NO_FASTER = 0.8, 1 / 15
"""Where control takes such a part of the time, splits with more of it are no better, and fewer core
tiles may be as fast and are tried; they are taken where estimates of more are not faster by such a
part."""

CLOSE = 1.05
"""How much slower than the best one found may be what is worth improving."""

ENOUGH = 0.9
"""Partitions with fewer cores than this part of those of the best one so far are not tried."""


def plan_resident(
    graph: Graph, device: Device, *, tiles: int, avoid: Sequence[tuple[int, int]] = ()
) -> tuple[Schedule, int] | None:
    """The best resident schedule on at most `tiles` core tiles and its modelled AIE cycles for an
    inference, or None where there is none.

    None: the tensors do not fit the hub, the weights not the cores' memtiles, the steps not a
    core's program, or a layer is of a form that a resident program cannot do. Inputs lie without
    padding where that fits.
    """
    unpadded = _unpadded(graph, device, tiles, avoid)
    found = _plan_resident(unpadded, device, tiles, avoid)
    if found is None and unpadded != graph:
        return _plan_resident(graph, device, tiles, avoid)
    return found


def _unpadded(graph: Graph, device: Device, tiles: int, avoid: Sequence[tuple[int, int]]) -> Graph:
    """The graph with inputs without padding, but for layers that alone take longer so: their blocks
    of weights have zeros for bytes of other pixels."""

    def alone(layer: Layer) -> float:
        plan = _plan_resident(Graph((layer,)), device, tiles, avoid)
        return plan[1] if plan else math.inf

    gains = [
        layer.name
        for layer in graph.unpadded().layers
        if layer.unpadded and alone(layer) <= alone(replace(layer, unpadded=None))
    ]
    return graph.unpadded(gains)


def _plan_resident(
    graph: Graph, device: Device, tiles: int, avoid: Sequence[tuple[int, int]]
) -> tuple[Schedule, int] | None:
    steps = chain_layers(graph)
    if LEAST_OF_A_STEP * len(steps) > MOST_WORDS:
        return None
    if not all(is_possible(graph, step) for step in steps):
        return None
    tried = [_best_on(graph, steps, device, tiles, avoid)]
    for fewer in _powers_of_two_below(tiles):
        more = tried[-1]
        if more is None or not more.controlled:
            break
        # Each hub is more to control.
        best = _best_on(graph, steps, device, fewer, avoid, more.partition.hubs)
        tried.append(best)
        if best is not None and best.cycles > more.cycles * (1 + NO_FASTER):
            break  # still fewer would take still longer
    found = [best for best in tried if best is not None]
    if not found:
        return None
    least = min(best.cycles for best in found)
    best = next(b for b in reversed(found) if b.cycles <= least * (1 + NO_FASTER))
    return replace(best.schedule, tiles=tiles), best.cycles


@dataclass(frozen=True)
class _Found:
    """A schedule with its partition and, by the estimate, AIE cycles of an inference, and whether
    control took MOSTLY all of them before splits were improved."""

    schedule: Schedule
    partition: Partition
    cycles: int
    controlled: bool


def _powers_of_two_below(tiles: int) -> list[int]:
    """The largest first; so what is found for a power of two is among what is tried for more."""
    return [1 << n for n in reversed(range((tiles - 1).bit_length()))]


def _best_on(
    graph: Graph,
    steps: list[Step],
    device: Device,
    tiles: int,
    avoid: Sequence[tuple[int, int]],
    most_hubs: int = MOST_DIVIDED_HUBS,
) -> _Found | None:
    """The best schedule of the partitions that use enough of the core tiles, with at most so many
    hubs."""
    best: _Found | None = None
    most, kind = 0, KINDS[0]
    for partition in partitions(device, tiles, avoid):
        worse = best is not None and partition.kind != kind
        if worse and partition.sets * partition.cores < FAR_MORE * most:
            continue
        if partition.sets * partition.cores < ENOUGH * most:
            continue
        if partition.hubs > most_hubs or not may_fit(graph, steps, partition, device):
            continue
        estimate = Estimate(graph, steps, partition, device)
        beaten = best.cycles / (FAR_FASTER if worse else FASTER) if best else math.inf
        found = _best_under(estimate, avoid, beaten)
        if found is None:
            continue
        cycles, memory, splits, controlled = found
        if cycles >= beaten:
            continue
        most, kind = max(most, partition.sets * partition.cores), partition.kind
        schedule = as_schedule(
            device,
            tiles,
            avoid,
            partition,
            memory,
            steps,
            splits,
            estimate.early(splits, memory),
        )
        best = _Found(schedule, partition, cycles, controlled)
    return best


def may_fit(graph: Graph, steps: list[Step], partition: Partition, device: Device) -> bool:
    """Whether the hubs have room for what each step reads and makes, but for inputs, if tensors
    are divided evenly; and the cores' memtiles for one copy of weights that stay."""
    weights = sum(s.head.weight_bytes * s.head.weight_bits // 8 for s in steps if s.has_weights)
    if not partition.streamed and weights > partition.tapes * tape_room(device):
        return False
    outputs = graph.outputs
    sizes = {
        step.last.name: math.prod(step.last.output)
        for step in steps
        if step.last.name not in outputs
    }
    room = device.mem.data_bytes
    if partition.divided:
        room = (
            room
            * partition.sets
            // max(map(len, map(partition.sets_of_hub, range(partition.hubs))))
        )
    return all(
        sum(sizes.get(name, 0) for name in {*step.reads, step.last.name}) <= room for step in steps
    )


def _best_under(
    estimate: Estimate, avoid: Sequence[tuple[int, int]], beaten: float
) -> tuple[int, Memory, list[Split], bool] | None:
    """The best splits under a partition, with AIE cycles of an inference and how a core's memory is
    shared out; and whether control takes most of the time. None where there are none, or none that
    take fewer than `beaten` cycles."""
    steps, partition, device = estimate.steps, estimate.partition, estimate.device
    options = splits_of_steps(estimate.graph, steps, partition, device, avoid)
    if options is None or _shortest(steps, options) > MOST_WORDS or _least(options) >= beaten:
        return None
    best = _best_memory(estimate, options)
    if best is None:
        return None
    total, memory, chosen = best
    controlled = estimate.all_control(chosen) >= MOSTLY * total
    if not partition.streamed and not controlled and total < CLOSE * beaten:
        total, chosen = improved(estimate, options, total, memory, chosen)
    return total, memory, chosen, controlled


def _least(options: list[list[Split]]) -> float:
    """AIE cycles that no choice can take fewer of: cores' work alone, the best of each step."""
    return sum(min(s.rounds * (s.ends + min(s.busy)) for s in splits) for splits in options)


def _best_memory(
    estimate: Estimate, options: list[list[Split]]
) -> tuple[int, Memory, list[Split]] | None:
    """The best way to share out a core's memory, with the cheapest splits for it."""
    steps, partition, device = estimate.steps, estimate.partition, estimate.device
    best: tuple[int, Memory, list[Split]] | None = None
    capacity = device.core.data_bytes - STACK_BYTES
    preferences = Preferences(steps, options, streamed=partition.streamed)
    hubs: dict[tuple[int, ...], bool] = {}
    for memory in memories(capacity):
        for price in STREAMED_PRICES if partition.streamed else PRICES:
            chosen = preferences.choose_short(memory, price, capacity)
            if chosen is None:
                break
            total = estimate.cycles(chosen, memory)
            if best is not None and total >= best[0]:
                if partition.streamed:
                    continue  # fewer copies may take less
                break
            if not partition.streamed:
                total = max(total, sent_words(chosen, partition, memory))
                if best is not None and total >= best[0]:
                    continue
            key = tuple(map(id, chosen))
            if key not in hubs:
                hubs[key] = fits_hubs(estimate.graph, steps, chosen, partition, device)
            if hubs[key] and fits_cores(steps, chosen, partition, memory, device):
                best = total, memory, chosen
                if not partition.streamed:
                    break
    return best


def _shortest(steps: list[Step], options: list[list[Split]]) -> int:
    """Words that programs have at least."""
    known: dict[int, int] = {}
    for step, splits in zip(steps, options, strict=True):
        if id(splits) not in known:
            known[id(splits)] = min(step_words(step, split, 1) for split in splits)
    return sum(known[id(splits)] for splits in options)


def splits_of_steps(
    graph: Graph,
    steps: list[Step],
    partition: Partition,
    device: Device,
    avoid: Sequence[tuple[int, int]] = (),
) -> list[list[Split]] | None:
    """The legal ways to do each step, one list for steps that are alike; None: one has none."""
    known: dict[tuple[Step, Demands], list[Split]] = {}
    options: list[list[Split]] = []
    outputs = graph.outputs
    seen: dict[str, set[tuple[int, ...]]] = {}
    for layer in graph.layers:
        for name in layer.inputs:
            seen.setdefault(name, set()).add(layer.input)
    paired = has_pairs(partition, device, avoid)
    for step in steps:
        key = Step(step.head.shape(), step.tail.shape() if step.tail else None, step.skip)
        final = step.last.name in outputs
        # A reader that sees another shape needs the bytes without gaps.
        exact = any(shape != step.last.output for shape in seen.get(step.last.name, ()))
        apart = partition.divided and _reads_or_makes_large(graph, step)
        demands = Demands(final, exact, apart, opens=step is steps[0], paired=paired)
        if (key, demands) not in known:
            known[key, demands] = list(splits_of(step, partition, device, demands))
        splits = known[key, demands]
        if not splits:
            return None
        options.append(splits)
    return options


def _reads_or_makes_large(graph: Graph, step: Step) -> bool:
    """Whether hubs should divide a result that the step makes or reads; inputs they never do."""
    layers = [step.head, *([step.tail] if step.tail else [])]
    names = {step.last.name}.union(*(layer.inputs for layer in layers))
    return any(layer.name in names and math.prod(layer.output) > LARGE for layer in graph.layers)


class Preferences:
    """The splits of each step in the order of their cost, which depends on a part of the memory."""

    def __init__(self, steps: list[Step], options: list[list[Split]], *, streamed: bool) -> None:
        self._steps = steps
        self._options = options
        self._streamed = streamed
        self._orders: dict[tuple[int, int, int, float, int], list[Split]] = {}
        self._numbers: dict[tuple[str, int, int, int], list[int]] = {}

    def choose_short(self, memory: Memory, price: float, capacity: int) -> list[Split] | None:
        """The cheapest split of each step that fits, where a byte of tape costs `price` cycles,
        with words of programs as cheap as programs fit with; None where none does."""
        chosen = None
        for word_price in WORD_PRICES:
            chosen = self.choose(memory, price, capacity, word_price)
            if chosen is None or program_words(self._steps, chosen, memory) <= MOST_WORDS:
                break
        return chosen

    def choose(
        self, memory: Memory, price: float, capacity: int, word_price: int = 0
    ) -> list[Split] | None:
        """The cheapest split of each step that fits, where a byte of tape costs `price` cycles and
        a word of a program `word_price`; None where none does."""
        known: dict[int, Split] = {}
        for step, splits in zip(self._steps, self._options, strict=True):
            if id(splits) in known:
                continue
            order = self._order(step, splits, memory, (price, word_price))
            found = next((split for split in order if split.fits(memory, capacity)), None)
            if found is None:
                return None
            known[id(splits)] = found
        return [known[id(splits)] for splits in self._options]

    def _order(
        self, step: Step, splits: list[Split], memory: Memory, prices: tuple[float, int]
    ) -> list[Split]:
        # Of the memory, only the weights' buffers count for time, and how many activations have.
        key = id(splits), memory.quantum, memory.buffers, *prices
        if key not in self._orders:
            byte, word = prices
            size = Split.ddr_bytes if self._streamed else Split.tape_bytes
            cycles = self._of_all("cycles", splits, memory, lambda s: s.total(memory))
            sizes = self._of_all("bytes", splits, memory, lambda s: size(s, memory))
            words = self._of_all(
                "words", splits, memory, lambda s: step_words(step, s, s.quanta(memory))
            )
            costs = [c + byte * b + word * w for c, b, w in zip(cycles, sizes, words, strict=True)]
            order = sorted(range(len(splits)), key=costs.__getitem__)
            self._orders[key] = [splits[index] for index in order]
        return self._orders[key]

    def _of_all(
        self, what: str, splits: list[Split], memory: Memory, number: Callable[[Split], int]
    ) -> list[int]:
        """A number of each split, worked out once for all prices."""
        key = what, id(splits), memory.quantum, memory.buffers
        if key not in self._numbers:
            self._numbers[key] = [number(split) for split in splits]
        return self._numbers[key]


def as_schedule(
    device: Device,
    tiles: int,
    avoid: Sequence[tuple[int, int]],
    partition: Partition,
    memory: Memory,
    steps: list[Step],
    splits: list[Split],
    early: Sequence[bool] | None = None,
) -> Schedule:
    """What was chosen, as the compiler obeys it. `early`: of each step, whether it begins before
    the step before has ended; none of them does without."""
    layers: dict[str, LayerSchedule] = {}
    firsts, _ = place_weights(splits, partition, memory)
    early = early or [False] * len(steps)
    for step, split, first, begins in zip(steps, splits, firsts, early, strict=True):
        head = split.head
        layers[step.head.name] = LayerSchedule(
            grid=split.grid,
            tile=head.tile,
            depth=(2, 1, 1),
            memtiles=(1, 1),
            rounds=1,
            cycles=split.cycles[0],
            first=first,
            members=split.members if split.members * split.shares < partition.cores else 0,
            later=split.later,
            handover=split.handover,
            early=begins,
            unpadded=step.head.unpadded is not None,
        )
        if step.tail:
            channels = head.out_channels
            layers[step.tail.name] = LayerSchedule(
                grid=split.grid,
                tile=(split.rows, step.tail.output[1], channels, channels),
                depth=(2, 1, 1),
                memtiles=(1, 1),
                rounds=1,
                cycles=split.cycles[1],
                chained=True,
            )
    resident = ResidentSchedule(
        sets=partition.sets,
        cores=partition.cores,
        hubs=partition.hubs,
        activations=memory.activations,
        weights=(memory.quantum, WEIGHT_DEPTH),
        output=memory.output,
        streamed=partition.streamed,
        divided=partition.divided,
        stack=partition.stack,
        shared=partition.shared,
        buffers=memory.buffers,
    )
    return Schedule(device.name, tiles, tuple(avoid), layers, resident)
