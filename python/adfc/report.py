"""What a program costs on the array: per layer and in all, in modelled AIE cycles and in bytes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from adfc.image import ImageParts
from adfc.insight.advice import advice, sharing
from adfc.insight.attribution import LayerTime, between_layers, layer_times
from adfc.insight.layout import Arena, Fragmented, Wires, arena, most_fragmented, wires
from adfc.insight.memory import memories
from adfc.insight.throughput import Throughput, throughput
from adfc.insight.timeline import Timeline
from adfc.metadata import LayerInfo, Metadata
from adfc.planner import Graph
from adfc.runtime import Phase, Run


class Described(Protocol):
    """What a report needs of a program."""

    image: bytes
    parts: ImageParts
    metadata: Metadata


@dataclass(frozen=True)
class LayerReport:
    """One layer (phase) of a program.

    `macs` are the model's own multiply-accumulates, `modelled_cycles` from the first to the last
    thing that happened for it, `utilisation` = macs / (cycles x tiles x peak MACs per cycle),
    `ddr_bytes` what its shim DMAs read and wrote, `core_bytes` the fullest core tile's data memory.
    `time`: the parts (of 1) of its core tiles' time by reason, the largest first
    (adfc.insight.attribution); empty where it has no core tiles. `advice`: what there is to do
    about the largest part. `bound`: what the planner estimates that bounds it
    (adfc.planner.bounds.BOUNDS); "" where it cannot tell.
    """

    name: str
    kind: str
    source: str
    cores: int
    macs: int
    modelled_cycles: int
    control_cycles_exposed: int
    utilisation: float
    ddr_bytes: int
    core_bytes: int
    time: Mapping[str, float]
    advice: str
    bound: str


@dataclass(frozen=True)
class FirstInference:
    """The first inference on a cold array: its load program, then the program itself.

    `load_cycles` and `load_ddr_bytes` are the load program's part, 0 where there is none.
    """

    modelled_cycles: int
    load_cycles: int
    control_cycles: int
    control_cycles_exposed: int
    ddr_bytes: int
    load_ddr_bytes: int


@dataclass(frozen=True)
class Report:
    """The whole program; in modelled AIE cycles, control included.

    `first` is the first inference on a cold array, its load program included. All else is about a
    steady one: the second on the same array. `rcb_bytes` is the program of each inference,
    `load_rcb_bytes` the one that is played once before; 0 where there is none. `control_cycles`
    were spent on writing registers and polling, `control_cycles_exposed` is the part of them during
    which no core computed and no DMA moved data, `between_layers_cycles` those in which no layer
    was worked on. `wires`, `arena` and `memtile` tell how good the
    layout is; `arena` is None where no activations lie in DDR, or it cannot be told.
    `why_through_ddr`: why the program is not resident; "" where it is, or it cannot be told.
    `throughput`: of a pipelined program, whose figures are those of a batch of images.
    """

    model: str
    device: str
    tiles: int
    clock_mhz: float
    macs: int
    modelled_cycles: int
    control_cycles: int
    control_cycles_exposed: int
    between_layers_cycles: int
    ddr_bytes: int
    rcb_bytes: int
    load_rcb_bytes: int
    weight_bytes: int
    arena_bytes: int
    image_bytes: int
    utilisation: float
    first: FirstInference
    layers: tuple[LayerReport, ...]
    wires: Wires
    arena: Arena | None
    memtile: Fragmented | None
    why_through_ddr: str = ""
    throughput: Throughput | None = None

    @property
    def slowest(self) -> LayerReport | None:
        """The layer that takes longest; None where there are none."""
        return max(self.layers, key=lambda layer: layer.modelled_cycles, default=None)

    @property
    def milliseconds(self) -> float:
        """Modelled time of a steady inference at the device's clock."""
        return self.modelled_cycles / self.clock_mhz / 1e3

    @property
    def first_milliseconds(self) -> float:
        """Modelled time of the first inference on a cold array, load program included."""
        return self.first.modelled_cycles / self.clock_mhz / 1e3

    def to_json(self) -> dict[str, Any]:
        """The object that `adfc report --json` prints."""
        return {
            **dataclasses.asdict(self),
            "modelled_ms": self.milliseconds,
            "first_modelled_ms": self.first_milliseconds,
        }


