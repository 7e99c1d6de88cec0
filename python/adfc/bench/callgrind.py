"""Instructions that the engine takes on this machine, counted by valgrind's callgrind."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from adfc.bench import play
from adfc.errors import ToolError
from adfc.external_tool import find_tool, run_tool

TIME_LIMIT = 600.0
"""Seconds for one process: callgrind takes some 50 times as long as the processor."""

_ENGINE = "engine_run"
_FUNCTIONS = (_ENGINE, "play", "perform", "bind_buffer")
"""Of runtime/engine/engine.c; a compiler may inline some of them into others."""

_SUMMARY = re.compile(r"^summary: (\d+)$", re.MULTILINE)
_SELF = re.compile(r"^\S+ (\d+)$")


@dataclass(frozen=True)
class Counted:
    """Instructions of each run of one process, from engine_run()'s first to its last.

    `engine` are its own, `whole` those of the RHAL, the emulated array and the kernels too.
    """

    engine: tuple[int, ...]
    whole: tuple[int, ...]


def count_instructions(image: Path, *, runs: int = 3, processes: int = 2) -> list[Counted]:
    """Play `image` `runs` times in each of `processes` processes under callgrind.

    Valgrind's processor has neither AMX nor AVX-512, so that kernels for plain x86-64 run. Raises
    ToolError where valgrind is missing, fails, or takes longer than TIME_LIMIT seconds.
    """
    valgrind = find_tool(("valgrind",), hint="install valgrind (Debian: valgrind)")
    return [_process(valgrind, image, runs) for _ in range(processes)]


def _process(valgrind: Path, image: Path, runs: int) -> Counted:
    with tempfile.TemporaryDirectory(prefix="adfc-") as scratch:
        out = Path(scratch) / "counts"
        options = [
            *("--tool=callgrind", "--collect-atstart=no", f"--toggle-collect={_ENGINE}"),
            *(f"--dump-after={_ENGINE}", "--compress-strings=no", "--compress-pos=no"),
            f"--callgrind-out-file={out}",
        ]
        script = Path(play.__file__)
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "0"}
        arguments = [*options, sys.executable, str(script), str(image), str(runs)]
        done = run_tool(valgrind, arguments, timeout=TIME_LIMIT, environment=environment)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise ToolError(f"valgrind: exit status {done.returncode}: {last}")
        texts = [_dump(out, run).read_text() for run in range(1, runs + 1)]
    return Counted(tuple(map(_own, texts)), tuple(map(_whole, texts)))


def _dump(out: Path, run: int) -> Path:
    """What callgrind wrote when engine_run() returned for the `run`th time."""
    path = out.with_name(f"{out.name}.{run}")
    if not path.is_file():
        raise ToolError(f"callgrind saw no run {run} of {_ENGINE}(): is the library stripped?")
    return path


def _whole(text: str) -> int:
    found = _SUMMARY.search(text)
    if found is None:
        raise ToolError("callgrind's file has no summary")
    return int(found[1])


def _own(text: str) -> int:
    """Instructions of the engine's own functions.

    In callgrind's format a line of two numbers is a cost; the one after `calls=` is the callee's.
    """
    inside = skip = False
    total = 0
    for line in text.splitlines():
        if line.startswith("fn="):
            inside = line[len("fn=") :].partition("'")[0] in _FUNCTIONS  # 'n: called by itself
        elif line.startswith("calls="):
            skip = True
        elif inside and (match := _SELF.match(line)):
            total += 0 if skip else int(match[1])
            skip = False
        elif _SELF.match(line):
            skip = False
    return total
