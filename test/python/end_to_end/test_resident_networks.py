"""A program that stays on the array gives the TOSA reference model's bytes, again and again.

The schedule is any that the planner holds for legal, not its choice, so that what it calls legal is
what the compiler accepts and the array can do.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn

from adfc.driver import passes
from adfc.driver.compile import lower
from adfc.driver.ir import parse
from adfc.driver.options import CompileOptions
from adfc.errors import ModelError
from adfc.frontend import TosaModel, import_model
from adfc.frontend.load import load_model
from adfc.oracle import ReferenceModel
from adfc.planner import Graph, Schedule
from adfc.planner.resident.memory import STACK_BYTES, Memory, memories
from adfc.planner.resident.partitions import (
    MOST_DIVIDED_HUBS,
    MOST_HUBS,
    SHARED_CORES,
    Partition,
    partitions,
)
from adfc.planner.resident.places import fits_array
from adfc.planner.resident.search import as_schedule, splits_of_steps
from adfc.planner.resident.splits import Split
from adfc.planner.resident.steps import Step, chain_layers, is_possible
from adfc.program import Program, compile_tosa
from adfc.spec import devices
from adfc.zoo import ds_cnn

DEVICE = devices.load("ve2802")
SHIM_STREAMS = len(DEVICE.noc_columns) * DEVICE.shim.mm2s_channels
CAPACITY = DEVICE.core.data_bytes - STACK_BYTES
MEMORY = Memory(10240, 2432, 1792)
"""Bytes of a window, a block of weights and a result: small networks have splits for it."""


class Residual(nn.Module):
    """body(x) + x."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + x)


