"""Whether the weights fit the cores' memtiles and the tensors the hub."""

from __future__ import annotations

from adfc.planner.graph import WORD, Graph, ceil_div, round_up
from adfc.planner.hub import Tensor, fits_hub
from adfc.planner.resident.memory import Memory
from adfc.planner.resident.partitions import Partition
from adfc.planner.resident.program_size import MOST_WORDS, program_words
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
    """Whether all tensors fit in the hub, all weights that stay on the cores' tapes, and programs
    in the cores."""
    if program_words(steps, splits, memory) > MOST_WORDS:
        return False
    tensors = _tensors(graph, steps, splits)
    if not fits_hub(tensors, device.mem.data_bytes, device.mem.locks):
        return False
    if partition.streamed:
        return True
    tape = max(place_weights(splits, partition, memory)[1])
    room = TAPE_BYTES * (2 if device.mem_rows[1] >= 2 else 1)
    return tape + memory.ring <= room


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
    overs = _read_over(steps, splits, graph)
    tensors = [
        Tensor(name, pitch * height * width + overs.get(name, 0), pitch, 0, last[name], None)
        for name, (height, width, channels) in graph.inputs.items()
        if name in last
        for pitch in (round_up(channels, WORD),)
    ]
    for index, (step, split) in enumerate(zip(steps, splits, strict=True), 1):
        name = step.last.name
        if name not in last:
            continue
        height, width, _ = step.last.output
        pitch = _pitch(step, split)
        size = pitch * _written_rows(height, split) * width + overs.get(name, 0)
        skipped = _skipped(step)
        place = skipped if skipped not in step.head.inputs else None
        tensors.append(Tensor(name, size, pitch, index, last[name], place))
    return tensors


def _pitch(step: Step, split: Split) -> int:
    """Bytes from pixel to pixel of a step's result in the hub."""
    channels, tile = round_up(step.last.output[2], WORD), split.head.out_channels
    each = ceil_div(ceil_div(channels, split.grid[1]), tile) * tile
    return max(channels, split.grid[1] * each)


def _skipped(step: Step) -> str | None:
    """The tensor that is the other operand of the layer chained to a step's head."""
    if not (step.skip and step.tail):
        return None
    (name,) = [name for name in step.tail.inputs if name != step.head.name]
    return name


def _read_over(steps: list[Step], splits: list[Split], graph: Graph) -> dict[str, int]:
    """Bytes behind tensors that are read: by cores that compute past a step's last channel."""
    pitches = {name: round_up(shape[2], WORD) for name, shape in graph.inputs.items()}
    overs: dict[str, int] = {}
    for step, split in zip(steps, splits, strict=True):
        pitches[step.last.name] = _pitch(step, split)
        name = _skipped(step)
        if name is not None:
            over = _pitch(step, split) - pitches[name]
            overs[name] = max(overs.get(name, 0), over)
    return overs


def _written_rows(height: int, split: Split) -> int:
    each = round_up(ceil_div(height, split.grid[0]), split.rows)
    groups = ceil_div(height, each)
    return (groups - 1) * each + round_up(height - (groups - 1) * each, split.rows)
