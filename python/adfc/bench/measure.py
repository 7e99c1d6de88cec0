"""What a program costs: on the array, modelled; here, by the clock on the wall."""

from __future__ import annotations

import dataclasses
import hashlib
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adfc.bench.conversion import Conversion, Expected, measure_conversion
from adfc.bench.host_memory import peak_bytes, restart_peak
from adfc.driver.tensors import fixed_inputs
from adfc.insight.attribution import layer_times
from adfc.insight.memory import memories
from adfc.insight.run import observe
from adfc.insight.timeline import Timeline
from adfc.program import Program
from adfc.runtime import Run

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
    "ddr_memory_bytes": "DDR that the host must give: inputs, outputs, weights, activations",
    "core_memory_bytes": "used of the fullest core tile's data memory",
    "memtile_memory_bytes": "used of the fullest memtile's",
    "image_bytes": "the program image",
}
"""Modelled and static figures, of which less is better; they do not differ between machines."""


@dataclass(frozen=True)
class LayerFigures:
    """A layer: modelled cycles and ms, what its core tiles spend most of their time on, its line in
    the model, and its operators, PyTorch's where they are known, TOSA's else."""

    cycles: int
    modelled_ms: float
    bottleneck: str
    source: str
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """One program. `figures` are those of FIGURES, `layers` by layer, in their order.

    `wall_ms` is the median emulation time of `wall_ms_each` on this machine, `host_bytes` the
    greatest memory that this process had meanwhile, PyTorch's included. `deterministic`: all runs
    had the same cycles and outputs. `conversion` is None where there were no data.
    """

    model: str
    device: str
    tiles: int
    figures: Mapping[str, float]
    layers: Mapping[str, LayerFigures]
    wall_ms: float
    wall_ms_each: tuple[float, ...]
    host_bytes: int
    deterministic: bool
    output_digest: str
    conversion: Conversion | None = None

    @property
    def key(self) -> str:
        """What the measurement is of."""
        return f"{self.model} on {self.tiles} tiles of {self.device}"

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        conversion = self.conversion
        return {
            **dataclasses.asdict(dataclasses.replace(self, conversion=None)),
            "layers": {name: dataclasses.asdict(layer) for name, layer in self.layers.items()},
            "conversion": None if conversion is None else conversion.to_json(),
        }


def measure(program: Program, runs: int, expected: Expected | None = None) -> Measured:
    """Measure `program` over `runs` steady runs on noise of a fixed seed, and one observed run;
    with `expected` what is lost of the float model, too.

    Raises ExecutionError where it stops with a fault.
    """
    inputs = fixed_inputs(program.inputs)
    restart_peak()
    # The second inference each time: DDR may take several to become as fast as it gets.
    pairs = [
        (program.run_detailed(*inputs).run, program.run_detailed(*inputs, keep_state=True))
        for _ in range(runs)
    ]
    host_bytes = peak_bytes()
    first, results = pairs[0][0], [second for _, second in pairs]
    cycles = {result.cycles for result in results}
    digests = {_digest(run.outputs) for run in (first, *(result.run for result in results))}
    wall = tuple(result.wall_ms for result in results)
    timeline = observe(program)
    return Measured(
        model=program.name,
        device=program.device,
        tiles=program.tiles,
        figures=_figures(program, timeline, first, results[0].run),
        layers=_layers(timeline),
        wall_ms=statistics.median(wall),
        wall_ms_each=wall,
        host_bytes=host_bytes,
        deterministic=len(cycles) == 1 and len(digests) == 1 and timeline.cycles in cycles,
        output_digest=min(digests),
        conversion=None if expected is None else measure_conversion(program, expected),
    )


def _figures(program: Program, timeline: Timeline, first: Run, steady: Run) -> dict[str, float]:
    io, cost, device = program.parts.io, steady.cost, program.metadata.device
    buffers = (io.input_bytes, io.output_bytes, io.arena_bytes, len(program.parts.weights))
    used = memories(timeline, dict(enumerate(buffers)))

    def fullest(kind: str) -> int:
        return max((m.peak() for m in used if m.tile and device.kind(m.tile[1]) == kind), default=0)

    return {
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
        "ddr_memory_bytes": sum(buffers),
        "core_memory_bytes": fullest("core"),
        "memtile_memory_bytes": fullest("mem"),
        "image_bytes": len(program.image),
    }


def _layers(timeline: Timeline) -> dict[str, LayerFigures]:
    clock = timeline.replay.array.device.clock_mhz
    found: dict[str, LayerFigures] = {}
    for entry in layer_times(timeline):
        info = timeline.replay.layers[entry.phase]
        names = (name for op in info.ops for name in op.aten or (op.tosa,))
        found[info.name] = LayerFigures(
            cycles=entry.cycles,
            modelled_ms=entry.cycles / clock / 1e3,
            bottleneck=entry.bottleneck if entry.cores else "",
            source=info.place,
            operators=tuple(dict.fromkeys(names)),
        )
    return found


def _digest(outputs: Any) -> str:
    made = hashlib.sha256()
    for output in outputs:
        made.update(output.tobytes())
    return made.hexdigest()[:16]
