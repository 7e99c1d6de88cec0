"""The planner's schedules are legal on the device, deterministic, and fail with a reason."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planner_layers import add, conv, depthwise

from adfc.errors import CapacityError, CompileError, DeviceError, InputError
from adfc.planner import Graph, LayerSchedule, Schedule, plan
from adfc.planner.graph import Layer
from adfc.spec import devices


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    size = st.integers(1, 64)
    kind = draw(st.sampled_from(["conv", "conv", "add", "depthwise"]))
    if kind == "add":
        return add(draw(size), draw(size), draw(st.integers(1, 128)))
    kernel = draw(st.sampled_from([1, 3, 5, 7]))
    if kind == "depthwise":
        extent = st.integers(kernel, 64)
        channels = draw(st.integers(1, 256))
        return depthwise(
            draw(extent),
            draw(extent),
            channels,
            kernel=kernel,
            pad=draw(st.integers(0, kernel // 2)),
        )
    return conv(
        height=draw(st.integers(kernel, 64)),
        width=draw(st.integers(kernel, 64)),
        channels=draw(st.integers(1, 256)),
        out=draw(st.integers(1, 256)),
        kernel=kernel,
        stride=draw(st.integers(1, 2)),
        pad=draw(st.integers(0, kernel // 2)),
    )


def words(count: int) -> int:
    return -(-count // 4) * 4


@settings(max_examples=60, deadline=None)
@given(
    layer=layers(), tiles=st.sampled_from([1, 4, 16, 28]), name=st.sampled_from(["ve2802", "npu1"])
)
def test_schedules_cover_the_layer_and_fit_the_core(layer: Layer, tiles: int, name: str) -> None:
    device = devices.load(name)
    tiles = min(tiles, device.core_tiles)
    schedule = plan(Graph((layer,)), device, tiles=tiles).layers[layer.name]
    gs, gc = schedule.grid
    rows, columns, out_channels, in_channels = schedule.tile
    assert gs * gc <= tiles
    height, width, channels = layer.output
    # Whole tiles of rows for every group, and no group without rows.
    per_group = math.ceil(math.ceil(math.ceil(height / schedule.rounds) / gs) / rows) * rows
    assert gs * per_group * schedule.rounds >= height
    assert (gs - 1) * per_group < height
    assert 1 <= columns <= width
    in_memory = words(layer.input[2])
    if layer.channelwise:
        assert gc == 1
        assert in_memory % out_channels == 0
        assert in_channels == out_channels
    else:
        assert out_channels % 8 == 0
        assert in_memory % in_channels == 0
        assert (gc - 1) * out_channels < channels
    # The windows of design: activations, weights with 12 bytes of parameters a channel, output.
    act, weights, out = schedule.depth
    # Of a kernel of one position only the positions that it reads are in the window.
    row_step, column_step = (a.stride if a.span > 1 else 1 for a in (layer.rows, layer.columns))
    window_rows = (rows - 1) * row_step + layer.rows.span
    window_columns = (columns - 1) * column_step + layer.columns.span
    depth = out_channels if layer.channelwise else in_channels
    used = act * layer.activations * window_rows * window_columns * depth
    used += weights * (out_channels * (12 + layer.taps * in_channels) if layer.taps else 0)
    used += out * rows * columns * out_channels
    if not layer.channelwise and in_channels < in_memory:
        used += 4 * rows * columns * out_channels
    assert used <= 64 * 1024


def test_same_layers_get_the_same_schedule() -> None:
    device = devices.load("ve2802")
    graph = Graph((conv(28, 28, 128, out=128, kernel=3, pad=1), add(28, 28, 128)))
    assert plan(graph, device, tiles=28) == plan(graph, device, tiles=28)


def test_more_tiles_never_cost_more() -> None:
    device = devices.load("ve2802")
    layer = conv(56, 56, 64, out=64, kernel=3, pad=1)
    grids = [plan(Graph((layer,)), device, tiles=t).layers["conv"].grid for t in (1, 4, 28)]
    assert grids[0] == (1, 1)
    assert all(gs * gc <= tiles for (gs, gc), tiles in zip(grids, (1, 4, 28), strict=True))


@pytest.mark.parametrize(
    ("tiles", "avoid", "message"),
    [
        (0, [], "0 core tiles asked for"),
        (305, [], "305 core tiles asked for, ve2802 has 304"),
        (304, [(2, 3)], "ve2802 has 303"),
        (4, [(2, 0)], "no core tile 2,0"),
        (4, [(38, 3)], "no core tile 38,3"),
    ],
)
def test_impossible_tiles(tiles: int, avoid: list[tuple[int, int]], message: str) -> None:
    with pytest.raises(DeviceError, match=message):
        plan(Graph((add(4, 4, 4),)), devices.load("ve2802"), tiles=tiles, avoid=avoid)


def test_a_layer_that_cannot_fit_names_the_memory_and_the_bytes() -> None:
    # One output row and column alone reads 31 x 31 x 4096 bytes, with no smaller call possible.
    layer = conv(64, 64, 100_003, out=16, kernel=31)
    with pytest.raises(CapacityError, match=r"core tile data memory is exceeded by [\d,]+ bytes"):
        plan(Graph((layer,)), devices.load("ve2802"), tiles=4)


@pytest.mark.parametrize("columns", [1499, 3000])
def test_windows_of_wide_layers_fit_a_wrap_field(columns: int) -> None:
    # AM025: a memtile's wrap fields have 10 bits. 1499 is prime: it cannot be split otherwise.
    layer = conv(8, columns, 4, out=8, kernel=3, pad=1)
    schedule = plan(Graph((layer,)), devices.load("ve2802"), tiles=28).layers["conv"]
    assert schedule.tile[1] + 2 <= 1023


def test_schedule_file_round_trip(tmp_path: Path) -> None:
    device = devices.load("ve2802")
    schedule = plan(Graph((add(8, 8, 16),)), device, tiles=4, avoid=[(2, 3)])
    path = tmp_path / "schedule.json"
    path.write_text(schedule.to_json())
    assert Schedule.load(path) == schedule


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("device"), "'device' is missing"),
        (lambda s: s.update(version=9), "version 9, expected 1"),
        (lambda s: s["layers"]["add"].update(grid=[1]), 'layer "add": "grid" must hold 2'),
        (lambda s: s["layers"]["add"].update(tile=[1, 2, 3, -4]), '"tile" must hold 4 positive'),
        (lambda s: s["layers"]["add"].pop("cycles"), "layer \"add\": 'cycles' is missing"),
        (lambda s: s["layers"]["add"].update(tile=[True, 2, 3, 4]), '"tile" must hold 4 positive'),
        (lambda s: s["layers"]["add"].update(rounds=2.7), '"rounds" must be a positive whole'),
        (lambda s: s["layers"]["add"].update(cycles=1e999), '"cycles" must be a positive whole'),
        (lambda s: s["layers"]["add"].update(round=2), '"round" is unknown; known are grid'),
        (lambda s: s.update(tiles="4"), '"tiles" must be a positive whole'),
        (lambda s: s.update(avoid=[[2]]), r'"avoid" holds \[2\], expected \[column, row\]'),
        (lambda s: s.update(avoid=[[2, 0]]), r'"avoid" holds \[2, 0\], which is no core tile'),
    ],
)
def test_bad_schedule_files_name_the_place(change: object, message: str) -> None:
    good = Schedule(
        "ve2802", 4, (), {"add": LayerSchedule((1, 1), (8, 8, 16, 16), (2, 2, 2), (1, 1), 1, 9)}
    )
    data = json.loads(good.to_json())
    assert callable(change)
    change(data)
    with pytest.raises(InputError, match=message):
        Schedule.from_json(json.dumps(data))


def test_bad_graph_json() -> None:
    with pytest.raises(CompileError, match="not a graph description"):
        Graph.from_json('[{"name": "x"}]')
