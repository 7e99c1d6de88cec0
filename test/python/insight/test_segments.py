"""What a report says of a network in segments, whose cores are set up while weights are loaded."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from adfc.driver.options import CompileOptions
from adfc.frontend import import_model
from adfc.insight.attribution import layer_times
from adfc.insight.run import observe
from adfc.insight.timeline import Timeline
from adfc.program import Program, compile_tosa
from adfc.runtime import EventKind, Role, Who


@pytest.fixture(scope="module")
def program() -> Program:
    """Four layers that take turns on two core tiles: a load and a pipeline each."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(4, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(),
        nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 8, 1),
    )  # fmt: skip
    example = torch.randn(1, 4, 8, 8)
    tosa = import_model(network.eval(), (example,), [(example,)])
    return compile_tosa(tosa, CompileOptions(batch=3, tiles=2), name="turns")


@pytest.fixture(scope="module")
def timeline(program: Program) -> Timeline:
    return observe(program)


def test_cores_are_set_up_while_weights_are_loaded(timeline: Timeline) -> None:
    """Between the PHASE of a load and its wait, for the pipeline behind it."""
    assert [layer.cores for layer in timeline.replay.layers] == [0, 2] * 4
    began, ahead = -1, set[tuple[int, int]]()
    for step in timeline.replay.steps:
        began += step.instruction.mnemonic == "phase"
        if step.instruction.mnemonic == "load_core":
            ahead.add((began, step.phase))
    assert ahead == {(0, 1), (2, 3), (4, 5), (6, 7)}


def test_what_cores_do_belongs_to_pipelines(timeline: Timeline) -> None:
    for who, spans in timeline.spans.items():
        if Who.of(who).role is Role.CORE:
            assert {int(timeline.phase_of[span.number]) for span in spans} <= {1, 3, 5, 7}
    calls = list(timeline.of_kind(EventKind.CALL))
    assert {int(timeline.phase_of[span.number]) for span in calls} == {1, 3, 5, 7}


def test_a_pipeline_begins_when_its_weights_are_there(timeline: Timeline) -> None:
    times = {time.phase: time for time in layer_times(timeline)}
    for load, pipeline in ((0, 1), (2, 3), (4, 5), (6, 7)):
        assert not times[load].cores
        assert len(times[pipeline].cores) == 2
        assert times[load].end <= times[pipeline].start + 100, "the wait's last read"
    assert times[1].end <= times[2].start


def test_figures_of_images_need_no_other_events(program: Program) -> None:
    assert program.throughput() == program.report().throughput