class Gated(nn.Module):
    """x, each channel times a number of its own: squeeze and excite."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Conv2d(channels, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(self.scale(x.mean((2, 3), keepdim=True)))


@dataclass(frozen=True)
class Case:
    """A module with an input, and the seed of its schedule."""

    module: nn.Module
    example: torch.Tensor
    seed: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """One to three layers of the kinds that a resident program has forms for."""
    torch.manual_seed(draw(st.integers(0, 2**16)))
    channels, size = draw(st.sampled_from([1, 2, 3, 6, 16, 40])), draw(st.integers(3, 17))
    # Pixels of an input may lie without padding where rows are whole words.
    columns = draw(st.sampled_from([size, 4 * (size // 4 + 1)]))
    example = torch.randn(1, channels, size, columns)
    layers: list[nn.Module] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["conv", "residual", "pool", "depthwise", "gated"]))
        if kind == "residual":
            body: list[nn.Module] = [nn.Conv2d(channels, channels, 3, padding=1)]
            if draw(st.booleans()):
                body.insert(draw(st.integers(0, 1)), nn.Conv2d(channels, channels, 1))
            layers.append(Residual(nn.Sequential(*body)))
        elif kind == "depthwise":
            layers.append(nn.Conv2d(channels, channels, 3, padding=1, groups=channels))
        elif kind == "gated":
            layers.append(Gated(channels))
        elif kind == "pool":
            layers += [nn.Conv2d(channels, channels, 1), nn.MaxPool2d(3, 2, padding=1)]
        else:
            out, kernel = draw(st.sampled_from([10, 16, 64])), draw(st.sampled_from([1, 3, 7]))
            stride = draw(st.integers(1, 2))
            layers.append(nn.Conv2d(channels, out, kernel, stride, padding=kernel // 2))
            channels = out
        if draw(st.integers(0, 3)) == 0:
            layers.append(draw(st.sampled_from([nn.Hardswish, nn.Sigmoid]))())
    return Case(nn.Sequential(*layers).eval(), example, draw(st.integers(0, 2**16)))


def any_splits(
    graph: Graph, steps: list[Step], partition: Partition, memory: Memory, random: Random
) -> list[Split] | None:
    """A legal way to do each step, by all cores of the sets, of which two may share input channels,
    or by some; None: one has none."""
    narrow = replace(partition, cores=random.randint(1, partition.cores))
    choices = [splits_of_steps(graph, steps, p, DEVICE) for p in (partition, narrow)]
    chosen: list[Split] = []
    for index in range(len(steps)):
        options = random.choice(choices)
        fitting = [s for s in options[index] if s.fits(memory, CAPACITY)] if options else []
        shared = [s for s in fitting if s.handover]
        if options is choices[1]:
            fitting = [s for s in fitting if not s.handover]  # these take all cores
        elif shared and random.random() < 0.5:
            fitting = shared
        if not fitting:
            return None
        chosen.append(random.choice(fitting))
    return chosen


def any_schedule(graph: Graph, random: Random) -> Schedule | None:
    """One of the legal resident schedules on at most ten sets of five cores; None: none found."""
    graph = graph.unpadded() if random.random() < 0.8 else graph
    steps = chain_layers(graph)
    if not all(is_possible(graph, step) for step in steps):
        return None
    for _ in range(20):
        sets = random.choice([*range(1, 11), 7])
        divided = sets > 1 and random.random() < 0.5
        most = MOST_DIVIDED_HUBS if divided else MOST_HUBS
        hubs = random.randint(1 + divided, most)
        streamed = random.random() < 0.3
        stack = random.choice([n for n in (1, 1, 2, 3, 6) if sets % n == 0])
        partition = Partition(sets, random.randint(1, 5), hubs, streamed, divided, stack)
        if streamed and partition.cores <= SHARED_CORES and sets <= partition.tapes:
            partition = replace(partition, shared=random.random() < 0.5)
        if partition.columns > DEVICE.columns or partition.shim_streams > SHIM_STREAMS:
            continue
        if not partition.is_served:
            continue
        memory = random.choice(list(memories(CAPACITY)))
        chosen = any_splits(graph, steps, partition, memory, random)
        if chosen is None:
            continue
        if fits_array(graph, steps, chosen, partition, memory, DEVICE):
            tiles = partition.sets * partition.cores
            early = [random.random() < 0.7 for _ in steps]
            return as_schedule(DEVICE, tiles, (), partition, memory, steps, chosen, early)
    return None


def check(program: Program, reference: ReferenceModel) -> None:
    """Different inputs on one loaded array, then the first ones again."""
    random = np.random.default_rng(0)
    shapes = [spec.array_shape for spec in program.inputs]
    inputs = [
        [random.integers(-128, 128, shape, dtype=np.int8) for shape in shapes],
        [np.full(shape, 127, np.int8) for shape in shapes],
        [np.full(shape, -128, np.int8) for shape in shapes],
    ]
    for levels in (*inputs, inputs[0]):
        (expected,) = reference.run(levels)
        (measured,) = program.execute(levels, keep_state=True).outputs
        np.testing.assert_array_equal(measured, expected)


def fused(tosa: TosaModel) -> Graph:
    """What the planner gets."""
    module = parse(tosa.text)
    module.run(passes.FUSE)
    return module.graph()


def compile_as(tosa: TosaModel, schedule: Schedule, folder: pathlib.Path) -> Program:
    """The program of this schedule, which goes by a file as users give one."""
    path = folder / "schedule.json"
    path.write_text(schedule.to_json(), encoding="utf-8")
    return compile_tosa(tosa, CompileOptions(schedule=path), name="given")


@dataclass(frozen=True)
class Planned:
    """A network on sets of cores, and the splits that each of its steps may have."""

    tosa: TosaModel
    graph: Graph
    steps: list[Step]
    partition: Partition
    options: list[list[Split]]

    @classmethod
    def of(cls, module: nn.Module, example: torch.Tensor, partition: Partition) -> Planned:
        """All splits that fit a core's memory."""
        tosa = import_model(module.eval(), (example,), [(example,)])
        graph = fused(tosa)
        steps = chain_layers(graph)
        options = splits_of_steps(graph, steps, partition, DEVICE)
        assert options
        fitting = [[s for s in splits if s.fits(MEMORY, CAPACITY)] for splits in options]
        return cls(tosa, graph, steps, partition, fitting)

    def check(self, chosen: list[Split], tiles: int, folder: pathlib.Path) -> None:
        """A split for each step, that must fit, gives the reference model's bytes."""
        assert fits_array(self.graph, self.steps, chosen, self.partition, MEMORY, DEVICE)
        schedule = as_schedule(DEVICE, tiles, (), self.partition, MEMORY, self.steps, chosen)
        check(compile_as(self.tosa, schedule, folder), ReferenceModel(self.tosa))


def compile_any(case: Case, folder: pathlib.Path) -> tuple[Program, ReferenceModel] | None:
    """The case with any legal schedule."""
    torch.manual_seed(0)
    samples = [(torch.randn_like(case.example),) for _ in range(2)]
    try:
        tosa = import_model(case.module, (case.example,), samples)
    except ModelError as error:
        assume("may overflow 32 bits" not in str(error))
        raise
    schedule = any_schedule(fused(tosa), Random(case.seed))
    if schedule is None:
        return None
    return compile_as(tosa, schedule, folder), ReferenceModel(tosa)


