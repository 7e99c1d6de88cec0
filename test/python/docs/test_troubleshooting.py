"""docs/troubleshooting.md quotes messages that the product prints, and only such."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adfc.bench import compare
from adfc.cli.main import main
from adfc.driver.options import CompileOptions
from adfc.errors import AdfcError
from adfc.explain import explain_operator, explain_word
from adfc.frontend.load import load_model
from adfc.program import Program, compile_tosa
from adfc.runtime import Fault, FaultKind

WIDE = """
import torch

def model():
    return torch.nn.Conv2d(64, 16, 7, padding=3).eval(), (torch.ones(1, 64, 16, 4096),)

def odd():
    class Odd(torch.nn.Module):
        def forward(self, x):
            return torch.fft.fft(x).real
    return Odd().eval(), (torch.ones(1, 8),)
"""

COMMANDS = {
    "there is no model 'resnet88'": "fit resnet88",
    "unknown device 've2801'": "fit digits --device ve2801",
    "305 core tiles asked for, ve2802 has 304 that may be used": "fit digits --tiles 305",
    "the network cannot stay on npu1 with 4 core tiles": (
        "compile mobilenet_v2 --device npu1 --tiles 4 --resident -o x.rimfs"
    ),
    "does not fit ve2802: memtile data memory is exceeded by": "compile wide.py:model -o x.rimfs",
    "unsupported operators:": "fit wide.py:odd",
    "nowhere to write the image to": "compile digits",
    "the folder nowhere does not exist": "compile digits -o nowhere/x.rimfs",
    "--emit placd is no level": "compile digits --emit placd",
    "x.rimfs does not exist": "run x.rimfs",
    "not a program image: it does not begin with RIMF": "run wide.py",
    "no timeline format has this ending": "trace m.rimfs -o t.txt",
}
"""Messages, and commands that are answered with them."""


@pytest.fixture(scope="module")
def program() -> Program:
    tosa = load_model("digits", state_dict=None).to_tosa()
    return compile_tosa(tosa, CompileOptions(resident=False), name="digits")


def _deadlock(program: Program) -> None:
    start = program.replay.starts[0]
    program.loaded.inject([Fault(FaultKind.DEAD_TILE, start.tile)])
    try:
        program.execute([np.zeros(spec.array_shape, np.int8) for spec in program.inputs])
    finally:
        program.loaded.inject([])


def _compare(_: Program) -> None:
    compare({"programs": []}, {"programs": []})


CALLS: dict[str, Callable[[Program], object]] = {
    "deadlock: nothing in the array can move any more at word": _deadlock,
    "two records have no program in common": _compare,
    "inputs given, ": lambda program: program.quantize([]),
    "'stack1.cnov1' is no operator of the program": lambda program: explain_operator(
        program.replay, program.parts.kernels, "stack1.cnov1"
    ),
    "the program has no word 99999999": lambda program: explain_word(
        program.replay, program.parts.kernels, 99999999
    ),
}
"""Messages of what takes longer to bring about by a command."""


def test_each_message_of_the_page_is_tried_here(repository: Path) -> None:
    text = (repository / "docs/troubleshooting.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    tried = [*COMMANDS, *CALLS]
    assert len(quoted) == len(tried)
    assert all(any(message in line for message in tried) for line in quoted)


@pytest.mark.parametrize("message", COMMANDS)
def test_commands_print_them(
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wide.py").write_text(WIDE)
    monkeypatch.setattr(sys, "argv", ["adfc", *COMMANDS[message].split()])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("message", CALLS)
def test_programs_raise_them(message: str, program: Program) -> None:
    with pytest.raises(AdfcError) as caught:
        CALLS[message](program)
    assert message in caught.value.message
