"""Checks of a kernel by itself, called tile by tile on this processor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from adfc.driver.compile import HOST_ISAS
from adfc.operators.checks.cutting import CORE_BYTES, Cutter
from adfc.operators.checks.finding import CheckError, ensure
from adfc.operators.checks.runner import (
    CALM,
    Runner,
    Surroundings,
    code_of,
    compiled,
    difference,
)
from adfc.operators.checks.sandbox import sandboxed
from adfc.operators.checks.specimen import (
    INPUT_SCALES,
    Specimen,
    further_cases,
    kernel_shapes,
    specimen,
    tiling_of,
)
from adfc.operators.geometry import Elementwise, Filters, Products, Rows, Windows, is_image
from adfc.operators.operator import Case, Levels, Operator
from adfc.runtime import supported_isas

ALL_ISAS = (*HOST_ISAS, "aarch64", "riscv64", "thumbv8.1m-mve", "thumbv7em")
"""Instruction sets of the host and of every board."""

_SATURATING = 4.0
"""How much too small the output's scale is made, so that results saturate."""

_MOST_ROWS, _MOST_PIXELS = 1 << 12, 128
"""Rows of the largest call that is tried; rows and columns of an image."""

_WILD = (Surroundings(0x00, 0xFF), Surroundings(0xFF, 0x00), Surroundings(0x3C, 0x81))


@dataclass(frozen=True)
class Subject:
    """An operator and all its specimens."""

    operator: Operator
    specimens: tuple[Specimen, ...]

    @property
    def plain(self) -> Specimen:
        """The first case at the first scale."""
        return self.specimens[0]


def subject_of(operator: Operator) -> Subject:
    """The operator's cases; the first one at other scales and saturating too. Raises CheckError."""
    cases = further_cases(operator)
    found = [specimen(operator, case, INPUT_SCALES[0]) for case in cases]
    if operator.input_scale == "any":
        found.append(specimen(operator, cases[0], INPUT_SCALES[1]))
    if operator.output_scale == "own":
        found.append(specimen(operator, cases[0], INPUT_SCALES[0], _SATURATING))
    return Subject(operator, tuple(found))


def check_instruction_sets(subject: Subject) -> str:
    """The kernel compiles for every instruction set."""
    cutter = Cutter(subject.plain)
    kernel = cutter.kernel(cutter.largest())
    sizes = [len(code_of([kernel], isa)) for isa in ALL_ISAS]
    return f"{len(ALL_ISAS)} instruction sets, {min(sizes)} to {max(sizes)} bytes"


def check_edge_data(subject: Subject) -> str:
    """Extremes, saturation, odd sizes, one element: every host instruction set and pattern."""
    isas = supported_isas()
    # All are compiled from one text: the first call is tried on each.
    runners = compiled(
        [
            Runner(item, isa)
            for item in subject.specimens
            for isa in (isas if item is subject.plain else isas[:1])
        ]
    )

    def work() -> str:
        values = 0
        for runner in runners:
            item = runner.specimen
            for name, inputs in item.patterns:
                found = runner.run(inputs, runner.tiles[0])
                _equal(item, f"inputs {name} on {runner.isa}", item.reference(inputs), found)
                values += found.size
        return f"{len(subject.specimens)} calls on {', '.join(isas)}: {values:,} values"

    return sandboxed(work)


def check_largest_window(subject: Subject) -> str:
    """Windows that fill a core tile's memory."""
    item = largest(subject)
    (runner,) = compiled([Runner(item, supported_isas()[0])])
    tile = runner.tiles[0]

    def work() -> str:
        for name, inputs in item.patterns:
            _equal(item, f"inputs {name}", item.reference(inputs), runner.run(inputs, tile))
        return f"tile {list(tile)}: {runner.cutter.bytes_of(tile):,} bytes"

    return sandboxed(work)


def largest(subject: Subject) -> Specimen:
    """A call whose windows take as much of a core tile's memory as they can."""
    operator, first = subject.operator, subject.plain
    scale = first.call.input_scales[0]
    if operator.sizes == "given":
        found = max(subject.specimens, key=lambda item: Cutter(item).bytes_of(Cutter(item).whole()))
        return specimen(operator, found.case, scale)
    low, high = 1, _MOST_ROWS if not is_image(first.tiling) else _MOST_PIXELS
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(first, middle) else (low, middle - 1)
    return specimen(operator, _sized(first, low), scale)


