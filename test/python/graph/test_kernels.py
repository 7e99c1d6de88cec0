"""C++ kernels: rounding and saturation, windows that go round, code for every instruction set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from graphs import FOLDER, PORTABLE, example

from adfc.ckernel import CKernel, compile_kernel
from adfc.graph import Graph, input_window, output_window
from adfc.program import compile_graph

# AM020's rounding modes, as numpy: of value / 2^4.
MODES = {
    "floor": np.floor,
    "ceil": np.ceil,
    "neg_inf": lambda v: np.ceil(v - 0.5),
    "pos_inf": lambda v: np.floor(v + 0.5),
    "sym_zero": lambda v: np.sign(v) * np.ceil(np.abs(v) - 0.5),
    "sym_inf": lambda v: np.sign(v) * np.floor(np.abs(v) + 0.5),
    "conv_even": np.rint,
    "conv_odd": lambda v: np.where(v % 1 == 0.5, np.floor(v) + (np.floor(v) % 2 == 0), np.rint(v)),
}


def test_rounding_modes(tmp_path: Path) -> None:
    values = np.arange(-2400, 2400, dtype=np.int32)
    lines = [
        f"  for (unsigned i = 0; i < {len(values)}; ++i)\n"
        f"    window_writeincr(out, adf::srs<int8>(in->ptr[i], 4, adf::rounding::{mode}));"
        for mode in MODES
    ]
    source = tmp_path / "modes.cc"
    source.write_text(
        "#include <adf.h>\n"
        "void modes(input_window<int32> *in, output_window<int8> *out) {\n"
        + "\n".join(lines)
        + "\n}\n"
    )
    g = Graph("modes")
    count = len(values) * len(MODES)
    ports = [input_window("int32", len(values), depth=1), output_window("int8", count, depth=1)]
    k = g.kernel("modes", ports, source=source, cycles=10)
    g.connect(g.input("x", "int32", len(values)), k[0])
    g.connect(k[1], g.output("y", "int8", (len(MODES), len(values))))
    y = compile_graph(g, isas=PORTABLE).run(values)
    for row, rounding in zip(y, MODES.values(), strict=True):
        assert np.array_equal(row, np.clip(rounding(values / 16), -128, 127))


def test_window_goes_round_and_margin_comes_again(tmp_path: Path) -> None:
    source = tmp_path / "turn.cc"
    source.write_text(
        "#include <adf.h>\n"
        "void turn(input_window<int32> *in, output_window<int32> *out) {\n"
        "  window_decr(in, 1);\n"  # the last value of the window
        "  for (unsigned i = 0; i < window_size(in); ++i)\n"
        "    window_writeincr(out, window_readincr(in));\n"
        "}\n"
    )
    g = Graph("turn", iterations=3)
    ports = [input_window("int32", 4, margin=2), output_window("int32", 6)]
    k = g.kernel("turn", ports, source=source, cycles=10)
    g.connect(g.input("x", "int32", 14), k[0])
    g.connect(k[1], g.output("y", "int32", 18))
    x = np.arange(14, dtype=np.int32)
    windows = [x[4 * call : 4 * call + 6] for call in range(3)]
    y = compile_graph(g, isas=PORTABLE).run(x)
    assert np.array_equal(y, np.concatenate([np.roll(window, 1) for window in windows]))


@pytest.mark.parametrize(
    "isa",
    ["x86_64-vnni", "x86_64-amx", "aarch64", "riscv64", "thumbv8.1m-mve", "thumbv7em"],
)
@pytest.mark.parametrize("name", ["fir", "fft", "gemm", "harris", "beamformer"])
def test_examples_compile_for_every_instruction_set(name: str, isa: str) -> None:
    kernels = {kernel.code.function: kernel.code for kernel in example(name).graph().kernels}
    function, code = next(iter(kernels.items()))
    assert compile_kernel(function, code, isa)[:4] == b"KCOD"


def test_configuration_reads_back() -> None:
    g = Graph("g")
    ports = [input_window("int16", 256), output_window("int16", 256)]
    code = g.kernel("scale", ports, source=FOLDER / "kernels" / "scale.cc", cycles=1).code
    assert CKernel.read("scale", code.config()) == code
