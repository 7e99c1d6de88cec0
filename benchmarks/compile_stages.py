"""Where compiling a model spends its time: processor and wall seconds of each stage.

    .venv/bin/python benchmarks/compile_stages.py resnet18

Kernel code is compiled without the cache, then taken from one that is full.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

START = time.perf_counter(), time.process_time()

from adfc.cli import arguments  # noqa: E402 - how long importing takes is part of the figures
from adfc.driver import passes  # noqa: E402
from adfc.driver.compile import HOST_ISAS  # noqa: E402
from adfc.driver.ir import parse  # noqa: E402
from adfc.driver.kernel_cache import KernelCache  # noqa: E402
from adfc.driver.kernel_code import compile_kernels  # noqa: E402
from adfc.driver.options import CompileOptions  # noqa: E402
from adfc.driver.target import resolve  # noqa: E402
from adfc.planner import choose  # noqa: E402

IMPORTED = time.perf_counter() - START[0], time.process_time() - START[1]

OURS = ("passes", "kernels")
"""Our C++: its share has a limit of its own."""


def measure(model: str) -> dict[str, dict[str, float]]:
    """Seconds by stage."""
    stages = {"import": {"wall": IMPORTED[0], "processor": IMPORTED[1]}}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        wall, processor = time.perf_counter(), time.process_time()
        result = work()
        stages[name] = {
            "wall": time.perf_counter() - wall,
            "processor": time.process_time() - processor,
        }
        return result

    target = resolve(CompileOptions())
    source = timed("model", lambda: arguments.load(model, None))
    tosa = timed("export, quantize, emit", source.to_tosa)

    def fuse() -> Any:
        module = parse(tosa.text)
        module.run(passes.FUSE)
        return module

    module = timed("fuse", fuse)
    graph = module.graph()
    schedule = timed(
        "plan", lambda: choose(graph, target.device, tiles=target.tiles, avoid=target.avoid)
    ).schedule

    def lower() -> Any:
        module.apply_schedule(schedule)
        for stage in (passes.ARRAY, passes.CONTROL):
            module.run(stage)
        return module.encode()

    encoded = timed("passes", lower)
    with tempfile.TemporaryDirectory() as folder:
        cache = KernelCache(Path(folder) / "kernels")
        timed("kernels", lambda: compile_kernels(encoded.kernels, HOST_ISAS, cache))
        timed("kernels, cached", lambda: compile_kernels(encoded.kernels, HOST_ISAS, cache))
    return stages


def table(stages: dict[str, dict[str, float]]) -> str:
    """A line for each stage, then their sum without the cached one, and our C++ alone."""
    lines = [f"{'seconds':24}{'wall':>8}{'CPU':>8}"]
    sums = {
        "all": [name for name in stages if name != "kernels, cached"],
        "our C++": [name for name in stages if name in ("fuse", *OURS)],
    }
    rows = dict(stages)
    for name, parts in sums.items():
        rows[name] = {
            key: sum(stages[part][key] for part in parts) for key in ("wall", "processor")
        }
    lines += [f"{name:24}{row['wall']:8.2f}{row['processor']:8.2f}" for name, row in rows.items()]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", nargs="?", default="resnet18")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    stages = measure(options.model)
    print(json.dumps({"stages": stages}, indent=2) if options.json else table(stages))


if __name__ == "__main__":
    main()
