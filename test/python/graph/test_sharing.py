"""Several kernels on one core tile, called in turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graphs import FOLDER, PORTABLE, example
from numpy.typing import NDArray

from adfc.errors import InputError
from adfc.graph import (
    Graph,
    Kernel,
    input_cascade,
    input_window,
    output_cascade,
    output_window,
)
from adfc.program import Program, compile_graph

SCALE = FOLDER / "kernels" / "scale.cc"
FIRST = np.arange(-512, 512, dtype=np.int16) * 31


def _scale(
    g: Graph, samples: int, tile: Kernel | tuple[int, int] | None = None, ratio: float = 0.5
) -> Kernel:
    ports = [input_window("int16", samples), output_window("int16", samples)]
    return g.kernel("scale", ports, source=SCALE, cycles=40, tile=tile, ratio=ratio)


def _scaled(x: NDArray[np.int16]) -> NDArray[np.int16]:
    return example("scale").reference(x)


def _run(g: Graph, *inputs: NDArray[np.int16]) -> tuple[Program, tuple[NDArray[Any], ...]]:
    program = compile_graph(g, isas=PORTABLE)
    return program, tuple(program.run_detailed(*inputs).outputs)


def _cores(program: Program, *inputs: NDArray[np.int16]) -> int:
    return len(program.execute(program.quantize(inputs)).cores)


def test_a_chain_hands_its_values_over_in_memory() -> None:
    g = Graph("chain", iterations=4)
    first = _scale(g, 256)
    second = _scale(g, 256, first)
    g.connect(g.input("x", "int16", 1024), first[0])
    g.connect(first[1], second[0])
    g.connect(second[1], g.output("y", "int16", 1024))
    program, (y,) = _run(g, FIRST)
    assert np.array_equal(y, _scaled(_scaled(FIRST)))
    assert _cores(program, FIRST) == 1


def test_the_order_of_calls_follows_the_data_by_way_of_other_tiles() -> None:
    """The kernel that is declared first needs what the other one's result becomes elsewhere."""
    g = Graph("round_trip", iterations=4)
    last = _scale(g, 256)
    first = _scale(g, 256, last)
    between = _scale(g, 256)
    g.connect(g.input("x", "int16", 1024), first[0])
    g.connect(first[1], between[0])
    g.connect(between[1], last[0])
    g.connect(last[1], g.output("y", "int16", 1024))
    program, (y,) = _run(g, FIRST)
    assert np.array_equal(y, _scaled(_scaled(_scaled(FIRST))))
    assert _cores(program, FIRST) == 2


def test_kernels_of_different_rates_take_turns_as_often_as_they_agree() -> None:
    g = Graph("rates", iterations=2)
    often, seldom = _scale(g, 128, (3, 4)), _scale(g, 512, (3, 4))
    between = _scale(g, 512)
    g.connect(g.input("x", "int16", 1024), often[0])
    g.connect(often[1], between[0])
    g.connect(between[1], seldom[0])
    g.connect(seldom[1], g.output("y", "int16", 1024))
    program, (y,) = _run(g, FIRST)
    assert np.array_equal(y, _scaled(_scaled(_scaled(FIRST))))
    run = program.execute(program.quantize([FIRST]))
    assert sorted(core.calls for core in run.cores) == [2, 8 + 2]
    assert (3, 4) in {(core.column, core.row) for core in run.cores}


class _Together(Graph):
    """A graph that puts three kernels on one tile."""

    def kernel(self, *arguments: Any, **options: Any) -> Kernel:
        first = self.kernels[0] if self.kernels else None
        options["source"] = FOLDER / Path(options["source"])
        return super().kernel(*arguments, **options, tile=first, ratio=1 / 3)


def test_a_pipeline_gives_the_same_bytes_on_one_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    harris = example("harris")
    monkeypatch.setattr(harris, "Graph", _Together)
    image, threshold = harris.sample_inputs()
    together, outputs = _run(harris.graph(), image, threshold)
    assert all(
        np.array_equal(found, wanted)
        for found, wanted in zip(outputs, harris.reference(image, threshold), strict=True)
    )
    assert _cores(together, image, threshold) == 1


def _too_much(g: Graph) -> None:
    first = _scale(g, 256, ratio=0.6)
    second = _scale(g, 256, first, ratio=0.6)
    g.connect(g.input("x", "int16", 256), first[0])
    g.connect(first[1], second[0])
    g.connect(second[1], g.output("y", "int16", 256))


def _two_ways(g: Graph) -> None:
    first = _scale(g, 256)
    second, third = _scale(g, 256, first), _scale(g, 256)
    g.connect(g.input("x", "int16", 256), first[0])
    g.connect(first[1], second[0], third[0])
    for name, kernel in (("y", second), ("z", third)):
        g.connect(kernel[1], g.output(name, "int16", 256))


def _other_size(g: Graph) -> None:
    first = _scale(g, 128)
    second = _scale(g, 256, first)
    g.connect(g.input("x", "int16", 256), first[0])
    g.connect(first[1], second[0])
    g.connect(second[1], g.output("y", "int16", 256))


def _cascade(g: Graph) -> None:
    arguments = [input_window("int16", 256), output_cascade("acc32", 16)]
    first = g.kernel("a", arguments, source=SCALE, cycles=1, ratio=0.5)
    arguments = [input_cascade("acc32", 16), output_window("int16", 256)]
    second = g.kernel("b", arguments, source=SCALE, cycles=1, tile=first, ratio=0.5)
    g.connect(g.input("x", "int16", 256), first[0])
    g.connect(first[1], second[0])
    g.connect(second[1], g.output("y", "int16", 256))


def _elsewhere(g: Graph) -> None:
    _scale(g, 256, _scale(Graph("other"), 256))


def _no_time(g: Graph) -> None:
    _scale(g, 256, ratio=0.0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (_too_much, "ratios of 1.2 together: scale 0.6, scale_1 0.6"),
        (_two_ways, "on its own tile, and elsewhere"),
        (_other_size, "windows of 128 and 256 values between kernels on one tile"),
        (_cascade, "a cascade leads to a neighbouring tile"),
        (_elsewhere, "beside one of another graph"),
        (_no_time, "has a ratio of 0"),
    ],
)
def test_what_cannot_share_is_refused_at_its_line(
    build: Callable[[Graph], object], message: str
) -> None:
    g = Graph("wrong")
    with pytest.raises(InputError, match=message) as error:
        build(g)
        compile_graph(g, isas=PORTABLE)
    assert f"{__file__}:" in str(error.value)
