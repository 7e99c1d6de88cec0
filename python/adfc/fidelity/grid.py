"""Products of int8 matrices on a grid of cores that share operands by multicast.

Operands lie in memtiles and are sent again for each step: what is timed is the array without DDR.
"""

from __future__ import annotations

from dataclasses import dataclass

from adfc.fidelity.gemm import Shape
from adfc.fidelity.writer import OWN_WORDS, Writer, between, core_words, run
from adfc.spec.devices import Device


@dataclass(frozen=True)
class Grid:
    """Cores in columns x rows: a column's cores share B, a row's share A, out of memtiles."""

    device: Device
    columns: int
    rows: int

    @property
    def cores(self) -> int:
        """How many cores."""
        return self.columns * self.rows

    def source(self, row: int) -> int:
        """The column whose memtile sends A to the row-th row: spread over the columns."""
        return (2 * row + 1) * self.columns // (2 * self.rows)


def grid_period(grid: Grid, shape: Shape, cycles: int) -> float:
    """Modelled cycles of a step on all cores, between filling and draining; `cycles` of a call."""
    few, many = 8, 24
    times = [grid_run(grid, shape, steps, cycles) for steps in (few, many)]
    return (times[1] - times[0]) / (many - few)


def grid_run(grid: Grid, shape: Shape, steps: int, cycles: int) -> int:
    """Modelled cycles of `steps` steps (2 to 256) on all cores; `cycles` of a call."""
    core = _grid_core(shape, steps, cycles)
    words = core_words(core)
    w = Writer(grid.device)
    first = grid.device.core_rows[0]
    for column in range(grid.columns):
        _memtile(w, grid, shape, column)
        for row in range(grid.rows):
            _route(w, grid, column, row)
            _windows(w, (column, first + row), shape)
            w.start_core((column, first + row), words)
    w.timestamp(0)
    for column in range(grid.columns):
        w.write((column, first - 1), "DMA_MM2S_QUEUE", 0, START_BD_ID=0, REPEAT_COUNT=steps - 1)
        if column in _sources(grid):
            w.write(
                (column, first - 1), "DMA_MM2S_QUEUE", 1, START_BD_ID=24, REPEAT_COUNT=steps - 1
            )
    done = 1 << 20
    for column in range(grid.columns):
        for row in range(grid.rows):
            w.wait_register((column, first + row), "CORE_STATUS", 0, done, done)
    result = shape.result(2 * shape.a_bytes + 2 * shape.b_bytes) // 4
    for place in ((0, first), (grid.columns - 1, first + grid.rows - 1)):
        w.wait_register(place, "DATA_MEMORY", result, 0xFFFFFFFF, shape.expected(steps))
    w.timestamp(1)
    immediates = 2 if shape.kept else 0
    return between(run(w, core, shape.kernel(), shape.buffers, immediates), 0, 1)


def _sources(grid: Grid) -> list[int]:
    return [grid.source(row) for row in range(grid.rows)]


def _grid_core(shape: Shape, steps: int, cycles: int) -> list[str]:
    out = 2 * shape.a_bytes + 2 * shape.b_bytes

    def step(first: int) -> list[str]:
        return [
            "acquire 1, -1",
            "acquire 3, -1",
            shape.call("window 0, window 1", out, first=first, cycles=cycles),
            "release 0, 1",
            "release 2, 1",
            "advance 0",
            "advance 1",
        ]

    return [
        f"window 0 depth 2 base 0x0 stride {shape.a_bytes:#x}",
        f"window 1 depth 2 base {2 * shape.a_bytes:#x} stride {shape.b_bytes:#x}",
        *step(1),
        f"loop {steps - 1}",
        *step(0),
        "next",
        "done",
    ]


def _memtile(w: Writer, grid: Grid, shape: Shape, column: int) -> None:
    """B in the memtile below the cores, and A where a row is sent from this column."""
    place = (column, grid.device.core_rows[0] - 1)
    shape.fill_operands(w, place, shape.b_bytes, 0)
    w.descriptor(place, 0, BUFFER_LENGTH=shape.b_bytes // 4, BASE_ADDRESS=OWN_WORDS)
    w.connect(place, ("DMA", 0), ("NORTH", 0))
    if column in _sources(grid):
        base = OWN_WORDS + shape.b_bytes // 4
        w.descriptor(place, 24, BUFFER_LENGTH=shape.a_bytes // 4, BASE_ADDRESS=base)
        w.connect(place, ("DMA", 1), ("NORTH", 1))


def _route(w: Writer, grid: Grid, column: int, row: int) -> None:
    place = (column, grid.device.core_rows[0] + row)
    up = [("NORTH", 0)] if row + 1 < grid.rows else []
    w.connect(place, ("SOUTH", 0), ("DMA", 1), *up)
    for other in range(row + 1, grid.rows):
        if grid.source(other) == column:
            w.connect(place, ("SOUTH", 1), ("NORTH", 1))
    source = grid.source(row)
    east = [("EAST", 0)] if source <= column < grid.columns - 1 else []
    west = [("WEST", 0)] if source >= column > 0 else []
    from_side = ("SOUTH", 1) if column == source else ("WEST" if column > source else "EAST", 0)
    w.connect(place, from_side, ("DMA", 0), *east, *west)


def _windows(w: Writer, place: tuple[int, int], shape: Shape) -> None:
    """Double buffers of A on S2MM 0 with locks 0 and 1, of B on S2MM 1 with locks 2 and 3."""
    for channel, (base, size) in enumerate(
        ((0, shape.a_bytes), (2 * shape.a_bytes, shape.b_bytes))
    ):
        empty, full = 2 * channel, 2 * channel + 1
        w.write(place, "LOCK", empty, VALUE=2)
        w.write(place, "LOCK", full, VALUE=0)
        for half in range(2):
            w.descriptor(
                place,
                2 * channel + half,
                BUFFER_LENGTH=size // 4,
                BASE_ADDRESS=(base + half * size) // 4,
                LOCK_ACQ_ENABLE=1,
                LOCK_ACQ_ID=empty,
                LOCK_ACQ_VALUE=-1,
                LOCK_REL_ID=full,
                LOCK_REL_VALUE=1,
                USE_NEXT_BD=1,
                NEXT_BD=2 * channel + 1 - half,
            )
        w.write(place, "DMA_S2MM_QUEUE", channel, START_BD_ID=2 * channel)
