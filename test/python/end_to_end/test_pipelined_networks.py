"""A pipelined program gives the TOSA reference model's bytes for every image of a batch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import adfc
from adfc.check import check_model, subject
from adfc.driver.compile import HOST_ISAS
from adfc.driver.options import CompileOptions
from adfc.errors import AdfcError, CapacityError, InputError
from adfc.frontend import import_model
from adfc.frontend.load import load_model
from adfc.image.dump import dump
from adfc.oracle import ReferenceModel
from adfc.planner import Graph
from adfc.planner.pipeline import plan
from adfc.planner.pipeline.networks import Network, networks
from adfc.program import Program, compile_tosa
from adfc.spec.devices import Device


class Residual(nn.Module):
    """Two convolutions and what came in, then a smaller one of every second pixel; a table on the
    way."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 24, 3, padding=1)
        self.second = nn.Conv2d(24, 24, 3, padding=1)
        self.last = nn.Conv2d(24, 20, 1, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.sigmoid(self.first(x))
        return self.last(torch.relu(self.second(x) + x))


class Deep(nn.Module):
    """Channels that come in parts, a pool of them, depthwise layers, and numbers at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(4, 64, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, 1),
            nn.Conv2d(64, 64, 3, padding=1, groups=64),
            nn.Conv2d(64, 40, 1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(40, 6),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x)


def check_batches(
    module: nn.Module,
    shape: tuple[int, ...],
    batch: int,
    tiles: int | None,
    schedule: Path | None = None,
    avoid: Sequence[tuple[int, int]] = (),
) -> Program:
    """Three batches, the second and third on the array as the one before left it."""
    torch.manual_seed(7)
    example = torch.randn(1, *shape)
    tosa = import_model(module.eval(), (example,), [(example,)])
    options = CompileOptions(
        batch=None if schedule else batch,
        tiles=tiles,
        avoid_tiles=tuple(avoid),
        schedule=schedule,
    )
    program = compile_tosa(tosa, options, name="m", isas=HOST_ISAS[:1])
    reference = ReferenceModel(tosa)
    random = np.random.default_rng(3)
    for again in (False, True, True):
        levels = program.quantize([spec.noise(random) for spec in program.inputs])
        (found,) = program.execute(levels, keep_state=again).outputs
        for image in range(batch):
            (expected,) = reference.run([levels[0][image : image + 1]])
            np.testing.assert_array_equal(found[image : image + 1], expected)
    return program


@pytest.mark.parametrize(("batch", "tiles"), [(1, 6), (5, 40)])
def test_a_residual_network(batch: int, tiles: int) -> None:
    program = check_batches(Residual(), (3, 13, 10), batch, tiles)
    assert program.inputs[0].shape == (batch, 3, 13, 10)
    assert program.outputs[0].shape[0] == batch


@pytest.mark.parametrize("tiles", [7, 40])
def test_a_network_of_pools_and_depthwise_layers(tiles: int) -> None:
    check_batches(Deep(), (4, 33, 33), 3, tiles)


def layers_of(program: Program) -> list[dict[str, Any]]:
    """What a program's schedule says of each layer."""
    return list(json.loads(program.schedule)["layers"].values())


def stages_of(program: Program) -> list[dict[str, Any]]:
    """The stages of a program's schedule: of all layers but those that are chained."""
    return [layer["stage"] for layer in layers_of(program) if not layer.get("chained")]


class Bottleneck(nn.Module):
    """What comes in is read by a layer of single rows, and waits for three layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 32, 3, padding=1)
        self.body = nn.Sequential(
            nn.Conv2d(32, 16, 1),
            nn.ReLU(),
            nn.Conv2d(16, 16, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 1),
        )
        self.last = nn.Conv2d(32, 8, 1, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.first(x))
        return self.last(torch.relu(self.body(x) + x))


@pytest.mark.parametrize(
    ("widths", "columns"), [((4, 32, 64), 1), ((4, 24, 32, 32), 2), ((8, 64, 64), 3)]
)
def test_one_of_two_cores_sends_for_both(widths: tuple[int, ...], columns: int) -> None:
    """More cores have results than streams lead south from so many columns."""
    layers: list[nn.Module] = []
    for inner, outer in pairwise(widths):
        layers += [nn.Conv2d(inner, outer, 3, padding=1), nn.ReLU()]
    avoid = [(column, row) for column in range(columns, 38) for row in range(3, 11)]
    program = check_batches(
        nn.Sequential(*layers), (widths[0], 20, 12), 3, 8 * columns, avoid=avoid
    )
    assert any(stage.get("paired") for stage in stages_of(program))


@pytest.mark.parametrize("tiles", [7, 30])
def test_rows_come_in_bands(tiles: int) -> None:
    """In rings, which hold a part of an image or more than one, and in places of their own."""
    program = check_batches(Bottleneck(), (3, 48, 40), 3, tiles)
    stages = [stage for stage in stages_of(program) if "bands" in stage]
    bands = [pair for s in stages for pair in zip(s["bands"], s["depths"], strict=True)]
    assert any(count > 1 and depth % count for count, depth in bands)
    assert any(count > 1 and depth % count == 0 for count, depth in bands)


TAKING_TURNS = nn.Sequential(
    nn.Conv2d(4, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 24, 3, stride=2), nn.ReLU(),
    nn.Conv2d(24, 16, 1), nn.ReLU(), nn.Conv2d(16, 8, 3),
)  # fmt: skip
"""Four layers, more than two core tiles can have at a time."""


def test_where_not_all_layers_have_room_they_take_turns() -> None:
    """The second inference loads the first segment's weights again."""
    program = check_batches(TAKING_TURNS, (4, 16, 16), 6, 2)
    assert {stage.get("segment", 0) for stage in stages_of(program)} == {0, 1}
    told = program.report().throughput
    assert told is not None and 0 < told.period_cycles < told.cycles_per_image


def test_segments_of_large_batches_have_tasks_without_an_end() -> None:
    """140 images of 8 tiles are more runs than the 1024 that a queue holds. Channels are reset when
    a segment has ended, and made ready for the tasks of the next one and of the next inference. The
    last row of what the second segment reads is dropped: its end waits for that."""
    network = nn.Sequential(nn.Conv2d(4, 16, 1), nn.ReLU(), nn.Conv2d(16, 8, 1, stride=2))
    program = check_batches(network, (4, 64, 96), 140, 1)
    assert [stage.get("segment", 0) for stage in stages_of(program)] == [0, 1]
    lines = [line.split() for line in dump(program.image).splitlines() if "_CTRL[" in line]
    control = [(" ".join(line[1:4]), int(line[4], 16)) for line in lines]
    assert {value for _, value in control} == {0, 2}
    reset: set[str] = {where for where, value in control if value}
    for where, value in control:
        assert (where in reset) == (value == 0)
        (reset.add if value else reset.remove)(where)
    assert [line for line in dump(program.image).splitlines() if "wait_task (0, 1) s2mm" in line]


def test_weights_that_are_sent_again_end_with_a_segment(tmp_path: Path) -> None:
    """65 images of 16 tiles: nothing holds back what sends weights for each, so that it is pushed
    bit by bit. Nor does the wait for the last image end too soon: each takes 1.3 million cycles."""
    network = nn.Sequential(
        nn.Conv2d(16, 256, 1), nn.ReLU(), nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
        nn.Conv2d(256, 16, 1),
    )  # fmt: skip
    example = torch.randn(1, 16, 16, 2)
    tosa = import_model(network.eval(), (example,), [(example,)])
    planned = compile_tosa(tosa, CompileOptions(batch=65, tiles=3), name="streamed")
    schedule = json.loads(planned.schedule)
    schedule["layers"]["2"]["tile"][0] = 1
    schedule["layers"]["2"]["cycles"] = 250
    path = tmp_path / "schedule.json"
    path.write_text(json.dumps(schedule), encoding="utf-8")
    program = check_batches(network, (16, 16, 2), 65, 3, schedule=path)
    text = dump(program.image).splitlines()
    reset = [line for line in text if "_CTRL[" in line and int(line.split()[4], 16)]
    assert reset and not [line for line in reset if "mem DMA_MM2S_CTRL" in line]
    assert [line for line in text if "wait_task" in line and "mm2s" in line]


def test_a_batch_of_more_images_than_a_descriptor_counts() -> None:
    """64: shims have three tasks for them."""
    network = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 8, 3))
    program = check_batches(network, (3, 6, 6), 130, 8)
    assert program.throughput() == program.report().throughput


