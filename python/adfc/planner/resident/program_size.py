"""How long a core's program is, as the compiler writes it (spec/core_program.toml)."""

from __future__ import annotations

from adfc.planner.graph import Layer
from adfc.planner.resident.memory import WEIGHT_DEPTH, Memory
from adfc.planner.resident.splits import Split
from adfc.planner.resident.steps import Step

MOST_WORDS = 16384 // 4
"""Words of a core's program memory (AM020: 16 KB)."""

DECLARATIONS = 1 + 8 * 3 + 1
"""Header, windows, and the restart at the end."""

LOOP = 3
WINDOW = 3
"""Words of a loop's two ends; of an acquire, a release and an advance."""

CALL = 3
"""Of a call without its buffers and immediates."""

COPY = CALL + 2 + 2
"""Of a call that copies channels."""

HANDOVER = CALL + 2
"""Of a call that hands sums on."""

PADS = 4
"""Immediates of a pooling."""


LEAST_OF_A_STEP = 2 * LOOP + 2 * WINDOW + CALL + 2
"""Words that every step has: its loops, a message in, a call, a message out."""


def program_words(steps: list[Step], splits: list[Split], memory: Memory) -> int:
    """Words of the longest core's program, at most: one that has work in every step."""
    return DECLARATIONS + sum(
        step_words(step, split, split.quanta(memory))
        for step, split in zip(steps, splits, strict=True)
    )


def step_words(step: Step, split: Split, quanta: int) -> int:
    """Words of a step, at most, whose blocks of weights take `quanta` buffers."""
    # The first and the last tile of rows differ where a pooling pads.
    variants = min(split.tiles, 3) if _pools(step.head) or _pools(step.tail) else 1
    kept = each = around = 0
    if split.tile_blocks and split.holds(quanta):
        kept = 2 + split.tile_blocks * quanta
        if split.tile_blocks > 1:
            each, around = quanta, WEIGHT_DEPTH - split.tile_blocks * quanta
    elif split.tile_blocks:
        each = 2 + quanta
    if step.head.channelwise:
        work = _channelwise_words(step.head, each)
    else:
        work = _chunks_words(split, each)
    tile = work + around + _finish_words(step, split)
    # The tail's table is copied at once; its buffers of the ring are no more than a block's, or 1.
    table = 2 + max(quanta, 1) + COPY if split.table else 0
    return split.rounds * (LOOP + WINDOW + table + kept + variants * (LOOP + tile))


def _chunks_words(split: Split, weights: int) -> int:
    """All chunks of input channels: the first and the last differ from those between them."""
    call = CALL + (4 + 2 if split.chunks > 1 else 3)
    chunk = WINDOW + split.parts * (call + weights)
    handed_over = split.parts * HANDOVER if split.handover else 0
    if split.handover:
        chunk += WINDOW  # of the other core's, which it lets go
    return min(split.chunks, 3) * chunk + (LOOP if split.chunks > 2 else 0) + handed_over


def _channelwise_words(head: Layer, weights: int) -> int:
    copied = head.activations + int(head.pixel is not None)
    buffers = head.activations + int(head.has_weights) + 1
    return copied * (WINDOW + COPY) + CALL + buffers + PADS + weights


def _finish_words(step: Step, split: Split) -> int:
    """The other operand of the layer chained to the head, that layer, and the output."""
    other = WINDOW + split.parts * COPY if step.skip else 0
    buffers = 3 + int(step.table_bytes > 0)
    tail = CALL + buffers + (PADS if _pools(step.tail) else 0) if step.tail else 0
    copy = COPY if not step.tail or split.parts > split.sends else 0
    carried = 2 * COPY if split.later else 0
    return other + split.parts * (tail + copy) + 2 * split.sends + carried


def _pools(layer: Layer | None) -> bool:
    return layer is not None and layer.kind == "max_pool2d"
