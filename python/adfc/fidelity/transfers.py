"""Programs that time one DMA transfer: from its source's lock to where the measurement ended."""

from __future__ import annotations

from adfc.fidelity.writer import OWN_LOCKS, OWN_WORDS, SHIM_MM2S_PORT, Writer, between, run
from adfc.spec.devices import Device

WARM_TASKS = 8
"""A channel's first tasks, before the one that is timed: what a cold DDR path adds is gone."""


def tile_to_tile(device: Device, words: int) -> int:
    """Cycles from the source's lock to the release of the sink's; the tiles are neighbours."""
    row = device.core_rows[0]
    column = device.noc_columns[0]
    source, sink = (column, row), (column, row + 1)
    w = Writer(device)
    w.connect(source, ("DMA", 0), ("NORTH", 1))
    w.connect(sink, ("SOUTH", 1), ("DMA", 1))
    w.write(source, "LOCK", 5, VALUE=0)
    w.write(sink, "LOCK", 6, VALUE=0)
    acquire = {"LOCK_ACQ_ENABLE": 1, "LOCK_ACQ_ID": 5, "LOCK_ACQ_VALUE": -1}
    w.descriptor(source, 0, BUFFER_LENGTH=words, BASE_ADDRESS=0, **acquire)
    w.descriptor(sink, 0, BUFFER_LENGTH=words, BASE_ADDRESS=0, LOCK_REL_ID=6, LOCK_REL_VALUE=1)
    w.write(sink, "DMA_S2MM_QUEUE", 1, START_BD_ID=0)
    w.write(source, "DMA_MM2S_QUEUE", 0, START_BD_ID=0)
    w.write(source, "LOCK", 5, VALUE=1)
    w.timestamp(0)
    w.wait_register(sink, "LOCK", 6, 0x3F, 1)
    w.timestamp(1)
    return between(run(w), 0, 1)


def ddr_to_tile(device: Device, words: int) -> int:
    """Cycles from the shim's lock to the release of a core tile's, on a warm channel."""
    column = device.noc_columns[0]
    shim, sink = (column, 0), (column, device.core_rows[0])
    w = Writer(device)
    w.write(shim, "MUX_CONFIG", SOUTH3=1)
    w.connect(shim, ("SOUTH", SHIM_MM2S_PORT), ("NORTH", 0))
    for row in range(1, sink[1]):
        w.connect((column, row), ("SOUTH", 0), ("NORTH", 0))
    w.connect(sink, ("SOUTH", 0), ("DMA", 0))
    w.write(shim, "LOCK", 1, VALUE=0)
    w.write(sink, "LOCK", 0, VALUE=0)
    acquire = {"LOCK_ACQ_ENABLE": 1, "LOCK_ACQ_ID": 1, "LOCK_ACQ_VALUE": -1}
    w.descriptor(shim, 0, BUFFER_LENGTH=words, **acquire)
    w.lines.append(f"bind_buffer {w.at(shim, 'DMA_BD', 0, 1)}, input + 0")
    w.descriptor(sink, 0, BUFFER_LENGTH=words, BASE_ADDRESS=0, LOCK_REL_ID=0, LOCK_REL_VALUE=1)
    for task in range(WARM_TASKS + 1):
        w.write(sink, "DMA_S2MM_QUEUE", 0, START_BD_ID=0)
        w.write(shim, "DMA_MM2S_QUEUE", 0, START_BD_ID=0)
        w.write(shim, "LOCK", 1, VALUE=1)
        w.timestamp(2 * task)
        w.wait_register(sink, "LOCK", 0, 0x3F, task + 1)
        w.timestamp(2 * task + 1)
    return between(run(w, bytes=4 * words), 2 * WARM_TASKS, 2 * WARM_TASKS + 1)


def memtile_send(device: Device, words: int, stride: int) -> int:
    """Cycles from a memtile's lock to the end of its MM2S descriptor, words `stride` apart."""
    column = device.noc_columns[0]
    source = (column, device.mem_rows[0] + device.mem_rows[1] - 1)
    sink = (column, device.core_rows[0])
    w = Writer(device)
    w.connect(source, ("DMA", 0), ("NORTH", 0))
    w.connect(sink, ("SOUTH", 0), ("DMA", 0))
    w.write(source, "LOCK", 0, VALUE=0)
    w.write(source, "LOCK", 1, VALUE=0)
    locks = {
        "LOCK_ACQ_ENABLE": 1,
        "LOCK_ACQ_ID": OWN_LOCKS,
        "LOCK_ACQ_VALUE": -1,
        "LOCK_REL_ID": OWN_LOCKS + 1,
        "LOCK_REL_VALUE": 1,
    }
    shape = {"D0_STEPSIZE": stride - 1, "D0_WRAP": words}
    w.descriptor(source, 0, BUFFER_LENGTH=words, BASE_ADDRESS=OWN_WORDS, **locks, **shape)
    w.descriptor(sink, 0, BUFFER_LENGTH=words, BASE_ADDRESS=0)
    w.write(sink, "DMA_S2MM_QUEUE", 0, START_BD_ID=0)
    w.write(source, "DMA_MM2S_QUEUE", 0, START_BD_ID=0)
    w.write(source, "LOCK", 0, VALUE=1)
    w.timestamp(0)
    w.wait_register(source, "LOCK", 1, 0x3F, 1)
    w.timestamp(1)
    return between(run(w), 0, 1)
