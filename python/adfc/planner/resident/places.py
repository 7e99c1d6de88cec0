"""Whether the weights fit the cores' memtiles and the tensors the hub."""

from __future__ import annotations

from adfc.planner.graph import WORD, Graph, ceil_div, round_up
from adfc.planner.hub import Tensor, fits_hub
from adfc.planner.resident.memory import Memory
from adfc.planner.resident.partitions import Partition
from adfc.planner.resident.splits import Split
from adfc.planner.resident.steps import Step
from adfc.planner.tape import TAPE_BYTES, Tape
from adfc.spec.devices import Device


def fits_array(
    graph: Graph,
    steps: list[Step],
    splits: list[Split],
    partition: Partition,
    memory: Memory,
    device: Device,
) -> bool:
    """Whether all weights fit on the cores' tapes, and all tensors in the hub."""
    tape = max(place_weights(splits, partition, memory)[1])
    room = TAPE_BYTES * (2 if device.mem_rows[1] >= 2 else 1)
    return tape + memory.ring <= room and fits_hub(
        _tensors(graph, steps, splits), device.mem.data_bytes, device.mem.locks
    )


def place_weights(
    splits: list[Split], partition: Partition, memory: Memory
) -> tuple[list[int], list[int]]:
    """For each step the set that begins, so that all have about as much; bytes of the tapes."""
    tapes = [Tape(memory.quantum) for _ in range(partition.sets)]
    firsts: list[int] = []
    for split in splits:
        group = partition.sets // split.grid[0]
        busy = ceil_div(split.grid[1], partition.cores)
        times = split.tiles if split.blocks > 1 else 1

        def members(first: int, group: int = group, busy: int = busy) -> list[int]:
            return [
                start + (first + i) % group
                for start in range(0, partition.sets, group)
                for i in range(busy)
            ]

        first = min(range(group), key=lambda f: sum(tapes[s].estimate for s in members(f)))
        firsts.append(first)
        if split.blocks:
            for member in members(first):
                tapes[member].add(split.blocks // times, split.quanta(memory), times)
    return firsts, [tape.size() for tape in tapes]


def _tensors(graph: Graph, steps: list[Step], splits: list[Split]) -> list[Tensor]:
    """The hub's tensors in the order in which they are made."""
    last: dict[str, int] = {}
    for index, step in enumerate(steps, 1):
        for layer in (step.head, step.tail):
            for name in layer.inputs if layer else ():
                if name != step.head.name:
                    last[name] = index
    tensors = [
        Tensor(name, pitch * height * width, pitch, 0, last[name], None)
        for name, (height, width, channels) in graph.inputs.items()
        if name in last
        for pitch in (round_up(channels, WORD),)
    ]
    for index, (step, split) in enumerate(zip(steps, splits, strict=True), 1):
        if step.last.name not in last:
            continue
        height, width, channels = step.last.output
        parts = split.grid[1] * ceil_div(
            ceil_div(round_up(channels, WORD), split.grid[1]), split.head.out_channels
        )
        pitch = max(round_up(channels, WORD), parts * split.head.out_channels)
        rows = _written_rows(height, split)
        place = None
        if step.skip and step.tail:
            (place,) = [name for name in step.tail.inputs if name != step.head.name]
            if place in step.head.inputs:
                place = None
        tensors.append(
            Tensor(step.last.name, pitch * rows * width, pitch, index, last[step.last.name], place)
        )
    return tensors


def _written_rows(height: int, split: Split) -> int:
    each = round_up(ceil_div(height, split.grid[0]), split.rows)
    groups = ceil_div(height, each)
    return (groups - 1) * each + round_up(height - (groups - 1) * each, split.rows)
