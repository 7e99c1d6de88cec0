"""Bounds of routes and of memory, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adfc.insight.layout import Arena, Wires, arena, wires_of
from adfc.insight.routes import Hop, Route
from adfc.planner.graph import Axis, Graph, Layer
from adfc.runtime import Role, Who


def hops(*steps: tuple[int, int, str]) -> tuple[Hop, ...]:
    return tuple(Hop((column, row), "DMA 0", master) for column, row, master in steps)


def test_a_tree_is_as_long_as_its_box() -> None:
    # Memtile (3,1) to cores (3,3) and (4,3): up to row 3, one branch to the east. The box is 1 x 2.
    route = Route(
        Who(Role.MM2S, 3, 1, 0),
        (Who(Role.S2MM, 3, 3, 0), Who(Role.S2MM, 4, 3, 0)),
        hops(
            (3, 1, "NORTH 0"), (3, 2, "NORTH 0"), (3, 3, "DMA 0"), (3, 3, "EAST 1"), (4, 3, "DMA 0")
        ),
    )
    assert wires_of({route}) == Wires(streams=1, used=3, least=3, least_anywhere=2)


def test_a_detour_shows() -> None:
    # Core (2,3) to core (3,3) by way of row 4: three wires where one would do.
    route = Route(
        Who(Role.MM2S, 2, 3, 0),
        (Who(Role.S2MM, 3, 3, 0),),
        hops((2, 3, "NORTH 0"), (2, 4, "EAST 0"), (3, 4, "SOUTH 0"), (3, 3, "DMA 0")),
    )
    assert wires_of({route}) == Wires(streams=1, used=3, least=1, least_anywhere=1)


def test_the_way_out_of_a_shim_is_no_wire() -> None:
    route = Route(
        Who(Role.MM2S, 2, 1, 0),
        (Who(Role.S2MM, 2, 0, 1),),
        hops((2, 1, "SOUTH 0"), (2, 0, "SOUTH 3")),
    )
    assert wires_of({route}) == Wires(streams=1, used=1, least=1, least_anywhere=1)


def layer(name: str, channels: int, *inputs: str, given: bool = False) -> Layer:
    axis = Axis(2, 1, 1, 0)
    shape = (2, 2, channels)
    return Layer(
        name, "add", len(inputs), True, shape, shape, axis, axis, 0, 0, 0, 0, 0, "", inputs=inputs,
        given=given,
    )  # fmt: skip


def test_what_is_alive_at_a_time_bounds_the_arena() -> None:
    # 2 x 2 pixels; a has 6 channels, 8 with padding: 32 bytes; b 64 and c 16 bytes. While c is
    # made, a, b and c are alive: 112 bytes; d leaves the network.
    graph = Graph(
        (
            layer("a", 6, "%0"),
            layer("b", 16, "a"),
            layer("c", 4, "a", "b"),
            layer("d", 4, "c", given=True),
        )
    )
    found = arena(graph, 128)
    assert found == Arena(used=128, least=112)
    assert found is not None
    assert found.fragmentation == pytest.approx(0.125)


def test_parts_of_tensors_are_not_judged() -> None:
    graph = Graph((replace(layer("a", 4, "%0"), views=True),))
    assert arena(graph, 64) is None
