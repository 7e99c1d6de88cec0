"""A program that is not resident says why: at compilation, in its image and in its report."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from adfc.driver.options import CompileOptions
from adfc.driver.residency import ASKED, planned_again, unfit_layers
from adfc.frontend import import_model
from adfc.planner import Schedule
from adfc.planner.resident.steps import chain_layers, is_possible
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
    assert resident.why_through_ddr == resident.report().why_through_ddr == ""
    graph = resident.metadata.graph
    assert graph is not None and unfit_layers(graph) == ""
    asked = compiled(module, shape, CompileOptions(resident=False))
    assert asked.report().why_through_ddr == ASKED


def test_what_the_forms_do_not_tell_is_found_by_planning_again() -> None:
    """The planner compares estimates, or finds no room: for rows of 4 MB, say."""
    asked = compiled(nn.Conv2d(8, 8, 3), (1, 8, 6, 6), CompileOptions(resident=False))
    graph, device = asked.metadata.graph, asked.metadata.device
    schedule = Schedule.from_json(asked.schedule)
    assert graph is not None
    assert "would take an estimated" in planned_again(graph, schedule, device)
    (layer,) = graph.layers
    columns = replace(layer.columns, size=1 << 19)
    wide = replace(layer, input=(6, 1 << 19, 8), output=(4, (1 << 19) - 2, 8), columns=columns)
    assert "do not fit" in planned_again(replace(graph, layers=(wide,)), schedule, device)
