"""A program that is not resident says why: at compilation, in its image and in its report."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from adfc.driver.options import CompileOptions
from adfc.frontend import import_model
from adfc.planner import Schedule, choice, choose
from adfc.planner.resident import search
from adfc.planner.resident.steps import chain_layers, is_possible
from adfc.planner.search import plan_layers
from adfc.planner.through_ddr import ASKED, TOO_LARGE, unfit_layers
from adfc.program import Program, compile_tosa


class Joined(nn.Module):
    """Halves that are put together, up-sampling, and a product of two features."""

    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Conv2d(8, 8, 1)
        self.right = nn.Conv2d(8, 8, 1)
        self.up = nn.Upsample(scale_factor=2)
        self.last = nn.Conv2d(16, 8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.cat([self.left(x), self.right(x)], 1)
        return self.last(self.up(x))


def compiled(module: nn.Module, shape: tuple[int, ...], options: CompileOptions) -> Program:
    torch.manual_seed(0)
    example = (torch.randn(shape),)
    return compile_tosa(import_model(module.eval(), example, [example]), options, name="m")


def test_layers_and_their_reasons_are_named() -> None:
    program = compiled(Joined(), (1, 8, 6, 6), CompileOptions())
    why = "left, right, up: reads or makes a part of a tensor; up: makes an image larger"
    assert program.metadata.why_through_ddr == why
    assert program.report().why_through_ddr == why
    assert program.summary()["why_through_ddr"] == why


def test_each_layer_that_is_refused_has_a_reason() -> None:
    """The list is the planner's: nothing is called unfit that it takes, and nothing left out."""
    graph = compiled(Joined(), (1, 8, 6, 6), CompileOptions()).metadata.graph
    assert graph is not None
    refused = {s.head.name for s in chain_layers(graph) if not is_possible(graph, s)}
    assert refused == {"left", "right", "up"}


def test_a_resident_program_has_no_reason_and_one_that_was_asked_for_says_so() -> None:
    module, shape = nn.Conv2d(8, 8, 3), (1, 8, 6, 6)
    resident = compiled(module, shape, CompileOptions(resident=True))
    assert resident.metadata.why_through_ddr == resident.report().why_through_ddr == ""
    graph = resident.metadata.graph
    assert graph is not None and unfit_layers(graph) == ""
    asked = compiled(module, shape, CompileOptions(resident=False))
    assert asked.report().why_through_ddr == ASKED


def test_a_network_that_does_not_fit_says_so() -> None:
    """1.4 MB of results; a memory tile has 512 KB, and four core tiles have too few of those."""
    program = compiled(nn.Conv2d(8, 8, 3), (1, 8, 420, 420), CompileOptions(tiles=4))
    assert program.metadata.why_through_ddr == TOO_LARGE


def test_a_resident_program_that_would_be_slower_is_named_with_both_estimates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = compiled(nn.Conv2d(8, 8, 3), (1, 8, 6, 6), CompileOptions(resident=False))
    graph, device = program.metadata.graph, program.metadata.device
    assert graph is not None
    schedule = choose(graph, device, tiles=4, resident=True).schedule

    def slow(*_: object, **__: object) -> tuple[Schedule, int]:
        return schedule, 1_234_567

    monkeypatch.setattr(choice, "plan_resident", slow)
    found = choose(graph, device, tiles=4)
    _, cycles = plan_layers(graph, device, tiles=4)
    assert found.schedule.resident is None
    assert found.why_through_ddr == (
        f"a resident program would take an estimated 1,234,567 cycles, this one {cycles:,}"
    )


def test_reports_plan_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the image says is enough: planning takes seconds for a large network."""
    program = compiled(Joined(), (1, 8, 6, 6), CompileOptions())

    def again(*_: object, **__: object) -> None:
        raise AssertionError("planned once more")

    for module in (choice, search):
        monkeypatch.setattr(module, "plan_resident", again)
    why = program.report().why_through_ddr
    assert why and f"through DDR: {why}" in program.explain_layer("last").notes