def test_windows_of_two_tensors_in_one_place_are_two_tasks() -> None:
    """In this schedule two steps that follow each other on a hub's channel read tensors of one
    shape at one address under one lock. Started as one task, the second would not wait."""
    module, example = ds_cnn.MODEL.build()
    tosa = import_model(module, example, [example])
    schedule = pathlib.Path(__file__).parent / "schedules" / "ds_cnn_places_again.json"
    program = compile_tosa(tosa, CompileOptions(schedule=schedule), name="ds_cnn")
    check(program, ReferenceModel(tosa))


class Inverted(nn.Module):
    """The first block of a network like MobileNet V2: its widest result has 720,000 bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(4, 16, 3, 2, padding=1), nn.ReLU(),
            nn.Conv2d(16, 72, 1), nn.ReLU(),
            nn.Conv2d(72, 72, 3, 2, padding=1, groups=72), nn.ReLU(),
            nn.Conv2d(72, 24, 1),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x)


def test_results_larger_than_a_memtile_stay_on_the_array() -> None:
    """A memtile has 524,288 bytes, so that no hub can hold 100 x 100 x 72 bytes alone."""
    torch.manual_seed(0)
    example = torch.randn(1, 4, 200, 200)
    tosa = import_model(Inverted().eval(), (example,), [(example,)])
    program = compile_tosa(tosa, CompileOptions(resident=True), name="inverted")
    check(program, ReferenceModel(tosa))
    assert program.report().ddr_bytes == 200 * 200 * 4 + 50 * 50 * 24


def test_channels_that_are_scaled_by_computed_numbers_stay_on_the_array(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The mean's window has all 48 x 48 pixels. For the 20 channels of a set of five cores it would
    be longer than any buffer, so that fewer cores of each set do it."""

    def sets_of_five(*arguments: Any) -> Iterator[Partition]:
        return (p for p in partitions(*arguments) if p.cores == 5)

    monkeypatch.setattr("adfc.planner.resident.search.partitions", sets_of_five)
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(4, 24, 3, padding=1), nn.ReLU(), Gated(24)).eval()
    example = torch.randn(1, 4, 48, 48)
    tosa = import_model(module, (example,), [(example,)])
    program = compile_tosa(tosa, CompileOptions(resident=True), name="gated")
    layers = lower(tosa, CompileOptions(resident=True), "adf").schedule.layers
    assert any(layer.members for layer in layers.values())
    check(program, ReferenceModel(tosa))
    assert program.report().ddr_bytes == 48 * 48 * 4 + 48 * 48 * 24


class Summed(nn.Module):
    """Two images, each read by a convolution, of which one goes on to add the other's result."""

    def __init__(self, channels: tuple[int, int]) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(c, 16, 3, padding=1) for c in channels)
        self.last = nn.Conv2d(16, 8, 1)

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return self.last(torch.relu(self.first(x) + self.second(y)))


@pytest.mark.parametrize("channels", [(3, 16), (16, 3), (3, 3), (7, 1)])
def test_the_other_operand_of_a_layer_that_reads_pixels_without_padding(
    channels: tuple[int, int],
) -> None:
    """Its window is of a tensor that has padded pixels."""
    torch.manual_seed(0)
    examples = tuple(torch.randn(1, count, 8, 12) for count in channels)
    tosa = import_model(Summed(channels).eval(), examples, [examples])
    program = compile_tosa(tosa, CompileOptions(resident=True), name="summed")
    assert '"unpadded": true' in program.schedule
    check(program, ReferenceModel(tosa))


@pytest.mark.parametrize("rows", [31, 33, 34])
def test_pixels_without_padding_of_any_number_of_rows(rows: int) -> None:
    """Pieces of the input are whole rows, so that a prime number of them comes as one."""
    torch.manual_seed(0)
    example = torch.randn(1, 3, rows, 20)
    module = nn.Sequential(nn.Conv2d(3, 8, 3, 2, padding=1), nn.ReLU()).eval()
    tosa = import_model(module, (example,), [(example,)])
    for tiles in (1, 4):
        program = compile_tosa(tosa, CompileOptions(resident=True, tiles=tiles), name="rows")
        assert '"unpadded": true' in program.schedule
        check(program, ReferenceModel(tosa))
        # 3 bytes of each pixel come, 8 of each of the result's go.
        assert program.report().ddr_bytes == rows * 20 * 3 + (rows + 1) // 2 * 10 * 8


