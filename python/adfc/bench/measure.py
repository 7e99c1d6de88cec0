"""What a program costs: on the array, modelled; here, by the clock on the wall."""

from __future__ import annotations

import dataclasses
import hashlib
import resource
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adfc.driver.tensors import fixed_inputs
from adfc.insight.attribution import layer_times
from adfc.insight.memory import memories
from adfc.insight.run import observe
from adfc.program import Program

FIGURES: Mapping[str, str] = {
    "modelled_cycles": "cycles of a steady inference, the second on an array, control included",
    "modelled_ms": "the same at the device's clock",
    "first_cycles": "cycles of the first inference on an array just powered on, loading included",
    "control_cycles": "cycles of register writes and polls",
    "control_cycles_exposed": "those with nothing else in progress",
    "rcb_bytes": "bytes of control blocks of an inference",
    "load_rcb_bytes": "bytes of control blocks that load the array",
    "ddr_read_bytes": "read from DDR in one inference",
    "ddr_write_bytes": "written to DDR in one inference",
    "weight_bytes": "weights in DDR",
    "arena_bytes": "activations in DDR",
    "core_memory_bytes": "used of the fullest core tile's data memory",
    "memtile_memory_bytes": "used of the fullest memtile's",
    "image_bytes": "the program image",
}
"""Modelled and static figures, of which less is better; they do not differ between machines."""


@dataclass(frozen=True)
class Measured:
    """One program. `figures` are those of FIGURES, `layers` modelled cycles by layer.

    `wall_ms` is the median emulation time of `runs` runs on this machine, `host_bytes` the greatest
    memory that this process has had. `deterministic`: all runs had the same cycles and outputs.
    """

    model: str
    device: str
    tiles: int
    figures: Mapping[str, float]
    layers: Mapping[str, int]
    bottlenecks: Mapping[str, str]
    wall_ms: float
    wall_ms_each: tuple[float, ...]
    host_bytes: int
    deterministic: bool
    output_digest: str

    @property
    def key(self) -> str:
        """What the measurement is of."""
        return f"{self.model} on {self.tiles} tiles of {self.device}"

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return dataclasses.asdict(self)


def measure(program: Program, runs: int) -> Measured:
    """Measure `program` over `runs` steady runs on noise of a fixed seed, and one observed run.

    Raises ExecutionError where it stops with a fault.
    """
    inputs = fixed_inputs(program.inputs)
    # The second inference each time: DDR may take several to become as fast as it gets.
    pairs = [
        (program.run_detailed(*inputs).run, program.run_detailed(*inputs, keep_state=True))
        for _ in range(runs)
    ]
    first, results = pairs[0][0], [second for _, second in pairs]
    cycles = {result.cycles for result in results}
    digests = {_digest(run.outputs) for run in (first, *(result.run for result in results))}
    wall = tuple(result.wall_ms for result in results)
    cost = results[0].run.cost
    timeline = observe(program)
    io = program.parts.io
    used = memories(
        timeline,
        dict(
            enumerate((io.input_bytes, io.output_bytes, io.arena_bytes, len(program.parts.weights)))
        ),
    )
    device = program.metadata.device

    def fullest(kind: str) -> int:
        return max((m.peak() for m in used if m.tile and device.kind(m.tile[1]) == kind), default=0)

    times = layer_times(timeline)
    names = [timeline.layer_name(entry.phase) for entry in times]
    return Measured(
        model=program.name,
        device=program.device,
        tiles=program.tiles,
        figures={
            "modelled_cycles": cost.cycles,
            "modelled_ms": cost.cycles / device.clock_mhz / 1e3,
            "first_cycles": first.whole.cycles,
            "control_cycles": cost.control_cycles,
            "control_cycles_exposed": cost.exposed_cycles,
            "rcb_bytes": len(program.parts.program),
            "load_rcb_bytes": len(program.parts.load_program),
            "ddr_read_bytes": cost.ddr_read_bytes,
            "ddr_write_bytes": cost.ddr_write_bytes,
            "weight_bytes": len(program.parts.weights),
            "arena_bytes": io.arena_bytes,
            "core_memory_bytes": fullest("core"),
            "memtile_memory_bytes": fullest("mem"),
            "image_bytes": len(program.image),
        },
        layers=dict(zip(names, (entry.cycles for entry in times), strict=True)),
        bottlenecks=dict(zip(names, (entry.bottleneck for entry in times), strict=True)),
        wall_ms=statistics.median(wall),
        wall_ms_each=wall,
        host_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        deterministic=len(cycles) == 1 and len(digests) == 1 and timeline.cycles in cycles,
        output_digest=min(digests),
    )


def _digest(outputs: Any) -> str:
    made = hashlib.sha256()
    for output in outputs:
        made.update(output.tobytes())
    return made.hexdigest()[:16]