def make_report(program: Described, timeline: Timeline, first: Run, run: Run) -> Report:
    """The report of a program from a run on a cold array and the next one on the same array, of
    which `timeline` is.

    Cycles and bytes do not depend on the input.
    """
    metadata = program.metadata
    device = metadata.device
    peak = device.macs["int8_int8"].macs * metadata.tiles
    bounds = metadata.bounds()
    times = {time.phase: time for time in layer_times(timeline)}
    shared = sharing(metadata)
    hints = {n: advice(time.bottleneck, shared[n]) for n, time in times.items() if time.cores}
    layers = tuple(
        _layer(
            layer,
            phase,
            times.get(number),
            peak,
            bound=bounds.get(_first_name(layer), ""),
            hint=hints.get(number, ""),
        )
        for number, (layer, phase) in enumerate(zip(metadata.layers, run.phases, strict=True))
    )
    cost = run.cost
    return Report(
        model=metadata.model,
        device=device.name,
        tiles=metadata.tiles,
        clock_mhz=device.clock_mhz,
        macs=sum(layer.macs for layer in layers),
        modelled_cycles=cost.cycles,
        control_cycles=cost.control_cycles,
        control_cycles_exposed=cost.exposed_cycles,
        between_layers_cycles=between_layers(times.values(), cost.cycles),
        ddr_bytes=cost.ddr_bytes,
        rcb_bytes=len(program.parts.program),
        load_rcb_bytes=len(program.parts.load_program),
        weight_bytes=len(program.parts.weights),
        arena_bytes=program.parts.io.arena_bytes,
        image_bytes=len(program.image),
        utilisation=_share(sum(layer.macs for layer in layers), cost.cycles, peak),
        first=_first(first),
        layers=layers,
        wires=wires(timeline.replay),
        arena=_arena(metadata.graph, program.parts.io.arena_bytes),
        memtile=most_fragmented(memories(timeline, {}), device),
        throughput=(
            None
            if metadata.batch is None
            else throughput(
                timeline.replay, timeline.events, timeline.cycles, metadata.batch, device.clock_mhz
            )
        ),
    )


def _first_name(layer: LayerInfo) -> str:
    """The layer's name; of several that are done in one step, the first one's."""
    return layer.name.partition(" + ")[0]


def _arena(graph: Graph | None, used: int) -> Arena | None:
    return arena(graph, used) if graph is not None and used else None


def _first(run: Run) -> FirstInference:
    return FirstInference(
        modelled_cycles=run.whole.cycles,
        load_cycles=run.load.cycles if run.load else 0,
        control_cycles=run.whole.control_cycles,
        control_cycles_exposed=run.whole.exposed_cycles,
        ddr_bytes=run.whole.ddr_bytes,
        load_ddr_bytes=run.load.ddr_bytes if run.load else 0,
    )


def _layer(
    layer: LayerInfo,
    phase: Phase,
    time: LayerTime | None,
    macs_per_cycle: int,
    *,
    bound: str,
    hint: str,
) -> LayerReport:
    cost = phase.cost
    cycles = time.cycles if time else 0
    return LayerReport(
        name=layer.name,
        kind=layer.kind,
        source=f"{layer.file}:{layer.line}" if layer.file else "",
        cores=layer.cores,
        macs=layer.macs,
        modelled_cycles=cycles,
        control_cycles_exposed=cost.exposed_cycles,
        utilisation=_share(layer.macs, cycles, macs_per_cycle),
        ddr_bytes=cost.ddr_bytes,
        core_bytes=layer.core_bytes,
        time=time.shares if time and time.cores else {},
        advice=hint,
        bound=bound,
    )


def _share(macs: int, cycles: int, macs_per_cycle: int) -> float:
    return macs / (cycles * macs_per_cycle) if cycles else 0.0
