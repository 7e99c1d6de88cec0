"""Engine, verifier and RIMFS stay small: code, variables and stack, on three processors."""

import pytest

from adfc.footprint import TARGETS, docs, measure


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_limits(name: str) -> None:
    """Code under its limit, no heap, no variables, a stack under 512 bytes, only RHAL and mem*."""
    assert measure(name).problems(name) == []


def test_the_readme_tells_the_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    assert docs.main(["--check"]) == 0, capsys.readouterr().out