def _fits(first: Specimen, size: int) -> bool:
    """Whether a call of that size is one of a core tile's memory; below the least there is, too."""
    case = _sized(first, size)
    try:
        tiling = tiling_of(first.operator, case)
        shapes, out_shape = kernel_shapes(first.operator, case, tiling)
    except CheckError:
        return size <= max(first.in_shape)  # smaller than a window
    item = replace(first, case=case, tiling=tiling, shapes=shapes, out_shape=out_shape)
    cutter = Cutter(item)
    return cutter.bytes_of(cutter.whole()) <= CORE_BYTES


def _sized(first: Specimen, size: int) -> Case:
    """A case like the first one: rows, or rows and columns of an image, or 64 elements each."""
    length = first.in_shape[-1]
    if is_image(first.tiling):
        fixed = isinstance(first.tiling, Filters) or first.case.parameters
        shape = (1, length if fixed else 4, size, size)
    elif isinstance(first.tiling, Rows | Products):
        shape = (1, size, length)
    else:
        shape = (1, 64 * size)
    return replace(first.case, shape=shape)


def check_tiling(subject: Subject) -> str:
    """Any legal tile gives the same bytes."""
    runners = _cut(subject)

    def work() -> str:
        tried = 0
        for runner in runners:
            item = runner.specimen
            for _, inputs in item.patterns[-3:]:
                expected = item.reference(inputs)
                for tile in runner.tiles:
                    found = runner.run(inputs, tile)
                    _equal(item, f"tile {list(tile)}", expected, found)
                    tried += 1
        return f"{tried} runs with different tiles"

    return sandboxed(work)


def _cut(subject: Subject) -> Sequence[Runner]:
    """Calls of each shape in all tiles that there are to try."""
    isa = supported_isas()[0]
    items = _cut_cases(subject)
    return compiled([Runner(item, isa, tuple(Cutter(item).tiles())) for item in items])


def _cut_cases(subject: Subject) -> list[Specimen]:
    """A call of each shape; larger ones, that there is something to cut."""
    operator, first = subject.operator, subject.plain
    scale = first.call.input_scales[0]
    if operator.sizes == "given":
        return list(subject.specimens[: len(operator.cases)])
    items = [subject.specimens[0], subject.specimens[-1]]
    if isinstance(first.tiling, Elementwise):
        shape = (1, 7, 4, 5)
    elif isinstance(first.tiling, Windows):
        size = first.tiling.kernel
        shape = (1, 6, size[0] + 4, size[1] + 6)
    else:
        shape = (1, 11, first.in_shape[-1])
    return [*items, specimen(operator, replace(first.case, shape=shape), scale)]


def check_memory(subject: Subject) -> str:
    """No access outside the windows: guard zones of bytes, and pages that may not be touched."""
    runners = _cut(subject)

    def work() -> str:
        return f"{sum(_runs_between_zones(runner) for runner in runners)} runs between guard zones"

    return sandboxed(work)


def _runs_between_zones(runner: Runner) -> int:
    inputs = runner.specimen.patterns[-1][1]
    runs = 0
    for tile in runner.tiles:
        calm = runner.run(inputs, tile, CALM)
        for at_end in (False, True):
            for around in (0x00, 0xFF):
                zones = Surroundings(around, CALM.before, at_end)
                wrong = difference(calm, runner.run(inputs, tile, zones), 0)
                ensure(
                    wrong is None,
                    f"{runner.specimen.title}, tile {list(tile)}: the result depends on bytes "
                    f"outside the windows: {wrong}",
                )
                runs += 1
    return runs


def check_determinism(subject: Subject) -> str:
    """Equal inputs give equal bytes, whatever memory held before and whatever ran in between."""
    runners = compiled([Runner(item, supported_isas()[0]) for item in _cut_cases(subject)])

    def work() -> str:
        return f"{sum(_runs_in_other_memory(runner) for runner in runners)} runs in other memory"

    return sandboxed(work)


def _runs_in_other_memory(runner: Runner) -> int:
    item, tile, runs = runner.specimen, runner.tiles[0], 0
    for name, inputs in item.patterns:
        first = runner.run(inputs, tile)
        again = item.reference(inputs)
        ensure(np.array_equal(again, item.reference(inputs)), "the reference varies")
        for surroundings in _WILD:
            wrong = difference(first, runner.run(inputs, tile, surroundings), 0)
            ensure(
                wrong is None,
                f"{item.title}, inputs {name}: the result depends on what its memory held "
                f"before: {wrong}",
            )
            runs += 1
    return runs


def _equal(item: Specimen, what: str, expected: Levels, found: Levels) -> None:
    wrong = difference(expected, found, item.operator.tolerance)
    ensure(wrong is None, f"{item.title}, {what}: {wrong}")
