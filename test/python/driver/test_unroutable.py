"""Streams without a way are an error of its own, which names the segment; what is tried then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from adfc.driver.compile import lower
from adfc.driver.ir import Ir, parse
from adfc.driver.options import CompileOptions
from adfc.driver.passes import ARRAY, Stage
from adfc.errors import CompileError, UnroutableError
from adfc.frontend import import_model
from adfc.planner.pipeline import Asked, plan_pipeline

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


def test_of_a_pipeline_the_segment_is_planned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """With fewer streams; and where that does not help either, with a longer period."""
    asked: list[tuple[Asked, ...]] = []
    periods: list[tuple[int, ...]] = []
    said: list[str] = []
    run = Ir.run

    def plan(*arguments: Any, **terms: Any) -> Any:
        schedule, found = plan_pipeline(*arguments, **terms)
        asked.append(terms["asked"])
        periods.append(found)
        return schedule, found

    def fail_twice(module: Ir, stage: Stage, before: Callable[[str], None]) -> None:
        if stage is ARRAY and len(asked) <= 2:
            raise UnroutableError("no way", segment=1)
        run(module, stage, before)

    monkeypatch.setattr("adfc.driver.compile.plan_pipeline", plan)
    monkeypatch.setattr(Ir, "run", fail_twice)
    torch.manual_seed(0)
    layers = [nn.Conv2d(4, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 1)]
    example = torch.randn(1, 4, 8, 8)
    tosa = import_model(nn.Sequential(*layers).eval(), (example,), [(example,)])
    lower(tosa, CompileOptions(tiles=2, batch=2), ARRAY.level, said.append)
    fewer, longer = Asked().easier(0), Asked().easier(0).easier(periods[1][1])
    assert asked == [(), (Asked(), fewer), (Asked(), longer)]
    again = "planning fewer streams or a longer period: not all streams could be routed"
    assert [word for word in said if "planning" in word] == ["planning", again, again]
