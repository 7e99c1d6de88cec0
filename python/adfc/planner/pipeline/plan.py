"""The shortest period for which there is room: a schedule for a batch of images."""

from __future__ import annotations

from collections.abc import Sequence

from adfc.errors import CapacityError
from adfc.planner.graph import Graph, Layer
from adfc.planner.pipeline.balance import Chosen, Limits, balance
from adfc.planner.pipeline.floor import SCRAP_BYTES, Floorplan, NoRoomError
from adfc.planner.pipeline.options import Option, options
from adfc.planner.pipeline.refusals import refusals
from adfc.planner.schedule import LayerSchedule, Schedule, Stage
from adfc.planner.search import check_tiles
from adfc.spec.devices import Device

STEP = 1.02
"""The next period that is tried, where there is no room for one."""

LONG_STEP = 1.1
"""The same for periods of more than `NEAR` times the shortest."""

NEAR = 8

SHORTEST = 1000
"""AIE cycles: no shorter period is tried, as setting up more cores would take longer than a batch
of images gains (about 4,600 cycles a core, measured with digits on 14 and on 88 of them)."""

LONGEST = 1 << 24
"""AIE cycles: no longer period is tried."""


_NAMED = 3
"""So many layers that cannot be stages are named."""


def plan_pipeline(
    graph: Graph,
    device: Device,
    *,
    tiles: int,
    batch: int,
    avoid: Sequence[tuple[int, int]] = (),
    least_period: int = 0,
) -> tuple[Schedule, int]:
    """A schedule with a stage for each layer, and its period: modelled AIE cycles for an image.

    `least_period`: no shorter one is tried, for where streams could not be routed. Raises
    CapacityError, which names what is in the way, where the network cannot be pipelined.
    """
    check_tiles(device, tiles, avoid)
    unfit = refusals(graph)
    if unfit:
        more = len(unfit) - _NAMED
        raise CapacityError(
            "the network cannot be pipelined: "
            + "; ".join(unfit[:_NAMED])
            + (f"; and {more} more" if more > 0 else ""),
            hint="leave --batch out",
        )
    ways = _ways(graph, device, batch)
    shortest = _shortest(graph, device, tiles)
    period = max(least_period, shortest)
    room = device.mem.data_bytes - SCRAP_BYTES
    reason = ""
    while period < LONGEST:
        for given in (Limits(), None):
            chosen = balance(graph, ways, period, room, limits=given)
            if isinstance(chosen, str):
                reason = f"layer '{chosen}'"
            elif sum(taken.option.cores for taken in chosen.values()) > tiles:
                reason = f"all layers on {tiles} core tiles"
            else:
                try:
                    stages = Floorplan(graph, device, avoid).stages(chosen)
                except NoRoomError as full:
                    reason = full.message
                else:
                    layers = {
                        name: _schedule(taken, stages[name]) for name, taken in chosen.items()
                    }
                    made = Schedule(device.name, tiles, tuple(avoid), layers, batch=batch)
                    return made, max(taken.cycles for taken in chosen.values())
        period = int(period * (STEP if period < NEAR * shortest else LONG_STEP)) + 1
    raise CapacityError(
        f"the network cannot be pipelined on {device.name}: there is no room for {reason}",
        hint="leave --batch out, or use "
        + ("more --tiles or " if tiles < device.core_tiles - len(set(avoid)) else "")
        + "a smaller batch",
    )


def _ways(graph: Graph, device: Device, batch: int) -> dict[str, list[Option]]:
    known: dict[tuple[Layer, bool, bool], list[Option]] = {}
    ways: dict[str, list[Option]] = {}
    for layer in graph.layers:
        key = layer.shape(), layer.given, _is_at_end(graph, layer)
        if key not in known:
            found = options(layer, device, batch=batch)
            known[key] = [way for way in found if way.channel_groups == 1] if key[2] else found
        if not known[key]:
            raise CapacityError(
                f"the network cannot be pipelined: layer '{layer.name}' ({layer.kind}, "
                f"{layer.location}) fits no core tile with all its columns"
                f"{' and channels' if key[2] else ''} in one call",
                hint="leave --batch out, or use a smaller batch or a smaller input",
            )
        ways[layer.name] = known[key]
    return ways


def _is_at_end(graph: Graph, layer: Layer) -> bool:
    """Whether it reads inputs, or makes an output of several pixels, that a shim moves with all
    their channels at a time: it has too few descriptors for parts of them."""
    reads = layer.channelwise and any(name in graph.inputs for name in layer.inputs)
    return reads or (layer.given and layer.output[0] * layer.output[1] > 1)


def _shortest(graph: Graph, device: Device, tiles: int) -> int:
    """The multiply-accumulates alone take as long, or what goes with each image."""
    rate = device.macs["int8_int8"].macs
    return max(SHORTEST, sum(layer.macs for layer in graph.layers) // (rate * tiles))


def _schedule(chosen: Chosen, stage: Stage) -> LayerSchedule:
    option = chosen.option
    call = option.call
    return LayerSchedule(
        grid=(option.groups, option.channel_groups),
        tile=(call.rows, call.columns, call.out_channels, call.in_channels),
        depth=option.depth,
        memtiles=(1, 1),
        rounds=1,
        cycles=option.call_cycles,
        stage=stage,
    )
