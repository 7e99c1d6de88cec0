"""Engine, verifier and RIMFS stay small: code, variables and stack, on three processors."""

import pytest

from adfc.footprint import BOARDS, TARGETS, docs, measure, measure_network


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_limits(name: str) -> None:
    """Code under its limit, no heap, no variables, a stack under 512 bytes, only RHAL and mem*."""
    assert measure(name).problems(name) == []


def test_the_readme_tells_the_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    assert docs.main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", BOARDS)
def test_a_platform_manager_with_its_network_stays_below_32_kb(name: str) -> None:
    """As it is linked into programs, with BearSSL and without; every part is there.

    Of the parts, compiled each by itself, RTPM, lwIP and BearSSL take 15, 13 and 7 KB.
    """
    made = measure_network(name)
    assert made.problems(name) == []
    assert made.text > 20_000
    assert made.signed > made.text + 4_000
    assert made.data > 16_384, "lwIP's memory alone"
