"""What a choice of splits, one for each step, takes of an inference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from adfc.planner.graph import WORD, Graph
from adfc.planner.resident.control import set_up_cycles
from adfc.planner.resident.memory import Memory
from adfc.planner.resident.partitions import Partition
from adfc.planner.resident.splits import Split
from adfc.planner.resident.steps import Step
from adfc.planner.resident.streamed_tape import ring_bytes
from adfc.planner.resident.streaming import streamed_cycles
from adfc.planner.resident.timeline import Round, inference_cycles
from adfc.spec.devices import Device

IDLE = 1.05
"""So many times what control takes for a step must the step take, where it is to begin early."""

EARLY_TILES = 3
"""Tiles of rows that two steps must have, so that the second can begin with rows whose neighbours
the first does not do last."""


@dataclass(frozen=True)
class Estimate:
    """Estimates for the steps of a graph under a partition."""

    graph: Graph
    steps: list[Step]
    partition: Partition
    device: Device

    def control(self, splits: Sequence[Split], *, spare: bool = False) -> list[float]:
        """AIE cycles in which control sets up each step, once for each of its rounds; `spare`: see
        `set_up_cycles`."""
        outputs = self.graph.outputs
        finals = [step.last.name in outputs for step in self.steps]
        return set_up_cycles(splits, finals, self.partition, self.device, spare=spare)

    def all_control(self, splits: Sequence[Split]) -> float:
        """AIE cycles of control in all, with the start of an input."""
        each = zip(splits, self.control(splits), strict=True)
        start = self.device.cycles("control_push_cold_cycles")
        return start + sum(split.rounds * cycles for split, cycles in each)

    def cycles(self, splits: Sequence[Split], memory: Memory) -> int:
        """AIE cycles of an inference, where nothing of a step is done before its own time, but for
        control and the weights that a ring holds: by this partitions are compared."""
        control, partition = self.control(splits), self.partition
        if not partition.streamed:
            rounds = [
                Round(cycles, split.work(memory))
                for split, cycles in zip(splits, control, strict=True)
                for _ in range(split.rounds)
            ]
            return math.ceil(inference_cycles(rounds, 0, self.device))
        rate = self.device.cycles("ddr_mbytes_per_second") / self.device.clock_mhz
        room = partition.tapes * ring_bytes(memory.quantum, partition.tape_room)
        work = [
            (math.ceil(split.rounds * max(cycles, split.work(memory))), split.ddr_bytes(memory))
            for split, cycles in zip(splits, control, strict=True)
        ]
        return streamed_cycles(work, room, rate)

    def timeline(self, splits: Sequence[Split], memory: Memory) -> float:
        """The same, but for streamed weights, with what of a step is done while the one before is
        at work: by this splits are compared."""
        control = self.control(splits, spare=True)
        follow = self._follow(splits, self.early(splits, memory))
        rounds = [
            _round(split, memory, cycles, follows=number == 0 and follows)
            for split, cycles, follows in zip(splits, control, follow, strict=True)
            for number in range(split.rounds)
        ]
        return inference_cycles(rounds, memory.ring // WORD, self.device)

    def early(self, splits: Sequence[Split], memory: Memory) -> list[bool]:
        """For each step, whether it should begin before the step before has ended. That takes
        control more waits and starts, for which it must have time in both steps."""
        each = zip(splits, self.control(splits), strict=True)
        idle = [split.work(memory) > IDLE * cycles for split, cycles in each]
        return [now and before for before, now in zip([True, *idle], idle, strict=False)]

    def _follow(self, splits: Sequence[Split], early: Sequence[bool]) -> list[bool]:
        """Of each step, whether it waits for the last that the one before makes: it reads it, and
        does not begin with rows that are there by then (EarlyStart.cpp)."""
        follow = [True]
        for number in range(1, len(self.steps)):
            step, made = self.steps[number], self.steps[number - 1].last.name
            reads = made in (*step.reads, *(step.tail.inputs if step.tail else ()))
            begins = (
                early[number]
                and not self.partition.divided
                and all(
                    split.rounds == 1 and split.tiles >= EARLY_TILES
                    for split in splits[number - 1 : number + 1]
                )
                and step.head.pixel != made
            )
            follow.append(reads and not begins)
        return follow


def _round(split: Split, memory: Memory, control: float, *, follows: bool) -> Round:
    """What counts of a round of a step."""
    quanta = split.quanta(memory)
    held = split.tile_blocks * quanta if split.holds(quanta) else 0
    return Round(
        control=control,
        busy=split.busy_cycles(memory),
        fill=split.fill,
        ends=split.ends,
        weights=split.buffers(memory) * memory.quantum // WORD,
        held=held * memory.quantum // WORD,
        follows=follows,
    )
