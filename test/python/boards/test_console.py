"""Reading a board's console: what does not arrive whole is an error, not an output."""

from __future__ import annotations

import zlib

import pytest

from adfc.boards.console import Report, RunLine
from adfc.errors import ExecutionError

OUTPUT = bytes(range(40))
LINES = [
    "noise of a boot loader",
    "adfc: running\r",
    "@counter cycles 12\r",
    f"@output 40 {zlib.crc32(OUTPUT):08x}",
    f"@data 00000000 {OUTPUT[:32].hex()}",
    f"@data 00000020 {OUTPUT[32:].hex()}",
    "@end 0",
]


def _read(lines: list[str]) -> tuple[Report, list[str]]:
    said: list[str] = []
    report = Report(said.append)
    for line in lines:
        report.line(line)
    return report, said


def test_a_whole_report() -> None:
    report, said = _read(LINES)
    assert said == ["running"]
    assert report.counters == {"cycles": 12}
    assert report.checked_output() == OUTPUT
    assert report.ended == 0


def test_runs() -> None:
    report, _ = _read(["@run 900 12 0000abcd", "@run 901 12 0000abcd"])
    assert report.runs == [RunLine(900, 12, 0xABCD), RunLine(901, 12, 0xABCD)]


def test_a_missing_line_of_the_output() -> None:
    with pytest.raises(ExecutionError, match="a line of the output is missing"):
        _read([*LINES[:4], *LINES[5:]])


@pytest.mark.parametrize("lines", [LINES[:5], [*LINES[:4]], LINES[:3]])
def test_an_output_cut_short(lines: list[str]) -> None:
    report, _ = _read(lines)
    if len(lines) > 3:
        with pytest.raises(ExecutionError, match="did not arrive whole"):
            report.checked_output()
    assert report.ended is None


def test_a_changed_byte_of_the_output() -> None:
    report, _ = _read([*LINES[:4], LINES[4].replace("01", "03"), *LINES[5:]])
    with pytest.raises(ExecutionError, match="did not arrive whole"):
        report.checked_output()


@pytest.mark.parametrize("line", ["@counter cycles", "@counter cycles x", "@data 0 zz", "@end"])
def test_a_line_that_no_board_writes(line: str) -> None:
    with pytest.raises(ExecutionError, match="the board's console: "):
        _read([line])


def test_faults_are_collected() -> None:
    report, _ = _read(["@fault deadlock: nothing moves", "@fault (2,3) waits", "@end 2"])
    assert report.faults == ["deadlock: nothing moves", "(2,3) waits"]
    assert report.ended == 2