@pytest.mark.parametrize(
    "partition",
    [
        Partition(7, 4, 2),
        Partition(7, 3, 1),
        Partition(7, 3, 3, divided=True),
        Partition(7, 2, 2, streamed=True),
    ],
)
def test_seven_sets_are_bit_exact(partition: Partition, tmp_path: pathlib.Path) -> None:
    """A hub has six channels, so that a join beside it receives what the seventh set sends. Three
    groups of rows leave a set over."""
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(16, 40, 3, padding=1), nn.Conv2d(40, 16, 1))
    module = nn.Sequential(nn.Conv2d(4, 16, 3, padding=1), Residual(body))
    planned = Planned.of(module, torch.randn(1, 4, 14, 10), partition)
    chosen = [
        next(s for s in splits if s.grid[0] == rows)
        for splits, rows in zip(planned.options, (7, 3, 7), strict=True)
    ]
    planned.check(chosen, 28, tmp_path)


@pytest.mark.parametrize(
    ("partition", "seed"),
    [
        (Partition(2, 4, 1), 0),
        (Partition(4, 2, 2, divided=True), 1),
        (Partition(2, 4, 2, streamed=True), 2),
        (Partition(4, 2, 1, stack=2), 3),
    ],
    ids=["kept", "divided", "streamed", "stacks"],
)
def test_neighbours_that_share_input_channels_are_bit_exact(
    partition: Partition, seed: int, tmp_path: pathlib.Path
) -> None:
    """Every layer but the first, which has one chunk of four channels, is shared in some legal way;
    a sum's other operand comes before the chunks."""
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 32, 1))
    layers = [nn.Conv2d(4, 32, 3, padding=1), Residual(body), nn.Conv2d(32, 40, 3, 2, padding=1)]
    planned = Planned.of(nn.Sequential(*layers), torch.randn(1, 4, 12, 10), partition)
    shared = [[s for s in splits if s.handover] for splits in planned.options]
    assert [bool(splits) for splits in shared] == [False, True, True, True]
    random = Random(seed)
    chosen = [
        random.choice(some or every) for some, every in zip(shared, planned.options, strict=True)
    ]
    planned.check(chosen, 8, tmp_path)


@pytest.mark.parametrize("sums", [False, True], ids=["layers", "sums"])
def test_layers_that_begin_early_make_the_same_bytes_in_less_time(
    sums: bool, tmp_path: pathlib.Path
) -> None:
    """The first layer begins with the rows of the input that come first, the others with tiles that
    read nothing of the last tiles of the layer before; a sum's other operand comes before that."""
    torch.manual_seed(0)
    layers: list[nn.Module] = [nn.Conv2d(32, 32, 3, padding=1) for _ in range(4)]
    if sums:
        layers = [Residual(nn.Sequential(*layers[i : i + 2])) for i in (0, 2)]
    layers.insert(0, nn.Conv2d(4, 32, 3, padding=1))
    example = torch.randn(1, 4, 64, 64)
    tosa = import_model(nn.Sequential(*layers).eval(), (example,), [(example,)])
    planned = lower(tosa, CompileOptions(tiles=8, resident=True), "adf").schedule
    assert planned.resident
    cycles: list[int] = []
    for early in (False, True):
        chosen = {
            name: replace(layer, early=early and not layer.chained)
            for name, layer in planned.layers.items()
        }
        program = compile_as(tosa, replace(planned, layers=chosen), tmp_path)
        check(program, ReferenceModel(tosa))
        cycles.append(program.report().modelled_cycles)
    assert cycles[1] < cycles[0]


