"""Streams without a way are an error of its own, which names the segment; what is tried then."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from adfc.driver.compile import lower
from adfc.driver.ir import Ir, parse
from adfc.driver.options import CompileOptions
from adfc.driver.passes import ARRAY, Stage
from adfc.driver.route_tries import Plans, RouteTries
from adfc.errors import CapacityError, CompileError, UnroutableError
from adfc.frontend import import_model
from adfc.planner.pipeline import Asked, plan_pipelines
from adfc.planner.schedule import Schedule

PLACE = Stage("placed", ("adf-place",))


def crowded(phase: str, streams: int = 12) -> str:
    """So many streams from two memtiles of a column to cores: six ways lead north, and four south
    (AM020)."""
    lines: list[str] = []
    for i in range(streams):
        lines += [
            f"%c{i} = adf.tile core",
            f"%w{i} = adf.window on %c{i} depth 1 bytes 64",
            f"adf.stream @s{i} from %m{i % 2} to %c{i}",
            f"adf.dma on %m{i % 2} mm2s stream @s{i} {{ adf.bd %a{i % 2} offset 0"
            " dims [<16 x 1>] acquire <full >= 1> release <empty + 1> }",
            f"adf.dma on %c{i} s2mm stream @s{i} {{ adf.bd %w{i} offset 0"
            " dims [<16 x 1>] acquire <empty >= 1> release <full + 1> }",
        ]
    body = "\n".join(lines)
    return f"""
    adf.program @crowded device "ve2802" tiles {streams} avoid [] {{
      adf.phase {phase} {{
        %m0 = adf.tile mem at(5, 1)
        %m1 = adf.tile mem at(5, 2)
        %a0 = adf.window on %m0 depth 1 bytes 64
        %a1 = adf.window on %m1 depth 1 bytes 64
        {body}
      }}
    }}"""


def test_eight_streams_find_their_way() -> None:
    parse(crowded('@p layer "p" macs 0', streams=8)).run(PLACE)


@pytest.mark.parametrize(
    ("phase", "segment"),
    [('@pipeline_1 layer "p" macs 0', None), ('@other layer "p" macs 0 segment 2', 2)],
)
def test_the_error_names_the_segment(phase: str, segment: int | None) -> None:
    """By the phase's attribute: its name may be another where a tensor has it."""
    with pytest.raises(
        UnroutableError, match=r"placed: .*has no placement whose streams"
    ) as caught:
        parse(crowded(phase)).run(PLACE)
    assert caught.value.segment == segment


def test_what_cannot_be_placed_is_another_error() -> None:
    text = crowded('@p layer "p" macs 0').replace("tiles 12", "tiles 11")
    with pytest.raises(CompileError, match="cannot be placed") as caught:
        parse(text).run(PLACE)
    assert not isinstance(caught.value, UnroutableError)


class Tries:
    """Plans that are asked for, of which streams of segment 1 find no way `failures` times; at most
    `numbers` of segments are planned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failures: int, numbers: int) -> None:
        self.asked: list[tuple[Asked, ...]] = []
        self.plans: list[Plans] = []
        self.segments: list[int] = []
        self.said: list[str] = []
        self._failures, self._numbers, self._run = failures, numbers, Ir.run
        monkeypatch.setattr("adfc.driver.compile.plan_pipelines", self._plan)
        monkeypatch.setattr(Ir, "run", lambda *given: self._fail(*given))  # noqa: PLW0108 (a method)

    def _plan(self, *arguments: Any, **terms: Any) -> Plans:
        self.asked.append(terms["asked"])
        self.plans.append(plan_pipelines(*arguments, **terms)[: self._numbers])
        return self.plans[-1]

    def _fail(self, module: Ir, stage: Stage, before: Callable[[str], None]) -> None:
        if stage is ARRAY:
            later = re.findall(r"segment = (\d)", module.text())
            self.segments.append(1 + max(map(int, later), default=0))
        if stage is ARRAY and len(self.segments) <= self._failures:
            raise UnroutableError("no way", segment=1)
        self._run(module, stage, before)

    def lower(self) -> None:
        torch.manual_seed(0)
        layers = [nn.Conv2d(4, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 1)]
        example = torch.randn(1, 4, 8, 8)
        tosa = import_model(nn.Sequential(*layers).eval(), (example,), [(example,)])
        lower(tosa, CompileOptions(tiles=2, batch=2), ARRAY.level, self.said.append)


def test_of_a_pipeline_the_segment_is_planned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """With fewer streams; and where that does not help either, with a longer period."""
    tries = Tries(monkeypatch, failures=2, numbers=1)
    tries.lower()
    (_, periods) = tries.plans[1][0]
    fewer, longer = Asked().easier(0), Asked().easier(0).easier(periods[1])
    assert tries.asked == [(), (Asked(), fewer), (Asked(), longer)]
    again = "planning fewer streams or a longer period: not all streams could be routed"
    assert [word for word in tries.said if "planning" in word] == ["planning", again, again]


def test_other_numbers_of_segments_are_tried_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are planned already; only where none of them can be routed, the best is eased."""
    tries = Tries(monkeypatch, failures=2, numbers=2)
    tries.lower()
    first, second = (len(periods) for _, periods in tries.plans[0])
    assert first != second
    assert tries.segments == [first, second, first]
    assert tries.asked[1:] == [(Asked(), Asked().easier(0), *(Asked(),) * (first - 2))]


def test_a_plan_without_room_leaves_the_others() -> None:
    """Each may be tried nine times, and is eased in turn."""
    asked: list[tuple[Asked, ...]] = []

    def plan(asked_for: tuple[Asked, ...]) -> Plans:
        asked.append(asked_for)
        if not asked_for:
            return [(Schedule("d", 1, (), {}), (100,) * count) for count in (2, 3)]
        if len(asked_for) == 2:
            raise CapacityError("no room", hint="")
        return [(Schedule("d", 1, (), {}), (100,) * 3)]

    tries = RouteTries(lambda *, asked: plan(asked))
    said = [tries.failed(0) for _ in range(18)]
    assert said == [
        "another number of segments",
        *["fewer streams or a longer period"] * 16,
        "",
    ]
    assert [len(each) for each in asked] == [0, 2, *[3] * 16]
    assert asked[2][0] == Asked().easier(0)