def chained_of(program: Program) -> dict[str, dict[str, Any]]:
    """What a program's schedule says of the poolings that are chained to the layer before them."""
    layers = json.loads(program.schedule)["layers"].items()
    return {name: layer for name, layer in layers if layer.get("chained")}


def rounds_of(layer: dict[str, Any], height: int) -> int:
    """Of a layer with so many output rows, dealt out in tiles to groups."""
    return -(-height // (layer["grid"][0] * layer["tile"][0]))


@pytest.mark.parametrize(
    ("head", "pool", "shape", "tiles"),
    [
        (nn.Conv2d(3, 24, 7, 2, 3), nn.MaxPool2d(3, 2, 1), (37, 29), 40),
        (nn.Conv2d(3, 16, 3, padding=1), nn.MaxPool2d(2, 2), (27, 19), 40),
        (nn.Conv2d(3, 16, 1), nn.MaxPool2d(3, 2), (23, 17), 3),
        (nn.Conv2d(3, 20, 3), nn.MaxPool2d(3, 2, ceil_mode=True), (22, 17), 20),
        (nn.Conv2d(3, 48, 3, padding=1), nn.MaxPool2d(5, 1, 2), (13, 9), 10),
        (nn.Conv2d(3, 48, 3, padding=2, dilation=2), nn.MaxPool2d(2, 3), (23, 19), 3),
        (nn.Conv2d(3, 32, (3, 1), padding=(1, 0)), nn.MaxPool2d((1, 2), (1, 2)), (20, 24), 20),
    ],
    ids=[
        "7s2p3 3s2p1",
        "3p1 2s2",
        "1 3s2",
        "3 3s2 ceil",
        "3p1 5p2",
        "dilated 2s3",
        "rows, columns",
    ],
)
def test_poolings_that_are_chained(
    head: nn.Conv2d,
    pool: nn.MaxPool2d,
    shape: tuple[int, int],
    tiles: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sizes that strides do not divide, with padding of both, whose window is the sum of them.
    Chained whether that is faster or not."""

    def with_chains(graph: Graph, device: Device) -> Iterator[Network]:
        yield next(networks(graph, device))

    monkeypatch.setattr(plan, "networks", with_chains)
    last = nn.Conv2d(head.out_channels, 12, 3, padding=1)
    program = check_batches(nn.Sequential(head, nn.ReLU(), pool, last), (3, *shape), 3, tiles)
    assert list(chained_of(program)) == ["2"]
    assert [layer.get("stage") is None for layer in layers_of(program)] == [False, True, False]


def test_a_chained_pooling_at_the_end_and_two_on_the_way() -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(64, 32, 3, padding=1), nn.MaxPool2d(2),
    )  # fmt: skip
    program = check_batches(network, (3, 25, 27), 3, 60)
    assert list(chained_of(program)) == ["2", "5", "7"]


def test_a_chained_pooling_sends_what_another_segment_reads() -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    )  # fmt: skip
    program = check_batches(network, (3, 25, 27), 3, 2)
    assert list(chained_of(program)) == ["2", "5", "8"]
    assert {stage.get("segment", 0) for stage in stages_of(program)} == {0, 1}


def test_tiles_of_rows_and_channels_go_below_the_last_row() -> None:
    """A message is of several rows and of a part of the channels. Those of the last round that
    begin below the last row, of what the cores of a convolution and a pooling make, are dropped."""
    head = nn.Conv2d(3, 64, 7, 2, 3)
    network = nn.Sequential(head, nn.ReLU(), nn.MaxPool2d(3, 2, 1), nn.Conv2d(64, 64, 3, padding=1))
    program = check_batches(network, (3, 113, 131), 2, 60)
    layer = chained_of(program)["2"]
    (groups, parts), rows, height = layer["grid"], layer["tile"][0], 29
    assert parts > 1 and rows > 1
    assert rounds_of(layer, height) * groups * rows > height


def random_poolings(random: Random) -> tuple[nn.Sequential, tuple[int, int, int]]:
    """Convolutions of all sizes, poolings behind most of them, and the shape of an input."""
    channels, height, width = shape = random.choice([3, 4, 8]), *random.choices(range(9, 41), k=2)
    layers: list[nn.Module] = []
    for _ in range(random.randint(1, 3)):
        kernel = random.choice([k for k in (1, 3, 3, 5, 7) if k <= min(height, width)])
        stride, pad = random.choice([1, 1, 2]), random.choice([0, kernel // 2])
        made = random.choice([8, 12, 20, 24, 32, 48])
        layers += [nn.Conv2d(channels, made, kernel, stride, pad), nn.ReLU()]
        pool = random.choice([2, 3, 5])
        if random.random() < 0.8 and min(height, width) > 2 * stride * pool + kernel:
            layers.append(
                nn.MaxPool2d(
                    pool,
                    random.choice([1, 2, 2, 3]),
                    random.choice([0, pool // 2]),
                    ceil_mode=random.random() < 0.3,
                )
            )
        channels = made
        height, width = nn.Sequential(*layers)(torch.zeros(1, *shape)).shape[2:]
    return nn.Sequential(*layers), shape


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.slow] * (seed >= 6)) for seed in range(60)]
)
def test_random_poolings_behind_convolutions(seed: int) -> None:
    random = Random(seed)
    network, shape = random_poolings(random)
    check_batches(network, shape, random.choice([1, 2, 5]), random.choice([5, 12, 40]))


def test_rows_that_a_layer_skips_come_with_the_windows_of_an_input() -> None:
    """Each of two groups of rows gets rows 0 to 18, or 20 to 38, of which it reads every second."""
    program = check_batches(nn.Conv2d(4, 20, 1, stride=2), (4, 39, 21), 3, 40)
    (layer,) = layers_of(program)
    assert layer["stage"]["gathered"] and layer["grid"][0] > 1


def test_a_pooling_that_reads_another_shape_is_a_layer_of_its_own() -> None:
    """The same bytes as half as many rows of twice as many pixels."""

    class Another(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv2d(3, 8, 3, padding=1)
            self.last = nn.Conv2d(8, 8, 3, padding=1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.first(x).permute(0, 2, 3, 1).reshape(1, 8, 32, 8).permute(0, 3, 1, 2)
            return self.last(nn.functional.max_pool2d(x, 2))

    assert not chained_of(check_batches(Another(), (3, 16, 16), 3, 3))


@pytest.mark.parametrize("middle", [[], [nn.Conv2d(48, 48, 3, padding=1), nn.ReLU()]])
def test_slabs_of_many_groups_of_rows_find_ways(middle: list[nn.Module]) -> None:
    """More than the six streams that lead north from a column's memtiles, where the lane begins."""
    first, last = nn.Conv2d(3, 48, 3, padding=1), nn.Conv2d(48, 8, 3)
    check_batches(nn.Sequential(first, nn.ReLU(), *middle, last), (3, 13, 9), 2, 40)


def test_an_output_of_many_pixels_leaves_with_all_its_channels() -> None:
    """In parts of the channels it would take a shim more than its 16 descriptors."""
    wide = nn.Conv2d(64, 64, 3, padding=1)
    check_batches(
        nn.Sequential(wide, nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1)), (64, 32, 32), 2, 60
    )


def test_a_layer_of_single_channels_reads_an_input_whole() -> None:
    depthwise = nn.Conv2d(64, 64, 3, padding=1, groups=64)
    check_batches(nn.Sequential(depthwise, nn.ReLU(), nn.Conv2d(64, 16, 1)), (64, 16, 16), 3, 60)


@pytest.mark.parametrize("batch", [0, 257, True, 2.5])
def test_a_batch_that_cannot_be_is_refused(batch: int) -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 3)).eval()
    with pytest.raises(InputError, match="whole number from 1 to 256"):
        adfc.compile(module, (torch.randn(1, 3, 8, 8),), batch=batch)