class Narrow(nn.Module):
    """A sum behind a convolution of single pixels, which takes the place of its other operand."""

    def __init__(self) -> None:
        super().__init__()
        self.c0, self.cc = nn.Conv2d(128, 128, 1), nn.Conv2d(128, 16, 1)
        self.ca, self.cb = nn.Conv2d(128, 128, 3, padding=1), nn.Conv2d(128, 128, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.c0(x)
        return self.cc(torch.relu(self.cb(torch.relu(self.ca(x))) + x))


class Branches(nn.Module):
    """Two sums with one other operand; the second could take its place."""

    def __init__(self) -> None:
        super().__init__()
        self.c0, self.cb = nn.Conv2d(64, 64, 1), nn.Conv2d(64, 64, 1)
        self.ca = nn.Conv2d(64, 64, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skip = self.c0(x)
        return torch.relu(self.ca(x) + skip) + torch.relu(self.cb(x) + skip)


class Again(nn.Module):
    """A tensor that is read by two steps after each other; the second also reads what the first
    makes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.c0, self.c1 = nn.Conv2d(16, 64, 1), nn.Conv2d(16, 64, 1)
        self.ca = nn.Conv2d(64, 64, 5, padding=2)
        self.cb, self.cc = nn.Conv2d(64, 64, 1), nn.Conv2d(64, 64, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        other, x = self.c1(x), self.ca(self.c0(x))
        return self.cc(x + torch.relu(self.cb(x) + other))


class Twice(nn.Module):
    """Two outputs; of 33 rows the last group has fewer tiles."""

    def __init__(self) -> None:
        super().__init__()
        self.ca, self.cb = (nn.Conv2d(96, 64, 3, padding=1) for _ in range(2))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.ca(x), self.cb(x)


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (Narrow, (128, 7, 8)),
        (Branches, (64, 28, 28)),
        (Again, (16, 9, 24)),
        (Twice, (96, 33, 6)),
    ],
)
def test_sets_that_are_ahead_harm_nobody(module: type[nn.Module], shape: tuple[int, ...]) -> None:
    """Schedules that went wrong. Narrow: an early tile took the place of rows that the last windows
    of the layer before read. Branches: the second sum took the place of the operand while other
    sets were at the first. Again: sets that the first leaves idle took what was let through for it,
    at a gate that both had, and it waited forever. Twice: of the channels that drain, one alone has
    two tasks; the others' queues were taken to be as empty when its first was done."""
    torch.manual_seed(0)
    example = torch.randn(1, *shape)
    tosa = import_model(module().eval(), (example,), [(example,)])
    schedule = pathlib.Path(__file__).parent / "schedules" / f"{module.__name__.lower()}.json"
    program = compile_tosa(tosa, CompileOptions(schedule=schedule), name="ahead")
    reference, random = ReferenceModel(tosa), np.random.default_rng(0)
    for _ in range(2):
        levels = random.integers(-128, 128, example.shape, dtype=np.int8)
        levels = levels.reshape(program.inputs[0].array_shape)
        measured = program.execute([levels], keep_state=True).outputs
        for expected, made in zip(reference.run([levels]), measured, strict=True):
            np.testing.assert_array_equal(made, expected)


@pytest.mark.parametrize(
    ("name", "shape", "head"),
    [
        ("tall", (4, 2998, 8), nn.Conv2d(4, 16, 3, stride=2, padding=1)),
        ("wide", (512, 8, 64), nn.Conv2d(512, 16, 1)),
    ],
)
def test_inputs_of_any_shape_may_be_wanted_early(
    name: str, shape: tuple[int, ...], head: nn.Module
) -> None:
    """Of 2998 rows, single ones would be more pieces than a queue takes; a row of 64 x 512 bytes is
    more than a join that shares its memory has room for."""
    torch.manual_seed(0)
    example = torch.randn(1, *shape)
    module = nn.Sequential(head, nn.Conv2d(16, 16, 1)).eval()
    tosa = import_model(module, (example,), [(example,)])
    schedule = pathlib.Path(__file__).parent / "schedules" / f"{name}.json"
    check(compile_tosa(tosa, CompileOptions(schedule=schedule), name=name), ReferenceModel(tosa))


@pytest.mark.parametrize("budget", [8, pytest.param(200, marks=pytest.mark.slow)])
def test_any_legal_schedule_is_bit_exact(budget: int, tmp_path: pathlib.Path) -> None:
    @settings(
        max_examples=budget,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(case=cases())
    def run(case: Case) -> None:
        made = compile_any(case, tmp_path)
        assume(made is not None)
        assert made
        check(*made)

    run()


@pytest.mark.slow
def test_a_program_whose_streams_cannot_be_routed_is_planned_anew() -> None:
    """Without a column amid ve2302's 17 the best plan's streams want five of four wires; one with
    fewer core tiles keeps the tensors on the array all the same."""
    tosa = load_model("resnet18").to_tosa()
    options = CompileOptions(device="ve2302", avoid_tiles=((8, 2),))
    schedule = lower(tosa, options, "rcb").schedule
    assert schedule.resident
    assert schedule.streams_weights
