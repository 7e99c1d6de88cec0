"""Better splits of single steps, when a partition and a core's memory are chosen."""

from __future__ import annotations

from collections.abc import Callable

from adfc.planner.resident.estimate import Estimate
from adfc.planner.resident.memory import STACK_BYTES, Memory
from adfc.planner.resident.places import fits_cores, fits_hubs, sent_words
from adfc.planner.resident.program_size import MOST_WORDS, program_words
from adfc.planner.resident.splits import Split

TRIED = 8
"""Splits of a step that are tried with what is chosen for the others: those with least work."""


def improved(
    estimate: Estimate,
    options: list[list[Split]],
    total: int,
    memory: Memory,
    chosen: list[Split],
) -> tuple[int, list[Split]]:
    """`chosen`, which takes `total` cycles by the estimate, with other splits of some steps.

    First where the whole gains by the estimate: splits may take less work, though more control, for
    which steps around them leave the time. Then where it gains by the timeline, which knows what of
    a step is done while others are at work. The cycles that come with the splits are those of the
    estimate before that, by which partitions are compared.
    """
    device, partition = estimate.device, estimate.partition

    def by_estimate(splits: list[Split]) -> float:
        return max(estimate.cycles(splits, memory), sent_words(splits, partition, memory))

    def by_timeline(splits: list[Split]) -> float:
        return max(estimate.timeline(splits, memory), sent_words(splits, partition, memory))

    def is_legal(splits: list[Split]) -> bool:
        return (
            program_words(estimate.steps, splits, memory) <= MOST_WORDS
            and fits_hubs(estimate.graph, estimate.steps, splits, partition, device)
            and fits_cores(estimate.steps, splits, partition, memory, device)
        )

    capacity = device.core.data_bytes - STACK_BYTES
    chosen = _exchanged(options, memory, capacity, chosen, by_estimate, is_legal)
    total = min(total, round(by_estimate(chosen)))
    return total, _exchanged(options, memory, capacity, chosen, by_timeline, is_legal)


def _exchanged(
    options: list[list[Split]],
    memory: Memory,
    capacity: int,
    chosen: list[Split],
    cycles_of: Callable[[list[Split]], float],
    is_legal: Callable[[list[Split]], bool],
) -> list[Split]:
    """`chosen` with the splits with which the whole takes fewest cycles, step by step; steps that
    are alike, which have one list of `options`, are done alike."""
    least = cycles_of(chosen)
    for known in {id(known): known for known in options}.values():
        fitting = (split for split in known if split.fits(memory, capacity))
        for split in sorted(fitting, key=lambda s: s.work(memory))[:TRIED]:
            others = [split if own is known else s for s, own in zip(chosen, options, strict=True)]
            cycles = cycles_of(others)
            if cycles < least and is_legal(others):
                least, chosen = cycles, others
    return chosen