@pytest.mark.parametrize("name", ["digits", "ds_cnn", "resnet8"])
def test_the_zoo(name: str) -> None:
    """Every byte against the reference model, by the engine and as native code."""
    source = load_model(name)
    found = check_model(subject(source), CompileOptions(batch=3), 1, layers=False)
    assert found.bit_exact


def test_a_report_tells_images_a_second() -> None:
    program = check_batches(Residual(), (3, 13, 10), 8, 40)
    report = program.report()
    told = report.throughput
    assert told is not None and told.batch == 8
    assert told.cycles_per_image == report.modelled_cycles / 8
    assert told.images_per_second == pytest.approx(1250e6 / told.cycles_per_image)
    assert 0 < told.period_cycles < told.cycles_per_image
    assert told.latency_cycles < report.modelled_cycles
    assert report.why_through_ddr == ""


def test_an_inference_only_moves_images() -> None:
    """All else stays as the load program has set it up: shims get addresses and are started."""
    program = check_batches(Residual(), (3, 13, 10), 5, 40)
    lines = dump(program.image).split("\nprogram ")[1].split("\ncore_programs")[0].splitlines()
    done = [line.split() for line in lines[1:] if line]
    assert {words[0] for words in done} == {
        *("cache_sync", "bind_buffer", "write32", "phase", "wait_task", "end")
    }
    written = [words for words in done if words[0] in ("bind_buffer", "write32")]
    assert written and all(words[2] == "0)" for words in written)  # (column, row)


