"""Time and peak memory of compiling a model and of one emulated inference of it.

Each step runs as a user would run it, in a process of its own; a process's peak memory is what the
kernel reports of it (`ru_maxrss`).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """One process: wall time in seconds, peak memory in MiB, and what it printed."""

    seconds: float
    peak_mib: float
    output: str


@dataclass(frozen=True)
class Result:
    """Figures of one model."""

    model: str
    compile_seconds: float
    compile_peak_mib: float
    inference_ms: float
    inference_peak_mib: float
    modelled_cycles: int
    image_bytes: int


def adfc(*arguments: str) -> Step:
    """Run `adfc ARGUMENTS` to its end; exits the benchmark where it fails."""
    command = [str(Path(sys.executable).parent / "adfc"), *arguments]
    reader, writer = os.pipe()
    start = time.perf_counter()
    pid = os.posix_spawn(
        command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)]
    )
    os.close(writer)
    with os.fdopen(reader) as stream:
        output = stream.read()
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"failed: {' '.join(command)}")
    return Step(time.perf_counter() - start, usage.ru_maxrss / 1024, output)


def measure(model: str, folder: Path, runs: int) -> Result:
    """Compile `model` once and run it `runs` times more after a first run."""
    image = folder / f"{model}.rimfs"
    compiled = adfc("compile", model, "-o", str(image))
    ran = adfc("run", str(image), "--repeat", str(runs + 1), "--json")
    figures = json.loads(ran.output)
    return Result(
        model=model,
        compile_seconds=compiled.seconds,
        compile_peak_mib=compiled.peak_mib,
        inference_ms=statistics.median(figures["wall_ms_each"][1:]),
        inference_peak_mib=ran.peak_mib,
        modelled_cycles=figures["cycles"],
        image_bytes=image.stat().st_size,
    )


def line(result: Result) -> str:
    """A model's figures in one line."""
    return (
        f"{result.model}: compile {result.compile_seconds:.1f} s"
        f" ({result.compile_peak_mib:.0f} MiB), inference {result.inference_ms:.0f} ms"
        f" ({result.inference_peak_mib:.0f} MiB), {result.modelled_cycles:,} modelled cycles,"
        f" image {result.image_bytes:,} bytes"
    )


def main() -> None:
    """Measure the models named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", metavar="MODEL", help="names that `adfc models` lists")
    parser.add_argument("--runs", type=int, default=5, help="inferences to take the median of")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = [measure(model, Path(folder), options.runs) for model in options.models]
    if options.json:
        print(json.dumps({"results": [asdict(result) for result in results]}, indent=2))
        return
    for result in results:
        print(line(result))


if __name__ == "__main__":
    main()
