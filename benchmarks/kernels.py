"""Speed of the kernels that emulated core tiles call, on one core of this machine.

    PYTHONPATH=build/python .venv/bin/python benchmarks/kernels.py [--isa x86_64-amx]

Prints the time of one call and, for conv2d, billions of operations per second (two for each
multiply-accumulate); the time of an empty call through ctypes is taken off. Also the time to
compile them all.
"""

from __future__ import annotations

import argparse
import ctypes
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "test" / "python" / "kernels"))

from kernel_host import Arena, Code, Kernel, KernelLibrary, runnable_isas
from kernel_reference import Conv2D

# Shapes that fit the 64 KB of a core tile twice over, as schedules of ResNets have them.
CONVOLUTIONS = {
    "7x7 stride 2, 4 -> 32 channels, 4x28": Conv2D((7, 7), 4, (4, 28, 32), stride=(2, 2)),
    "3x3, 64 -> 64, 4x28": Conv2D((3, 3), 64, (4, 28, 64)),
    "3x3 stride 2, 64 -> 32, 4x28": Conv2D((3, 3), 64, (4, 28, 32), stride=(2, 2)),
    "3x3, 128 -> 32, 7x14": Conv2D((3, 3), 128, (7, 14, 32)),
    "3x3, 64 -> 32, 7x7, kept sums": Conv2D((3, 3), 64, (7, 7, 32), accumulate=True),
    "3x3, 16 -> 16, 8x32": Conv2D((3, 3), 16, (8, 32, 16)),
    "1x1, 128 -> 64, 14x14": Conv2D((1, 1), 128, (14, 14, 64)),
    "1x1 stride 2, 64 -> 64, 7x14": Conv2D((1, 1), 64, (7, 14, 64), stride=(2, 2)),
    "fully connected, 512 -> 64": Conv2D((1, 1), 512, (1, 1, 64)),
}
ADD = {"a": [16384, 2], "b": [9999, 3], "out": [20000, 26], "clamp": [0, 127]}
OTHERS = {
    "add, 8192 elements": Kernel("", "add", {"count": 8192, **ADD}),
    "max_pool2d 3x3 stride 2, 64, 4x28": Kernel(
        "",
        "max_pool2d",
        {"in": [9, 57, 64], "kernel": [3, 3], "stride": [2, 2], "out": [4, 28, 64]},
    ),
    "mean2d, 7x7x512": Kernel(
        "", "mean2d", {"in": [7, 7, 512], "rescale": [334, 14], "clamp": [-128, 127]}
    ),
}
EMPTY = Kernel("", "add", {"count": 1, **ADD})


def seconds_per_call(code: Code, name: str, sizes: Sequence[int], immediates: int) -> float:
    """Best time of many calls, in seconds."""
    arenas = [Arena(-(-size // 64) * 64, at_end=True) for size in sizes]
    buffers = (ctypes.c_void_p * len(arenas))(*(arena.address for arena in arenas))
    values = (ctypes.c_int32 * max(1, immediates))()
    entry, arguments = code.entry(name), (ctypes.addressof(buffers), ctypes.addressof(values))
    best = float("inf")
    for _ in range(50):
        start = time.perf_counter()
        for _ in range(20):
            entry(*arguments)
        best = min(best, (time.perf_counter() - start) / 20)
    for arena in arenas:
        arena.close()
    return best


def main() -> None:
    """Measure every kernel on each instruction set that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--isa", choices=sorted(runnable_isas()), action="append")
    isas = parser.parse_args().isa or sorted(runnable_isas())
    library = KernelLibrary()
    named = {label: conv.spec() for label, conv in CONVOLUTIONS.items()} | OTHERS
    kernels = [
        Kernel(f"kernel{i}", kernel.kind, kernel.config)
        for i, kernel in enumerate([*named.values(), EMPTY])
    ]
    extents = library.describe(kernels)
    for isa in isas:
        start = time.perf_counter()
        code = Code(library.compile(kernels, isa), kernels)
        print(f"{isa}: {len(kernels)} kernels compiled in {time.perf_counter() - start:.2f} s")
        times = [
            seconds_per_call(
                code,
                kernel.name,
                [buffer["bytes"] for buffer in extent["buffers"]],
                len(extent["immediates"]),
            )
            for kernel, extent in zip(kernels, extents, strict=True)
        ]
        for label, seconds in zip(named, times, strict=False):
            took = max(seconds - times[-1], 1e-9)
            speed = (
                f"{2e-9 * CONVOLUTIONS[label].macs / took:8.0f} GOP/s"
                if label in CONVOLUTIONS
                else ""
            )
            print(f"  {label:40}{took * 1e6:9.2f} us{speed}")


if __name__ == "__main__":
    main()
