"""Whether the weights fit the cores' memtiles and the tensors the hub."""

from __future__ import annotations

from functools import partial

from adfc.planner.graph import WORD, Graph, ceil_div
from adfc.planner.hub import fits_hub
from adfc.planner.resident.memory import Memory
from adfc.planner.resident.partitions import Partition
from adfc.planner.resident.program_size import MOST_WORDS, program_words
from adfc.planner.resident.splits import Split
from adfc.planner.resident.steps import Step
from adfc.planner.resident.streamed_tape import StreamedTape
from adfc.planner.resident.tensors import hub_tensors, scrap_bytes
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
    return fits_hubs(graph, steps, splits, partition, device) and fits_cores(
        steps, splits, partition, memory, device
    )


def fits_hubs(
    graph: Graph, steps: list[Step], splits: list[Split], partition: Partition, device: Device
) -> bool:
    """Whether all tensors fit in the hub, however the cores' memory is shared out."""
    tensors = hub_tensors(graph, steps, splits, partition)
    if tensors is None:
        return False
    capacity, locks = device.mem.data_bytes, device.mem.locks
    if partition.divided:
        capacity -= scrap_bytes(splits)
        locks -= 2
    return fits_hub(tensors, capacity, locks)


def fits_cores(
    steps: list[Step],
    splits: list[Split],
    partition: Partition,
    memory: Memory,
    device: Device,
) -> bool:
    """Whether programs fit in the cores, and weights on their tapes."""
    if program_words(steps, splits, memory) > MOST_WORDS:
        return False
    tapes = place_weights(splits, partition, memory)[1]
    if partition.streamed:
        return all(StreamedTape(tape, partition.tape_room).fits_queue() for tape in tapes)
    return max(tape.size() for tape in tapes) + memory.ring <= tape_room(device)


def tape_room(device: Device) -> int:
    """Bytes of memtiles for a tape that stays: one of its column, and one of the next."""
    return TAPE_BYTES * (2 if device.mem_rows[1] >= 2 else 1)


def sent_words(splits: list[Split], partition: Partition, memory: Memory) -> int:
    """The words that the longest tape sends in an inference, one a cycle."""
    tapes = place_weights(splits, partition, memory)[1]
    return max(tape.sent for tape in tapes) * memory.quantum // WORD


def place_weights(
    splits: list[Split], partition: Partition, memory: Memory
) -> tuple[list[int], list[Tape]]:
    """For each step the set that begins, so that all have about as much; the sets' tapes."""
    tapes = [Tape(memory.quantum) for _ in range(partition.sets)]
    firsts: list[int] = []
    for step, split in enumerate(splits):
        busy = ceil_div(split.groups_of_round, split.members)
        times = split.times(memory)
        members = partial(partition.members, split.grid[0], busy)
        choices = partition.firsts(split.grid[0])
        first = min(choices, key=lambda f: sum(tapes[s].estimate for s in members(f)))
        firsts.append(first)
        for member in members(first) * split.rounds:
            if split.table:
                tapes[member].add(1, split.table_quanta(memory), 1, step)
            if split.tile_blocks:
                tapes[member].add(split.tile_blocks, split.quanta(memory), times, step)
    return firsts, tapes