def test_python_takes_a_batch() -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 4)).eval()
    example = torch.randn(1, 3, 8, 8)
    program = adfc.compile(module, (example,), batch=2)
    images = np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype(np.float32)
    both = program.run(images)
    turned = program.run(images[::-1].copy())
    assert isinstance(both, np.ndarray) and isinstance(turned, np.ndarray)
    np.testing.assert_array_equal(both[::-1], turned)
    with pytest.raises(InputError, match="has shape"):
        program.run(images[:1])


def test_what_cannot_be_pipelined_says_why() -> None:
    class Product(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat([x.relu(), x.sigmoid()], 1)

    example = torch.randn(1, 4, 4, 4)
    with pytest.raises(CapacityError, match="cannot be pipelined") as caught:
        adfc.compile(Product().eval(), (example,), batch=2)
    assert "--batch" in (caught.value.hint or "")


def test_a_pipelined_program_is_not_resident() -> None:
    module = nn.Conv2d(3, 8, 3).eval()
    with pytest.raises(AdfcError, match="pipelined program"):
        adfc.compile(module, (torch.randn(1, 3, 8, 8),), batch=2, resident=True)


def conv_schedule(
    grid: tuple[int, int], tile: tuple[int, int], cores: list[list[int]], **stage: object
) -> dict[str, Any]:
    """Of a layer that makes 8 x 8 pixels, with (output, input) channels of a call; rows are dealt
    out one by one."""
    joins = [] if grid[0] == 1 else [[1, 1], [2, 1]]
    return {
        "grid": grid,
        "tile": [1, 8, *tile],
        "depth": [2, 2, 2],
        "memtiles": [1, 1],
        "cycles": 500,
        "stage": {"depths": [2], "joins": joins, "cores": cores, **stage},
    }


@pytest.mark.parametrize(
    ("cascade", "in_channels", "handover"),
    [(2, 16, 0), (2, 8, 40), (4, 8, 40)],
    ids=["a chunk each", "two chunks each", "four cores"],
)
def test_sums_go_over_the_cascade(
    tmp_path: Path, cascade: int, in_channels: int, handover: int
) -> None:
    """Cores one above the other share a layer's input channels, in two columns for its rows. Each
    part of them comes in a lane of its own."""
    network = nn.Sequential(
        nn.Conv2d(4, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 16, 3, padding=1)
    )
    layers = {
        "0": conv_schedule(
            (1, cascade),
            (32 // cascade, 4),
            [[0, 3 + c] for c in range(cascade)],
            slabs=[[0, 1]],
            weights=[[0, 2]] * cascade,
            lanes=cascade,
        ),
        "2": conv_schedule(
            (2, 1),
            (16, in_channels),
            [[1 + s, 3 + row] for s in range(2) for row in reversed(range(cascade))],
            slabs=[[1 + s, 1 + member % 2] for s in range(2) for member in range(cascade)],
            weights=[[3, 1]],
            lanes=1,
            cascade=cascade,
            **({"handover": handover} if handover else {}),
        ),
    }
    tiles = 3 * cascade
    data = {"version": 1, "device": "ve2802", "tiles": tiles, "avoid": [], "batch": 3}
    path = tmp_path / "schedule.json"
    path.write_text(json.dumps({**data, "layers": layers}))
    check_batches(network, (4, 8, 8), 3, None, path)


@pytest.mark.parametrize("width", [127, 128])
def test_messages_of_several_rows_and_a_part_of_the_channels(tmp_path: Path, width: int) -> None:
    """Of 8 rows, two an image: one descriptor stores both where it can count their pixels (10
    bits: 1016), and each has one of its own where it cannot (1024)."""
    network = nn.Sequential(
        nn.Conv2d(4, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 8, 3, padding=1)
    )
    first = conv_schedule(
        (1, 2), (8, 4), [[0, 3], [0, 4]], slabs=[[0, 2]], weights=[[0, 1]] * 2, lanes=1
    )
    first["stage"]["joins"] = [[0, 1], [0, 1]]
    last = conv_schedule((1, 1), (8, 16), [[1, 3]], slabs=[[1, 1]], weights=[[1, 2]], lanes=1)
    first["tile"][:2], last["tile"][:2] = (8, width), (1, width)
    data = {"version": 1, "device": "ve2802", "tiles": 3, "avoid": [], "batch": 3}
    path = tmp_path / "schedule.json"
    path.write_text(json.dumps({**data, "layers": {"0": first, "2": last}}))
    check_batches(network, (4, 16, width), 3, None, path)
