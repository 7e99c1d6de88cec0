"""The timing model stays within its limits of published measurements, and docs/fidelity.md says so.

The published figures stand in adfc.fidelity.rows with their sources.
"""

from __future__ import annotations

import platform

import pytest

from adfc.fidelity import __main__ as command
from adfc.fidelity.rows import ROWS, Result, results

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="kernel code is compiled for this processor"
)


@pytest.fixture(scope="module")
def measured() -> tuple[Result, ...]:
    return results()


def test_every_row_is_within_its_limit_or_says_why_it_is_not_reproduced(
    measured: tuple[Result, ...],
) -> None:
    for result in measured:
        if result.error is None:
            assert result.row.remark.startswith("Not reproduced: ")
        elif result.row.limit is not None:
            assert abs(result.error) <= result.row.limit, result.row.workload


def test_all_rows_are_there() -> None:
    assert {row.number for row in ROWS} >= {"2", "3", "4", "7", "8", "13", "17", "18"}


def test_the_page_is_current(
    measured: tuple[Result, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "results", lambda: measured)
    assert command.main(["--check"]) == 0, capsys.readouterr().out
