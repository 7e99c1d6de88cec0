"""Checks of a kernel by itself, called tile by tile on this processor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adfc.driver.compile import HOST_ISAS
from adfc.operators.checks.cutting import CORE_BYTES, Cutter
from adfc.operators.checks.finding import ensure
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
    specimen,
)
from adfc.operators.geometry import Elementwise, Rows, Windows
from adfc.operators.operator import Case, Levels, Operator
from adfc.runtime import supported_isas

ALL_ISAS = (*HOST_ISAS, "aarch64", "riscv64", "thumbv8.1m-mve", "thumbv7em")
"""Instruction sets of the host and of every board."""

_SATURATING = 4.0
"""How much too small the output's scale is made, so that results saturate."""

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
    kernel = cutter.kernel(cutter.whole())
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
    cutter = Cutter(first)
    fixed = cutter.constant + cutter.scratch
    if isinstance(first.tiling, Rows):
        base = cutter.bytes_of(next(iter(cutter.tiles())))
        row = max(1, base - _fixed_bytes(first))
        rows = max(1, (CORE_BYTES - _fixed_bytes(first)) // row)
        return specimen(operator, Case((1, rows, first.in_shape[-1]), first.case.arguments), scale)
    if isinstance(first.tiling, Windows):
        for size in range(96, 1, -1):
            if 0 < _window_bytes(first, size) <= CORE_BYTES - fixed:
                case = Case((1, 4, size, size), first.case.arguments)
                return specimen(operator, case, scale)
    count = (CORE_BYTES - fixed) // (first.inputs + 1) // 64 * 64
    return specimen(operator, Case((1, count), first.case.arguments), scale)


def _window_bytes(item: Specimen, size: int) -> int:
    """Bytes of the windows of a call that takes a whole image of four channels, so many rows and
    columns; 0 where it is smaller than a window."""
    tiling = item.tiling
    assert isinstance(tiling, Windows)
    seen, made = 4, 4
    for axis in range(2):
        around = tiling.padding[2 * axis] + tiling.padding[2 * axis + 1]
        kernel, stride = tiling.kernel[axis], tiling.stride[axis]
        outputs = max(0, (size + around - kernel) // stride + 1)
        made *= outputs
        seen *= outputs if kernel == 1 else (outputs - 1) * stride + kernel
    return item.inputs * seen + made if made else 0


def _fixed_bytes(item: Specimen) -> int:
    constant = item.integers.constant_bytes
    size = 0 if constant is None else -(-constant.size // 4) * 4
    return size + item.operator.scratch_of(item.in_shape[-1])


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
    arguments = first.case.arguments
    items = [subject.specimens[0], subject.specimens[-1]]
    if isinstance(first.tiling, Elementwise):
        items.append(specimen(operator, Case((1, 7, 4, 5), arguments), scale))
    elif isinstance(first.tiling, Rows):
        items.append(specimen(operator, Case((1, 11, first.in_shape[-1]), arguments), scale))
    else:
        size = first.tiling.kernel
        shape = (1, 6, size[0] + 4, size[1] + 6)
        items.append(specimen(operator, Case(shape, arguments), scale))
    return items


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
