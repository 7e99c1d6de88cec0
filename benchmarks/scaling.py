"""How the compiler's time grows with the number of operations.

    .venv/bin/python benchmarks/scaling.py

Compiles chains of 1x1 convolutions and additions, each half with shapes of its own, and prints each
stage's processor time, which other processes hardly disturb. The last column is the exponent: how
often the time doubles when the graph doubles, from the last two sizes; 1 is linear.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from typing import Any

from adfc.driver import passes
from adfc.driver.ir import parse
from adfc.driver.kernel_code import compile_kernels
from adfc.driver.options import CompileOptions
from adfc.driver.target import resolve
from adfc.planner import choose

CHANNELS = 16


def network(operations: int) -> str:
    """TOSA text: every third operation adds the results of the two before it."""
    shape = f"1x8x8x{CHANNELS}"
    lines = [
        f'func.func @main(%x: tensor<{shape}xi8> {{adfc.name = "x", adfc.scale = 0.5 : f64,'
        f" adfc.float_shape = array<i64: 1, 8, 8, {CHANNELS}>,"
        " adfc.permutation = array<i64: 0, 1, 2, 3>})"
        f' -> (tensor<{shape}xi8> {{adfc.name = "y", adfc.scale = 0.5 : f64,'
        f" adfc.float_shape = array<i64: 1, 8, 8, {CHANNELS}>,"
        " adfc.permutation = array<i64: 0, 1, 2, 3>}) {",
        f"  %b = {_const('0', f'{CHANNELS}xi32')}",
        f"  %zp = {_const('0', '1xi8')}",
        f"  %zp32 = {_const('0', '1xi32')}",
        f"  %m = {_const('16384', f'{CHANNELS}xi16')}",
        f"  %s = {_const('20', f'{CHANNELS}xi8')}",
        f"  %m1 = {_const('16384', '1xi16')}",
        f"  %s1 = {_const('14', '1xi8')}",
        f"  %s2 = {_const('15', '1xi8')}",
    ]
    values = ["%x", "%x"]
    for index in range(operations):
        make = _add if index % 3 == 2 else _conv
        lines += make(index, values[-1], values[-2], shape)
        values.append(f"%y{index}")
    return "\n".join([*lines, f"  return {values[-1]} : tensor<{shape}xi8>", "}"])


def _const(value: str, kind: str) -> str:
    tensor = f"tensor<{kind}>"
    return f'"tosa.const"() <{{values = dense<{value}> : {tensor}}}> : () -> {tensor}'


_RESCALE = (
    "input_unsigned = false, output_unsigned = false, per_channel = {0}, "
    "rounding_mode = SINGLE_ROUND, scale32 = false"
)


def _conv(index: int, source: str, _: str, shape: str) -> list[str]:
    act, sums = f"tensor<{shape}xi8>", f"tensor<{shape}xi32>"
    weights = f"{CHANNELS}x1x1x{CHANNELS}xi8"
    attributes = "acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>"
    types = f"{act}, tensor<{weights}>, tensor<{CHANNELS}xi32>, tensor<1xi8>, tensor<1xi8>"
    scale = f"{sums}, tensor<{CHANNELS}xi16>, tensor<{CHANNELS}xi8>, tensor<1xi32>, tensor<1xi8>"
    return [
        f"  %w{index} = {_const(str(index % 100 + 1), weights)}",
        f"  %c{index} = tosa.conv2d {source}, %w{index}, %b, %zp, %zp {{{attributes}, "
        f"stride = array<i64: 1, 1>}} : ({types}) -> {sums}",
        f"  %r{index} = tosa.rescale %c{index}, %m, %s, %zp32, %zp "
        f"{{{_RESCALE.format('true')}}} : ({scale}) -> {act}",
        f"  %y{index} = tosa.clamp %r{index} {{max_val = {27 + index % 100} : i8, "
        f"min_val = 0 : i8}} : ({act}) -> {act}",
    ]


def _add(index: int, a: str, b: str, shape: str) -> list[str]:
    act, sums = f"tensor<{shape}xi8>", f"tensor<{shape}xi32>"
    up = f"{act}, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi32>"
    down = f"{sums}, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>"
    rescale = _RESCALE.format("false")
    return [
        f"  %p{index} = tosa.rescale {a}, %m1, %s1, %zp, %zp32 {{{rescale}}} : ({up}) -> {sums}",
        f"  %q{index} = tosa.rescale {b}, %m1, %s1, %zp, %zp32 {{{rescale}}} : ({up}) -> {sums}",
        f"  %t{index} = tosa.add %p{index}, %q{index} : ({sums}, {sums}) -> {sums}",
        f"  %y{index} = tosa.rescale %t{index}, %m1, %s2, %zp32, %zp {{{rescale}}} "
        f": ({down}) -> {act}",
    ]


def stages(operations: int) -> dict[str, float]:
    """Processor seconds of each stage of compiling the network."""
    target = resolve(CompileOptions())
    times: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        result = work()
        times[name] = time.process_time() - start
        return result

    text = network(operations)
    module = timed("parse", lambda: parse(text))
    timed("fuse", lambda: module.run(passes.FUSE))
    graph = module.graph()
    schedule = timed(
        "plan", lambda: choose(graph, target.device, tiles=target.tiles, avoid=target.avoid)
    ).schedule
    timed("apply schedule", lambda: module.apply_schedule(schedule))
    for stage in (passes.ARRAY, passes.CONTROL):
        for name in stage.passes:
            single = passes.Stage(name, (name,))
            timed(name, lambda single=single: module.run(single))
    encoded = timed("encode", module.encode)
    timed("kernels", lambda: compile_kernels(encoded.kernels, ["x86_64"]))
    return times


def measure(sizes: list[int]) -> dict[int, dict[str, float]]:
    """Processor seconds by number of operations and stage."""
    return {size: stages(size) for size in sizes}


def table(results: dict[int, dict[str, float]]) -> str:
    """A line for each stage."""
    sizes = sorted(results)
    lines = [f"{'seconds':24}" + "".join(f"{size:>9}" for size in sizes) + "  exponent"]
    names = [*results[sizes[0]], "all"]
    for name in names:
        row = [
            sum(results[size].values()) if name == "all" else results[size][name] for size in sizes
        ]
        lines.append(
            f"{name:24}" + "".join(f"{value:9.2f}" for value in row) + exponent(row, sizes)
        )
    return "\n".join(lines)


def exponent(row: list[float], sizes: list[int]) -> str:
    """From the last two sizes; nothing for times too short to tell."""
    if len(row) < 2 or row[-2] < 0.01:
        return ""
    return f"{math.log(row[-1] / row[-2]) / math.log(sizes[-1] / sizes[-2]):10.2f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 1000, 2000, 4000])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    results = measure(options.sizes)
    print(json.dumps({"scaling": results}, indent=2) if options.json else table(results))


if __name__ == "__main__":
    main()
