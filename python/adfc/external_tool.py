"""Running external programs: found by name, bounded in time, clear when they fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from adfc.errors import ToolError


def find_tool(names: Sequence[str], directories: Sequence[Path] = (), *, hint: str) -> Path:
    """The first of `names` in this Python's bin directory, in PATH, or in `directories`.

    Raises ToolError with `hint` where there is none.
    """
    searched = [Path(sys.executable).parent, *directories]
    for name in names:
        for directory in searched:
            if (directory / name).is_file():
                return directory / name
        found = shutil.which(name)
        if found:
            return Path(found)
    raise ToolError(f"{names[0]} is not installed", hint=hint)


def run_tool(
    tool: Path,
    arguments: Sequence[str],
    *,
    stdin: str = "",
    timeout: float = 120.0,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs a tool to its end, whatever its exit status; `timeout` is in seconds. `environment`: in
    place of this process's variables.

    Raises ToolError where it cannot be started or does not end.
    """
    try:
        return subprocess.run(
            [str(tool), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{tool.name} did not end within {timeout:g} s") from error
    except OSError as error:
        raise ToolError(f"{tool} cannot be started: {error}") from error


def failure_text(result: subprocess.CompletedProcess[str]) -> str:
    """The first line in which a failed tool says what is wrong, cut to a readable length."""
    lines = [line.strip() for line in result.stderr.splitlines() if line.strip()]
    for line in lines:
        if "error:" in line or "ERROR" in line:
            return line[:300]
    return lines[0][:300] if lines else f"exit status {result.returncode}"
