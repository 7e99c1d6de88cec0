"""Bounds of routes and of memory, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adfc.insight.layout import Arena, Fragmented, Wires, arena, most_fragmented, wires_of
from adfc.insight.memory import Memory, Use
from adfc.insight.routes import Hop, Route
from adfc.planner.graph import Axis, Graph, Layer
from adfc.runtime import Role, Who
from adfc.spec import devices


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


def use(low: int, high: int, start: int, end: int) -> Use:
    return Use(low, high, start, end, 0, "", "held")


def test_bytes_that_are_used_one_after_the_other_are_alive_apart() -> None:
    # [0, 64) over cycles 0 to 10 and, by two that overlap, 20 to 40; [64, 96) over 5 to 20: 96
    # bytes from cycle 5 to 10. Then [96, 128) over 50 to 60: no other byte is in use there.
    memory = Memory(
        "memtile (3,1)",
        (3, 1),
        1024,
        (
            use(0, 64, 0, 10),
            use(0, 64, 20, 30),
            use(0, 64, 25, 40),
            use(64, 96, 5, 20),
            use(96, 128, 50, 60),
        ),
    )
    assert (memory.peak(), memory.alive()) == (128, 96)
    core = replace(memory, tile=(3, 3), uses=(*memory.uses, use(128, 1024, 0, 1)))
    found = most_fragmented([memory, core], devices.load("ve2802"))
    assert found
    assert found == Fragmented((3, 1), used=128, least=96)
    assert found.fragmentation == pytest.approx(0.25)


def test_what_is_read_on_is_counted_once() -> None:
    memory = Memory("", (3, 1), 1024, (use(0, 64, 0, 10), use(32, 64, 5, 20)))
    assert memory.alive() == 64
