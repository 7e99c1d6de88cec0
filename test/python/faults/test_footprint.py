"""Engine, verifier and RIMFS stay small: code, variables and stack, on three processors."""

import pytest

from adfc.footprint import TARGETS, measure


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_limits(name: str) -> None:
    assert measure(name).problems(name) == []
