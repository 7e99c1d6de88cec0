"""What control takes of a resident program, and that more core tiles never make one slower."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from adfc.driver.compile import compile_image
from adfc.driver.options import CompileOptions
from adfc.frontend import import_model
from adfc.planner.resident.control import set_up_cycles, start_cycles
from adfc.planner.resident.partitions import Partition
from adfc.program import Program
from adfc.spec import devices

DEVICE = devices.load("ve2802")
WRITE, READ, COLD = (
    DEVICE.cycles(f"control_{name}_cycles") for name in ("write", "read", "push_cold")
)


@dataclass(frozen=True)
class Way:
    """What counts of a split."""

    grid: tuple[int, int]
    descriptors: int
    members: int
    rounds: int = 1
    busy: tuple[int, ...] = (0,)


def test_a_step_s_starts_are_counted() -> None:
    """Two of four sets, 3 cores: for each set a task of windows, a relay and a store for each of 2
    hubs, with its wait; a task for each core; a lock for each hub."""
    partition = Partition(4, 2, 2)
    three = start_cycles(partition, Way((1, 3), 0, 2), DEVICE)
    assert three == (2 + 2 + 4 + 3 + 2) * WRITE + 4 * READ
    # Of cores that share input channels one of two sends: three sets, and still three cores.
    pairs = start_cycles(partition, Way((1, 3), 0, 1), DEVICE)
    assert pairs == (3 + 3 + 6 + 3 + 2) * WRITE + 6 * READ


def test_descriptors_cost_where_a_hub_has_too_few() -> None:
    """A hub has 48, 24 for even channels: one set's windows of 20 steps fit them, of 40 do not."""
    partition = Partition(1, 1, 1)
    step = start_cycles(partition, Way((1, 1), 1, 1), DEVICE)

    def costs(steps: int) -> list[float]:
        splits = [Way((1, 1), 1, 1)] * steps
        return set_up_cycles(splits, [False] * steps, partition, DEVICE)

    assert costs(12) == [step] * 12
    assert all(cycles > step for cycles in costs(40))


def test_each_set_that_drains_results_has_a_shim_to_start() -> None:
    """Starting one that is idle is what takes longest. It is done early, one in each step from the
    second on; the last step has what is left."""
    partition = Partition(4, 1, 1)
    splits = [Way((1, 1), 1, 1), Way((1, 1), 1, 1), Way((1, 4), 4, 1)]
    with_drains = set_up_cycles(splits, [False, False, True], partition, DEVICE)
    without = set_up_cycles(splits, [False] * 3, partition, DEVICE)
    more = [a - b for a, b in zip(with_drains, without, strict=True)]
    assert more[0] == 0
    assert COLD < more[1] < 1.25 * COLD
    assert 3 * COLD < more[2] < 3.75 * COLD


def test_shims_are_started_where_control_has_most_time() -> None:
    """With that step whose forerunner takes longest, until it has less time left than another;
    never with the step that drains, whose way is set up by then."""
    partition = Partition(4, 1, 1)
    works = [0, 4 * COLD, 3 * COLD, 0, 9 * COLD]
    splits = [Way((1, 1), 1, 1, busy=(work,)) for work in works] + [Way((1, 4), 4, 1)]
    finals = [False] * len(works) + [True]
    spread = set_up_cycles(splits, finals, partition, DEVICE, spare=True)
    without = set_up_cycles(splits, [False] * len(splits), partition, DEVICE)
    more = [a - b for a, b in zip(spread, without, strict=True)]
    assert [round(cycles / COLD) for cycles in more] == [0, 0, 2, 2, 0, 0]


def dense() -> nn.Module:
    """Fully connected layers, bound by their weights."""
    return nn.Sequential(nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 64), nn.Linear(64, 128))


def separable() -> nn.Module:
    """Convolutions of each channel alone and of pixels, by turns."""
    layers: list[nn.Module] = [nn.Conv2d(8, 16, 3, stride=2), nn.ReLU()]
    for _ in range(2):
        layers += [nn.Conv2d(16, 16, 3, padding=1, groups=16), nn.Conv2d(16, 16, 1), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))


def plain() -> nn.Module:
    """Few small convolutions: control takes nearly all of the time."""
    return nn.Sequential(nn.Conv2d(4, 16, 3), nn.ReLU(), nn.Conv2d(16, 32, 3), nn.MaxPool2d(2))


@pytest.mark.parametrize(
    ("make", "shape"),
    [(dense, (1, 256)), (separable, (1, 8, 17, 17)), (plain, (1, 4, 12, 12))],
)
def test_more_core_tiles_are_never_slower(
    make: Callable[[], nn.Module], shape: tuple[int, ...]
) -> None:
    torch.manual_seed(0)
    example = (torch.randn(shape),)
    tosa = import_model(make().eval(), example, [example])
    cycles: list[int] = []
    for tiles in (1, 2, 8, 16, 28):
        options = CompileOptions(tiles=tiles)
        program = Program(compile_image(tosa, options, name="m", isas=("x86_64",)))
        zeros = [np.zeros(spec.array_shape, np.int8) for spec in program.inputs]
        program.execute(zeros)
        cycles.append(program.execute(zeros, keep_state=True).cost.cycles)
    assert cycles == sorted(cycles, reverse=True)
