"""What the pictures show, gathered once from a program and its run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from adfc.insight.advice import advice, sharing
from adfc.insight.attribution import LayerTime, between_layers, layer_times
from adfc.insight.causes import Causes
from adfc.insight.memory import Memory, memories
from adfc.insight.places import Tile
from adfc.insight.routes import Route
from adfc.insight.run import Observable, observe
from adfc.insight.timeline import Timeline
from adfc.metadata import LayerInfo
from adfc.runtime import EventKind, Role, Who
from adfc.spec.devices import Device


@dataclass(frozen=True)
class LayerView:
    """One phase: its layer, its time, the bytes that it moved over DDR in the run, and what there
    is to do about what its core tiles spend most of their time on."""

    phase: int
    info: LayerInfo
    time: LayerTime
    ddr_bytes: int
    control_cycles: int
    advice: str

    @property
    def macs_per_cycle(self) -> float:
        """Multiply-accumulates a modelled cycle."""
        return self.info.macs / self.time.cycles if self.time.cycles else 0.0

    @property
    def intensity(self) -> float:
        """Multiply-accumulates a byte moved over DDR."""
        return self.info.macs / self.ddr_bytes if self.ddr_bytes else 0.0


@dataclass(frozen=True)
class View:
    """A program's run, ready to be drawn."""

    model: str
    device: Device
    tiles: int
    image_bytes: int
    timeline: Timeline
    layers: tuple[LayerView, ...]
    memories: tuple[Memory, ...]
    causes: Causes

    @property
    def peak_macs(self) -> int:
        """Int8 multiply-accumulates a cycle of all tiles that the program may use."""
        return self.device.macs["int8_int8"].macs * self.tiles

    @property
    def ddr_bytes_per_cycle(self) -> float:
        """The DDR's bandwidth."""
        return self.device.cycles("ddr_mbytes_per_second") / self.device.clock_mhz

    @property
    def macs(self) -> int:
        """Of the whole model."""
        return sum(layer.info.macs for layer in self.layers)

    @property
    def milliseconds(self) -> float:
        """Modelled time of one inference."""
        return self.timeline.cycles / self.device.clock_mhz / 1e3

    @property
    def between_layers(self) -> int:
        """Cycles in which no layer was worked on."""
        return between_layers((layer.time for layer in self.layers), self.timeline.cycles)

    @cached_property
    def used_tiles(self) -> tuple[Tile, ...]:
        """Tiles whose core or DMA did something, or through which a stream passes."""
        found = {memory.tile for memory in self.memories if memory.tile is not None}
        for who in self.timeline.spans:
            if Who.of(who).role is not Role.CONTROL:
                found.add(Who.of(who).tile)
        for route in self.routes:
            found.update(hop.tile for hop in route[1].hops)
        return tuple(sorted(found))

    @cached_property
    def routes(self) -> tuple[tuple[int, Route], ...]:
        """(phase, stream), each once; phase -1 for those that serve all."""
        found: dict[tuple[int, Route], None] = {}
        replay = self.timeline.replay
        for task in (*replay.lasting_tasks, *replay.tasks):
            if task.route is not None:
                found[task.phase, task.route] = None
        return tuple(found)

    @cached_property
    def busy(self) -> dict[Tile, int]:
        """Cycles in kernels, by core tile."""
        cycles: dict[Tile, int] = {}
        for span in self.timeline.of_kind(EventKind.CALL):
            tile = Who.of(span.who).tile
            cycles[tile] = cycles.get(tile, 0) + span.cycles
        return cycles


def make_view(program: Observable, image_bytes: int) -> View:
    """Run `program` once and gather what there is to see; errors as `observe`."""
    timeline = observe(program)
    causes = Causes(timeline)
    io = program.parts.io
    buffers = dict(
        enumerate((io.input_bytes, io.output_bytes, io.arena_bytes, len(program.parts.weights)))
    )
    metadata = program.metadata
    moved, control = _by_phase(timeline)
    shared = sharing(metadata)
    return View(
        model=metadata.model,
        device=metadata.device,
        tiles=metadata.tiles,
        image_bytes=image_bytes,
        timeline=timeline,
        layers=tuple(
            LayerView(
                time.phase,
                timeline.replay.layers[time.phase],
                time,
                moved.get(time.phase, 0),
                control.get(time.phase, 0),
                advice(time.bottleneck, shared[time.phase]),
            )
            for time in layer_times(timeline, causes)
        ),
        memories=memories(timeline, buffers),
        causes=causes,
    )


def _by_phase(timeline: Timeline) -> tuple[dict[int, int], dict[int, int]]:
    """Bytes over DDR, and cycles of control words, by phase."""
    moved: dict[int, int] = {}
    control: dict[int, int] = {}
    for span in timeline.of_kind(EventKind.MOVE):
        if Who.of(span.who).row == 0:
            phase = int(timeline.phase_of[span.number])
            moved[phase] = moved.get(phase, 0) + 4 * span.a
    for span in timeline.of_kind(EventKind.CONTROL):
        phase = int(timeline.phase_of[span.number])
        control[phase] = control.get(phase, 0) + span.cycles
    return moved, control
