"""What bounds each layer of a schedule, by the planner's estimate."""

from __future__ import annotations

from dataclasses import dataclass, fields

from adfc.planner.cost import kernel_bound
from adfc.planner.graph import WORD, Graph, ceil_div
from adfc.planner.kernel_cost import call_cost
from adfc.planner.resident.memory import STACK_BYTES, Memory
from adfc.planner.resident.partitions import Partition
from adfc.planner.resident.search import splits_of_steps
from adfc.planner.resident.splits import Split
from adfc.planner.resident.steps import Step, chain_layers
from adfc.planner.schedule import LayerSchedule, ResidentSchedule, Schedule
from adfc.planner.search import candidate_of
from adfc.spec.devices import Device

BOUNDS = ("mac", "load", "store", "move", "stream", "DDR", "control", "fill")
"""What can bound a layer: one of a kernel's instruction slots, words on a stream, DDR's bandwidth,
control's register writes, or filling and draining what lies on the way."""


@dataclass(frozen=True)
class ResidentStep:
    """A step of a resident program, and the legal ways to do it that fit the cores' memory."""

    step: Step
    ways: tuple[Split, ...]
    partition: Partition
    memory: Memory

    def cycles(self, way: Split) -> int:
        """Modelled AIE cycles of the step, done that way."""
        return way.total(self.memory)

    def bound(self, way: Split, device: Device) -> str:
        """One of BOUNDS."""
        weights, busy = self.cycles(way) - way.ends, way.busy_cycles(self.memory)
        if way.control >= self.cycles(way):
            return "control"
        if way.ends > max(busy, weights):
            return "fill"
        if weights > busy:
            return "stream"
        if self._words(way) > self._kernel_cycles(way):
            return "stream"
        return call_cost(self.step.head, way.head, device).bound

    def _words(self, way: Split) -> int:
        """On the busier of a set's streams: what its cores get, and what they give."""
        head, cores = self.step.head, min(way.members, way.grid[1])
        window = way.head.activation_bytes(head) * (cores if head.channelwise else 1)
        received = self._chunks(way) * head.activations * window
        return way.tiles * max(received, cores * way.sends * way.output) // WORD

    def _kernel_cycles(self, way: Split) -> int:
        """AIE cycles that a core is in the kernels."""
        head = self.step.head
        channels = head.in_channels if head.channelwise else head.output[2]
        parts = ceil_div(ceil_div(channels, way.head.out_channels), way.grid[1])
        own = self._chunks(way) // way.shares * way.cycles[0]
        return way.tiles * parts * (own + way.handover + way.cycles[1])

    def _chunks(self, way: Split) -> int:
        head = self.step.head
        return 1 if head.channelwise else ceil_div(head.in_channels, way.head.in_channels)


def partition_of(resident: ResidentSchedule) -> Partition:
    """How a schedule shares the cores out."""
    return Partition(**{f.name: getattr(resident, f.name) for f in fields(Partition)})


def resident_steps(
    graph: Graph, schedule: Schedule, resident: ResidentSchedule, device: Device
) -> list[ResidentStep]:
    """The steps of a resident program on `device`, in the order in which they run."""
    graph = graph.unpadded([name for name, way in schedule.layers.items() if way.unpadded])
    steps, partition = chain_layers(graph), partition_of(resident)
    options = splits_of_steps(graph, steps, partition, device, schedule.avoid)
    options = options or [[] for _ in steps]
    memory = Memory(resident.activations, resident.weights[0], resident.output, resident.buffers)
    room = device.core.data_bytes - STACK_BYTES
    return [
        ResidentStep(step, tuple(way for way in ways if way.fits(memory, room)), partition, memory)
        for step, ways in zip(steps, options, strict=True)
    ]


def is_way(way: Split, schedule: LayerSchedule) -> bool:
    """Whether the layer's schedule says to do its step that way."""
    alike = (way.grid, way.head.tile) == (schedule.grid, schedule.tile)
    return alike and (way.handover > 0) == (schedule.handover > 0)


def layer_bounds(graph: Graph, schedule: Schedule, device: Device) -> dict[str, str]:
    """One of BOUNDS for each layer of `graph`; for layers of one step, what bounds the step.

    A step of a resident program that is done in no way that the planner knows, as where a schedule
    was edited, has none.
    """
    if schedule.resident is not None:
        return _resident_bounds(graph, schedule, schedule.resident, device)
    bounds: dict[str, str] = {}
    for layer in graph.layers:
        chosen = schedule.layers[layer.name]
        kernel = kernel_bound(layer, chosen.tile, device)
        bounds[layer.name] = candidate_of(layer, chosen, device).cost.bound(kernel)
    return bounds


def _resident_bounds(
    graph: Graph, schedule: Schedule, resident: ResidentSchedule, device: Device
) -> dict[str, str]:
    bounds: dict[str, str] = {}
    for step in resident_steps(graph, schedule, resident, device):
        chosen = schedule.layers[step.step.head.name]
        way = next((way for way in step.ways if is_way(way, chosen)), None)
        for layer in (step.step.head, step.step.tail):
            if way is not None and layer is not None:
                bounds[layer.name] = step.bound(way, device)
    return bounds
