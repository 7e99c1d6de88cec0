"""Poolings that are chained to the layer before them, in pipelined programs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from planner_layers import add, conv, plan_pipeline, pool

from adfc.planner import Graph
from adfc.planner.cost import Call
from adfc.planner.graph import Axis, Layer
from adfc.planner.pipeline import networks
from adfc.planner.pipeline.chains import Chain, chains_of, joined
from adfc.spec import devices

DEVICE = devices.load("ve2802")
HEAD = replace(conv(16, 16, 4, out=32, kernel=3, pad=1), name="c", inputs=("%0",))
TAIL = replace(pool(16, 16, 32, kernel=3, stride=2, pad=1), name="p", inputs=("c",), given=True)


def test_a_pooling_that_alone_reads_a_convolution_is_chained_to_it() -> None:
    last = replace(conv(8, 8, 32, out=8, kernel=1), name="l", inputs=("p",), given=True)
    graph = Graph((HEAD, replace(TAIL, given=False), last))
    chains = chains_of(graph)
    assert {name: (chain.head.name, chain.tail.name) for name, chain in chains.items()} == {
        "p": ("c", "p")
    }
    both, behind = joined(graph, chains).layers
    assert (both.name, both.inputs, both.input, both.output) == (
        "p",
        ("%0",),
        (16, 16, 4),
        (8, 8, 32),
    )
    assert behind == last
    assert joined(graph, {}) == graph


@pytest.mark.parametrize(
    "layers",
    [
        (HEAD, TAIL, replace(conv(16, 16, 32, out=8, kernel=1), name="o", inputs=("c",))),
        (HEAD, TAIL, replace(TAIL, name="q")),
        (replace(HEAD, given=True), TAIL),
        (replace(conv(31, 31, 4, out=32, kernel=1, stride=2), name="c", inputs=("%0",)), TAIL),
        (HEAD, replace(pool(16, 16, 32, kernel=1, stride=2), name="p", inputs=("c",))),
        (replace(add(16, 16, 32), name="c", inputs=("%0", "%1")), TAIL),
        (replace(TAIL, inputs=("%0",)),),
        (HEAD, replace(TAIL, kind="avg_pool2d")),
        (HEAD, replace(pool(8, 32, 32, kernel=3, stride=2, pad=1), name="p", inputs=("c",))),
        (HEAD, replace(TAIL, element_bytes=(2, 2))),
        (
            replace(conv(31, 30, 4, out=32, kernel=3, stride=2, pad=1), name="c", inputs=("%0",)),
            replace(pool(16, 15, 32, kernel=2, stride=1, pad=1), name="p", inputs=("c",)),
        ),
    ],
    ids=[
        "read by another layer",
        "read by two poolings",
        "an output of the network",
        "reads every second pixel only",
        "pooling that reads every second pixel only",
        "without weights",
        "reads an input",
        "another kind",
        "read in another shape",
        "int16",
        "columns of nothing but padding",
    ],
)
def test_others_are_not_chained(layers: tuple[Layer, ...]) -> None:
    assert chains_of(Graph(layers)) == {}


def test_a_plan_below_every_estimate_is_not_taken_for_the_shortest() -> None:
    """With and without chaining the period is shorter than what estimates began with once."""
    head = replace(conv(8, 8, 8, out=32, kernel=3, pad=1), name="c", inputs=("%0",))
    tail = replace(pool(8, 8, 32, kernel=2, stride=2), name="p", inputs=("c",), given=True)
    _, (period,) = plan_pipeline(Graph((head, tail)), DEVICE, tiles=20, batch=4)
    assert period <= 131


def read(axis: Axis, outputs: set[int]) -> set[int]:
    """Positions that outputs read, padding too."""
    return {o * axis.stride - axis.pad + tap for o in outputs for tap in range(axis.span)}


AXES = [Axis(40, *rest) for rest in product((1, 2), (1, 3, 7), (0, 1, 3))]
POOLS = [Axis(40, *rest) for rest in product((1, 2, 3), (2, 3, 5), (0, 1, 2))]


@pytest.mark.parametrize("inner", AXES, ids=str)
def test_both_read_what_the_first_reads_for_what_the_second_does(inner: Axis) -> None:
    for outer in POOLS:
        head = replace(HEAD, rows=inner, columns=AXES[0])
        both = Chain(head, replace(TAIL, rows=outer, columns=POOLS[0])).layer()
        assert both.rows.size == inner.size
        for first, count in product(range(5), (1, 2, 5)):
            found = read(inner, read(outer, set(range(first, first + count))))
            assert both.rows.first(first) == min(found)
            assert both.rows.extent(count) == max(found) - min(found) + 1
        assert both.columns.extent(4) == AXES[0].extent(POOLS[0].extent(4))


def test_the_convolution_makes_what_the_pooling_reads() -> None:
    """Two rows of all 8 columns: 2 + 3 rows, and the 16 columns that there are. Of 2 x 7 + 3 the
    first is padding."""
    chain = Chain(HEAD, TAIL)
    call = Call(2, 8, 16, 4)
    assert chain.inner(call) == Call(5, 16, 16, 4)
    assert chain.outer(call) == Call(2, 8, 16, 16)


@pytest.mark.parametrize(("kernel", "stride", "pad"), [(3, 2, 1), (2, 2, 0), (5, 3, 2), (3, 3, 1)])
def test_no_columns_of_padding_are_computed(kernel: int, stride: int, pad: int) -> None:
    """Windows of the input have what the columns need that are there, and its padding."""
    tail = pool(16, 17, 32, kernel=kernel, stride=stride, pad=pad)
    head = conv(16, 17, 4, out=32, kernel=3, pad=1)
    read = {o * stride - pad + tap for o in range(tail.output[1]) for tap in range(kernel)}
    there = sorted(read & set(range(17)))
    both = Chain(head, tail).layer()
    assert Chain(head, tail).inner(Call(1, tail.output[1], 8, 4)).columns == len(there)
    assert both.columns.first(0) == there[0] - 1
    assert both.columns.window(tail.output[1]) == len(there) + 2


def test_both_layers_of_a_chain_have_the_cores_of_one_stage() -> None:
    """Of two cores each would have one, and nearly all products are the convolution's."""
    schedule, (period,) = plan_pipeline(Graph((HEAD, TAIL)), DEVICE, tiles=2, batch=4)
    head, tail = schedule.layers["c"], schedule.layers["p"]
    assert tail.chained and tail.stage is None
    assert not head.chained and head.stage is not None and len(head.stage.cores) == 2
    assert head.grid == tail.grid and head.grid[0] * head.grid[1] == 2
    rows, columns, channels, of = tail.tile
    assert columns == 8 and of == channels
    assert head.tile == (2 * (rows - 1) + 3, 16, channels, 4)
    assert type(schedule).from_json(schedule.to_json()) == schedule
    assert period > 0


@pytest.mark.parametrize(("kernel", "stride", "tiles"), [(3, 2, 2), (2, 2, 40), (9, 1, 3)])
def test_poolings_are_chained_where_the_period_is_shorter(
    kernel: int, stride: int, tiles: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a row of 9 x 9 pixels, 9 rows are computed."""
    tail = replace(pool(16, 16, 32, kernel=kernel, stride=stride, pad=kernel // 2), name="p")
    graph = Graph((HEAD, replace(tail, inputs=("c",), given=True)))
    found, periods = plan_pipeline(graph, DEVICE, tiles=tiles, batch=4)
    monkeypatch.setattr(networks, "chains_of", lambda _: {})
    plain, alone = plan_pipeline(graph, DEVICE, tiles=tiles, batch=4)
    assert sum(periods) <= sum(alone)
    assert found.layers["p"].chained or found == plain
