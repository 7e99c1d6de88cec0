"""When something is wrong: near names, times of steps, a report to repeat it, a check of tools."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cli_runner import Adfc

from adfc._native import native_file
from adfc.cli import completion
from adfc.cli import main as entry
from adfc.doctor import all_checks
from adfc.doctor import checks as doctor_checks
from adfc.driver import passes
from adfc.driver.ir import Ir
from adfc.errors import ToolError


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("compil", "resnet8"), "compile"),
        (("fit", "resnet88"), "resnet8"),
        (("fit", "resnet8", "--device", "ve2801"), "ve2802"),
        (("fit", "resnet8", "--tile", "4"), "--tiles"),
        (("fit", "resnet8", "--processor", "aarch46"), "aarch64"),
        (("compile", "resnet8", "--emit", "placd"), "placed"),
        (("deploy", "x.rimfs", "--board", "versall", "-o", "x.elf"), "versal"),
    ],
)
def test_a_near_miss_is_met_with_the_right_name(
    adfc: Adfc, words: tuple[str, ...], near: str
) -> None:
    outcome = adfc(*words)
    assert outcome.status != 0
    assert near in outcome.stderr.replace(words[-1], "")
    assert "Traceback" not in outcome.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("report", "x.rimfs", "--html"), "adfc report: Option '--html' requires an argument"),
        (("report",), "adfc report: Missing argument 'IMAGE'"),
        (("fit", "digits", "--tiles", "x"), "'--tiles': Input should be a valid integer"),
        (("report", "x.rimfs", "--plot", "arry"), "did you mean array?"),
        (("fit", "digits", "--zzzz"), "adfc fit --help lists the options"),
        (("fit", "digits", "--tile", "4"), "did you mean --tiles or --avoid-tile?"),
        (("op", "chek"), "did you mean check?"),
        (("zzzz",), "adfc --help lists the commands"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_a_hint(
    adfc: Adfc, words: tuple[str, ...], said: str
) -> None:
    outcome = adfc(*words)
    assert outcome.status == 2
    assert said in outcome.stderr
    first, hint = outcome.stderr.splitlines()
    assert first.startswith("adfc: error: ")
    assert hint.startswith("  hint: ")


def test_without_words_the_help_is_told(adfc: Adfc) -> None:
    outcome = adfc()
    assert outcome.status == 2
    assert "Commands:" in outcome.stderr


def test_verbose_tells_each_pass_with_its_time(adfc: Adfc, tmp_path: Path) -> None:
    outcome = adfc("compile", "digits", "-o", tmp_path / "x.rimfs", "--verbose", "--no-resident")
    assert outcome.status == 0
    lines = [line.split(" s  ") for line in outcome.stderr.splitlines() if " s  " in line]
    stages = (passes.FUSE, passes.ARRAY, passes.CONTROL)
    names = [name for stage in stages for name in stage.passes]
    assert [name for _, name in lines if name in names] == names
    *parts, whole = [float(seconds) for seconds, _ in lines]
    assert sum(parts) == pytest.approx(whole, abs=0.01 * len(lines))


def test_crash_report_repeats_the_pass_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bug in the middle of the pipeline: told as one, and packed so that the pass runs alone."""
    run = Ir.run

    def broken(self: Ir, stage: passes.Stage, before=lambda _: None) -> None:
        def check(name: str) -> None:
            before(name)
            if name == "adf-route":
                raise ZeroDivisionError("no such luck")

        run(self, stage, check)

    report = tmp_path / "r.zip"
    words = ["compile", "digits", "-o", str(tmp_path / "x.rimfs"), "--crash-report", str(report)]
    monkeypatch.setattr(Ir, "run", broken)
    monkeypatch.setattr(sys, "argv", ["adfc", *words])
    with pytest.raises(SystemExit) as stopped:
        entry.main()
    assert stopped.value.code == 70
    told = capsys.readouterr().err
    assert "internal error: ZeroDivisionError: no such luck (test_help_in_need.py:" in told
    assert "--crash-report" in told
    assert str(report) in told
    with zipfile.ZipFile(report) as archive:
        contents = {name: archive.read(name).decode() for name in archive.namelist()}
    found = json.loads(contents["report.json"])
    assert found["command"] == words
    assert found["state"] == "in pass adf-route"
    assert found["passes"][-3:] == ["adf-tile", "adf-place", "adf-route"]
    assert "ZeroDivisionError" in found["error"]
    assert found["environment"]["torch"]
    assert "tosa.conv2d" in contents["input.mlir"]
    before = tmp_path / "before.mlir"
    before.write_text(contents["before.mlir"])
    alone = subprocess.run(
        [native_file("bin/adf-opt"), "--pass-pipeline=builtin.module(adf-route)", before],
        capture_output=True,
        text=True,
        check=False,
    )
    assert alone.returncode == 0, alone.stderr


def test_doctor_finds_this_installation_well(adfc: Adfc) -> None:
    outcome = adfc("doctor", "--json")
    assert outcome.status == 0
    found = {check["name"]: check for check in json.loads(outcome.stdout)["checks"]}
    assert found.keys() >= {"torch", "libADFC.so", "clang-22", "qemu-system-aarch64"}
    assert all(check["ok"] for check in found.values() if check["needed"])


def test_doctor_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(names: tuple[str, ...], *_: object, hint: str) -> Path:
        raise ToolError(f"{names[0]} is not installed", hint=hint)

    def missing(name: str) -> str:
        raise doctor_checks.PackageNotFoundError(name)

    monkeypatch.setattr(doctor_checks, "find_tool", absent)
    monkeypatch.setattr(doctor_checks, "version", missing)
    found = {check.name: check for check in all_checks()}
    assert found["torch"].needed
    assert found["torch"].remedy == "pip install torch"
    assert not found["pillow"].needed
    clang = found["clang-22"]
    assert not clang.ok
    assert clang.remedy == "apt-get install clang-22"
    assert "adfc deploy" in clang.without
    assert "versal" in found["qemu-system-aarch64"].without


def test_doctor_fails_where_something_needed_is_missing(
    adfc: Adfc, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> Path:
        raise ToolError(f"{name} has not been built")

    monkeypatch.setattr(doctor_checks, "native_file", broken)
    outcome = adfc("doctor")
    assert outcome.status != 0
    assert "MISSING libADFC.so" in outcome.stdout
    assert "tools/setup" in outcome.stdout


def test_names_are_completed() -> None:
    assert completion.models("resnet1") == ["resnet18"]
    assert completion.device_names("ve") == ["ve2802", "ve2302"]
    assert "versal" in completion.boards("ver")


@pytest.mark.parametrize(
    "shell",
    [
        "bash",
        pytest.param("zsh", marks=pytest.mark.slow),
        pytest.param("fish", marks=pytest.mark.slow),
    ],
)
def test_shells_ask_for_completions(shell: str) -> None:
    """As the script that `adfc --show-completion` prints does."""
    words = "adfc fit resnet8 --device ve"
    environment = {
        "_ADFC_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": words,
        "COMP_CWORD": "4",
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "_TYPER_COMPLETE_WORD_TO_COMPLETE": "ve",
    }
    completed = subprocess.run(
        [sys.executable, "-m", "adfc.cli.main"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ve2802" in completed.stdout
    assert "npu1" not in completed.stdout
