"""What `adfc report --why` tells: the choices that the planner has, and what bounds each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from planner_layers import add, conv, depthwise

from adfc.errors import InputError
from adfc.planner import Graph, plan
from adfc.planner.bounds import BOUNDS, layer_bounds
from adfc.planner.choice import choose
from adfc.planner.cost import LayerCost
from adfc.planner.graph import Layer
from adfc.planner.why import DDR, RESIDENT, explain_layer
from adfc.spec import devices

DEVICE = devices.load("ve2802")


def chain() -> Graph:
    """A convolution, and one behind it."""
    first = conv(16, 16, 16, out=32, kernel=3, pad=1)
    second = conv(16, 16, 32, out=32, kernel=3, pad=1)
    return Graph(
        (
            replace(first, name="first", inputs=("%0",)),
            replace(second, name="second", inputs=("first",), given=True),
        )
    )


@pytest.mark.parametrize(
    ("cost", "cycles", "bound"),
    [
        # fill + the longest of compute, stream and ddr + drain + control, for each round
        (LayerCost(10, 100, 50, 20, 5, 30), 145, "mac"),
        (LayerCost(10, 100, 150, 20, 5, 30, rounds=2), 390, "stream"),
        (LayerCost(10, 100, 150, 200, 5, 30), 245, "DDR"),
        (LayerCost(120, 100, 50, 20, 90, 30), 340, "fill"),
        (LayerCost(10, 100, 50, 20, 5, 300), 415, "control"),
    ],
)
def test_the_longest_part_bounds_a_layer(cost: LayerCost, cycles: int, bound: str) -> None:
    assert cost.cycles == cycles
    assert cost.bound("mac") == bound


def test_the_graph_survives_the_image() -> None:
    layers = (*chain().layers, add(8, 8, 24), depthwise(9, 9, 20, kernel=3))
    graph = Graph(tuple(replace(layer, location="") for layer in layers if layer.inputs))
    assert Graph.of(graph.to_json()) == graph


@pytest.mark.parametrize(
    "layer",
    [conv(56, 56, 64, out=64, kernel=3, pad=1), add(28, 28, 64), depthwise(14, 14, 64, kernel=3)],
)
def test_the_planner_s_choice_is_the_cheapest_way(layer: Layer) -> None:
    graph = Graph((replace(layer, inputs=("%0",) * layer.activations, given=True),))
    why = explain_layer(graph, plan(graph, DEVICE, tiles=28), DEVICE, layer.name)
    assert [way.chosen for way in why.ways] == [True] + [False] * (len(why.ways) - 1)
    assert why.considered[DDR] >= len(why.ways) > 3
    assert {way.bound for way in why.ways} <= set(BOUNDS)


def test_an_edited_schedule_is_among_the_ways() -> None:
    graph = chain()
    schedule = plan(graph, DEVICE, tiles=28)
    other = replace(schedule.layers["first"], grid=(1, 1), cycles=12345)
    edited = replace(schedule, layers={**schedule.layers, "first": other})
    (chosen,) = (way for way in explain_layer(graph, edited, DEVICE, "first").ways if way.chosen)
    assert chosen.grid == (1, 1)


def test_resident_ways_stand_beside_those_through_ddr() -> None:
    graph = chain()
    schedule = choose(graph, DEVICE, tiles=28, resident=True).schedule
    why = explain_layer(graph, schedule, DEVICE, "second")
    assert {way.form for way in why.ways} == {DDR, RESIDENT}
    (chosen,) = (way for way in why.ways if way.chosen)
    assert chosen.form == RESIDENT
    assert chosen.grid == schedule.layers["second"].grid
    assert layer_bounds(graph, schedule, DEVICE).keys() == {"first", "second"}


def test_a_layer_is_found_by_the_name_that_reports_give_its_step() -> None:
    graph = chain()
    schedule = choose(graph, DEVICE, tiles=28, resident=True).schedule
    both = explain_layer(graph, schedule, DEVICE, "first + second")
    assert both == explain_layer(graph, schedule, DEVICE, "first")


def test_a_layer_that_is_not_there_is_named() -> None:
    graph = chain()
    with pytest.raises(InputError, match="there is no layer 'third'") as error:
        explain_layer(graph, plan(graph, DEVICE, tiles=4), DEVICE, "third")
    assert error.value.hint == "layers: first, second"
