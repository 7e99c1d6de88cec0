"""tools/test: its closing line counts what the runners reported, and nothing fails unseen."""

import sys
from pathlib import Path

import pytest
import run_tests
from run_tests import Counts

JUNIT = """\
<testsuites><testsuite name="suite">
  <testcase name="good"/>
  <testcase name="also good"/>
  <testcase name="wrong"><failure message="no"/></testcase>
  <testcase name="crashed"><error message="no"/></testcase>
  <testcase name="left out"><skipped/></testcase>
</testsuite></testsuites>
"""


def writer(junit: Path, text: str, status: int) -> list[str | Path]:
    """A command that writes `text` to `junit` and exits with `status`."""
    code = (
        f"import sys, pathlib; pathlib.Path(sys.argv[1]).write_text({text!r}); sys.exit({status})"
    )
    return [sys.executable, "-c", code, junit]


def test_counts_of_a_junit_file(tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    assert run_tests.run_junit("suite", writer(junit, JUNIT, 1), junit) == Counts(2, 2, 1)


@pytest.mark.parametrize("text", ["", "<testsuites/>", "<testsuites><half"])
@pytest.mark.parametrize("status", [0, 2])
def test_a_suite_without_tests_is_a_failure(tmp_path: Path, text: str, status: int) -> None:
    junit = tmp_path / "junit.xml"
    assert run_tests.run_junit("suite", writer(junit, text, status), junit) == Counts(failed=1)


def test_results_of_an_earlier_run_do_not_count(tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    junit.write_text(JUNIT)
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    assert run_tests.run_junit("suite", command, junit) == Counts(failed=1)


def test_a_crash_after_good_tests_is_a_failure(tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    good = '<testsuites><testsuite><testcase name="good"/></testsuite></testsuites>'
    assert run_tests.run_junit("suite", writer(junit, good, 139), junit) == Counts(1, 1)


def test_closing_line() -> None:
    assert str(Counts(3, 0) + Counts(1, 2)) == "4 passed, 2 failed"
    assert str(Counts(3, 0, 1)) == "3 passed, 0 failed, 1 skipped"


def test_a_program_that_is_not_there_fails_its_check() -> None:
    assert run_tests.run(["no-such-program-of-adfc"]) != 0
