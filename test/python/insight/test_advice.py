"""Advice about the slowest layer: never more core tiles where there can be none."""

from __future__ import annotations

import pytest

from adfc.insight.advice import Sharing, advice
from adfc.insight.attribution import KERNEL, NOT_RUNNING
from adfc.insight.causes import Reason


@pytest.mark.parametrize(
    ("cores", "tiles", "most", "said"),
    [
        (28, 28, 224, "more core tiles may help (--tiles, ve2802 has 304)"),
        (304, 304, 3136, "it has all 304 core tiles of ve2802"),
        (
            24,
            28,
            224,
            "of 28 core tiles the planner found no faster way to use more than 24 for it; of more "
            "(--tiles, ve2802 has 304) it may",
        ),
        (8, 28, 16, "of 28 core tiles the planner found no faster way to use more than 8 for it"),
        (2, 28, 2, "no more than 2 core tiles can share its rows and channels"),
        (4, 4, 4, "no more than 4 core tiles can share its rows and channels"),
        (1, 28, None, "more kernels side by side would help"),
    ],
)
def test_core_tiles_are_advised_only_where_there_can_be_more(
    cores: int, tiles: int, most: int | None, said: str
) -> None:
    shared = Sharing(cores, tiles, "ve2802", 304, most)
    for reason in (KERNEL, Reason.STREAM):
        assert said in advice(reason, shared)
    for reason in (Reason.CONTROL, Reason.DDR, NOT_RUNNING):
        assert "core tiles" not in advice(reason, shared)


def test_every_reason_has_advice() -> None:
    shared = Sharing(1, 28, "ve2802", 304, 2)
    assert [r for r in Reason if r is not Reason.KERNEL and not advice(r, shared)] == []
