"""Which choice of options would make a model fit that does not: each one is tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adfc.driver.options import CompileOptions
from adfc.driver.target import Target
from adfc.errors import AdfcError
from adfc.planner import Graph, choose
from adfc.spec import devices


@dataclass(frozen=True)
class Remedy:
    """Options to add, and what was found when the planner was asked with them."""

    options: str
    found: str


def remedies(graph: Graph, options: CompileOptions, target: Target) -> tuple[Remedy, ...]:
    """The choices with which the planner finds a schedule, the least change first."""
    found: list[Remedy] = []
    for text, device, tiles, resident in _choices(options, target):
        avoid: Sequence[tuple[int, int]] = target.avoid if device == target.device.name else ()
        try:
            choice = choose(
                graph, devices.load(device), tiles=tiles, avoid=avoid, resident=resident
            )
        except AdfcError:
            continue
        found.append(Remedy(text, f"the planner finds a program: {choice.schedule.form}"))
    return tuple(found)


def _choices(
    options: CompileOptions, target: Target
) -> Iterator[tuple[str, str, int, bool | None]]:
    """(options, device, tiles, resident) that are worth a try."""
    name, resident = target.device.name, options.resident
    if resident is True:
        yield "without --resident", name, target.tiles, None
    most = target.device.core_tiles - len(set(target.avoid))
    for tiles in dict.fromkeys((min(2 * target.tiles, most), most)):
        if tiles > target.tiles:
            yield f"--tiles {tiles}", name, tiles, resident
    for other in devices.names():
        device = devices.load(other)
        if other != name:
            yield f"--device {other} --tiles {device.core_tiles}", other, device.core_tiles, None
