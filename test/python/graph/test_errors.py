"""What is wrong with a graph is told in one line that names the user's line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from graphs import FOLDER

from adfc.driver.options import CompileOptions
from adfc.errors import AdfcError, CompileError, InputError
from adfc.graph import (
    Access,
    Graph,
    Kernel,
    input_cascade,
    input_window,
    output_cascade,
    output_window,
    parameter,
)
from adfc.program import compile_graph

SCALE = FOLDER / "kernels" / "scale.cc"
HERE = re.escape(str(Path(__file__)))


def _scale(g: Graph, samples: int = 256, source: Path = SCALE) -> Kernel:
    ports = [input_window("int16", samples), output_window("int16", samples)]
    return g.kernel("scale", ports, source=source, cycles=40)


def _whole(g: Graph, source: Path = SCALE) -> None:
    k = _scale(g, source=source)
    g.connect(g.input("x", "int16", 256), k[0])
    g.connect(k[1], g.output("y", "int16", 256))


def _unconnected(g: Graph) -> None:
    k = _scale(g)
    g.connect(k[1], g.output("y", "int16", 256))


def _other_type(g: Graph) -> None:
    g.connect(g.input("x", "int32", 256), _scale(g)[0])


def _other_rate(g: Graph) -> None:
    k = _scale(g)
    g.connect(g.input("x", "int16", 512), k[0])
    g.connect(k[1], g.output("y", "int16", 256))


def _wrong_way(g: Graph) -> None:
    k = _scale(g)
    g.connect(k[0], k[1])


def _twice(g: Graph) -> None:
    k = _scale(g)
    x = g.input("x", "int16", 256)
    g.connect(x, k[0])
    g.connect(x, k[0])
    g.connect(k[1], g.output("y", "int16", 256))


def _half_an_output(g: Graph) -> None:
    k = _scale(g)
    g.connect(g.input("x", "int16", 256), k[0])
    g.connect(k[1], g.output("y", "int16", 300), access=Access.of(8, (256, 1)))


def _cascade_to_window(g: Graph) -> None:
    a = g.kernel("a", [output_cascade("acc32", 16)], source=SCALE, cycles=1)
    b = g.kernel("b", [input_window("acc32", 16)], source=SCALE, cycles=1)
    g.connect(a[0], b[0])


def _narrow_port(g: Graph) -> None:
    g.input("x", "int16", 256, plio=32)


def _beyond(g: Graph) -> None:
    k = _scale(g)
    g.connect(g.input("x", "int16", 256), k[0], access=Access.of(4, (256, 1)))
    g.connect(k[1], g.output("y", "int16", 256))


CASES: list[tuple[Callable[[Graph], None], str]] = [
    (_unconnected, r"scale\[0\] \(input_window\) is connected to nothing"),
    (_other_type, r"input x -> scale\[0\] \(input_window\): int32 is not int16"),
    (_other_rate, r"input x gives 512 values in a run, scale\[0\] \(input_window\) takes 256"),
    (_wrong_way, r"the source is no output"),
    (_twice, r"scale\[0\] \(input_window\) is connected twice"),
    (_half_an_output, r"value 0 of output y is written 0 times in a run"),
    (_cascade_to_window, r"they are of kinds that do not go together"),
    (_narrow_port, r"'x' by a port of 32 bits, which cannot carry a whole stream"),
    (_beyond, r"the access reaches value 259 of input x, which has 256"),
]


@pytest.mark.parametrize(("make", "text"), CASES, ids=[make.__name__ for make, _ in CASES])
def test_mistake(make: Callable[[Graph], None], text: str) -> None:
    g = Graph("g")
    with pytest.raises(InputError, match=rf"{HERE}:\d+: .*{text}") as caught:
        make(g)
        compile_graph(g, isas=())
    assert "\n" not in str(caught.value)


def test_numbers_of_ports() -> None:
    for make, text in (
        (lambda: input_window("int17", 4), "no type 'int17'"),
        (lambda: input_window("int8", 3), "takes 3 bytes"),
        (lambda: input_window("int16", 0), "of 0 values"),
        (lambda: output_window("int16", 4, depth=64), "depth 64"),
        (lambda: input_cascade("acc32", 8), "multiple of 64 bytes"),
        (lambda: parameter("int16", 0), "of 0 values"),
    ):
        with pytest.raises(InputError, match=text):
            make()


def test_a_pass_names_the_users_line() -> None:
    # 40,000 bytes twice exceed a core's 64 KB.
    g = Graph("g")
    k = _scale(g, 20000)
    g.connect(g.input("x", "int16", 20000), k[0])
    g.connect(k[1], g.output("y", "int16", 20000))
    with pytest.raises(AdfcError, match=r"bytes over .*test_errors\.py:\d+"):
        compile_graph(g, isas=())


def test_a_cascade_of_fixed_tiles_that_are_no_neighbours() -> None:
    g = Graph("g")
    ports = [input_window("int16", 16), output_cascade("acc32", 16)]
    a = g.kernel("a", ports, source=SCALE, cycles=1, tile=(2, 3))
    b_ports = [input_cascade("acc32", 16), output_window("int16", 16)]
    b = g.kernel("b", b_ports, source=SCALE, cycles=1, tile=(5, 5))
    g.connect(g.input("x", "int16", 16), a[0])
    g.connect(a[1], b[0])
    g.connect(b[1], g.output("y", "int16", 16))
    with pytest.raises(CompileError, match=r"southern or the eastern neighbour.*test_errors\.py"):
        compile_graph(g, isas=())


def test_more_kernels_than_tiles() -> None:
    g = Graph("g")
    _whole(g)
    k = g.kernel("more", [output_window("int16", 2)], source=SCALE, cycles=1)
    g.connect(k[0], g.output("z", "int16", 2))
    with pytest.raises(AdfcError, match="takes 2 core tiles, 1 may be used"):
        compile_graph(g, CompileOptions(tiles=1), isas=())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("void scale(input_window<int16> *in) {}", r"scale\.cc|adfc_entry\.cc"),
        ("int x = ;", r"scale\.cc:1:9: error: expected expression"),
        ('#include "none.h"\n', "none.h"),
    ],
)
def test_clang_names_the_kernels_line(tmp_path: Path, text: str, complaint: str) -> None:
    source = tmp_path / "scale.cc"
    source.write_text(f"#include <adf.h>\n#line 1\n{text}\n")
    g = Graph("g")
    with pytest.raises(AdfcError, match=f"kernel 'scale|kernel.*{complaint}"):
        _whole(g, source)
        compile_graph(g, CompileOptions(cache=False), isas=("x86_64",))


def test_kernels_have_no_memory_of_their_own(tmp_path: Path) -> None:
    source = tmp_path / "scale.cc"
    source.write_text(
        "#include <adf.h>\nstatic int16 last;\n"
        "void scale(input_window<int16> *in, output_window<int16> *out) {\n"
        "  window_writeincr(out, last);\n  last = window_readincr(in);\n}\n"
    )
    g = Graph("g")
    _whole(g, source)
    with pytest.raises(CompileError, match="no writable globals"):
        compile_graph(g, CompileOptions(cache=False), isas=("x86_64",))
