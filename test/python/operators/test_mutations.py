"""The admission test of operators finds each way of being wrong that there is one for here."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from negation import DOCUMENTATION, SOURCE, operator, package, reference

from adfc.operators import Call, Case, Cost, Integers, Levels, MlirKernel, Operator, Rows, Windows
from adfc.operators.checks import CHECKS, check_package, sandbox


def _defined(name: str, function: Callable[..., torch.Tensor], fake: Callable[..., torch.Tensor]):
    """A PyTorch operator of the tests' own."""
    made = torch.library.custom_op(f"adfc_test::{name}", function, mutates_args=())
    made.register_fake(fake)
    return f"adfc_test::{name}"


def _first_column(x: torch.Tensor) -> torch.Tensor:
    return x[..., :1].clone()


def _minus(x: torch.Tensor) -> torch.Tensor:
    return -x


def _in_place(x: torch.Tensor) -> torch.Tensor:
    x.neg_()
    return x.clone()


def _empty(x: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(x)


def _pooled(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.avg_pool2d(x, (3, 3), 1, 1) * 9


def _reversed(x: torch.Tensor) -> torch.Tensor:
    return x.flip(-1)


SHORT_FAKE = _defined("short_fake", _minus, _first_column)
IN_PLACE = _defined("in_place", _in_place, _empty)
REVERSED = _defined("reversed_rows", _reversed, _empty)
POOLED = _defined("pooled", _pooled, _empty)

_RANDOM = itertools.count()


def _changed(old: str, new: str) -> Operator:
    assert old in SOURCE
    return operator(SOURCE.replace(old, new))


def _wide(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    return reference(inputs, integers).astype(np.int16)  # type: ignore[return-value]


def _writing(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    result = reference(inputs, integers)
    inputs[0][...] = 0
    return result


def _far_off(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    return np.clip(reference(inputs, integers).astype(np.int16) + 3, -128, 127).astype(np.int8)


def _varying(_call: Call) -> Integers:
    return Integers(parameters={"N": next(_RANDOM)})


def _failing(call: Call) -> Integers:
    if call.input_scales[0] > 0.5:
        raise OverflowError("too large")
    return Integers()


def _reversed_reference(inputs: tuple[Levels, ...], _integers: Integers) -> Levels:
    return inputs[0][..., ::-1].copy()


ROWS = """
#include <stdint.h>
void negate(const int8_t *x, int8_t *y, uint8_t *t, int32_t rows) {
  for (int32_t r = 0; r < rows; ++r) {
    for (int32_t i = 0; i < IN_LENGTH; ++i)
      t[i] = (uint8_t)x[r * IN_PITCH + i];
    for (int32_t i = 0; i < IN_LENGTH; ++i)
      y[r * OUT_PITCH + i] = (int8_t)t[IN_LENGTH - 1 - i];
  }
}
"""


def _rows(old: str = "", new: str = "", **changes: object) -> Operator:
    assert old in ROWS
    fields = {
        "name": REVERSED,
        "tiling": Rows(),
        "reference": _reversed_reference,
        "scratch": lambda length: -(-length // 4) * 4,
        "cases": (Case((1, 5, 7)), Case((1, 13))),
    }
    return operator(ROWS.replace(old, new), **{**fields, **changes})


def _pooled_reference(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    x = np.pad(inputs[0].astype(np.int32), ((0, 0), (1, 1), (1, 1), (0, 0)))
    _, rows, columns, _ = inputs[0].shape
    total = sum(x[:, i : i + rows, j : j + columns] for i in range(3) for j in range(3))
    shift = integers.parameters["SHIFT"]
    scaled = (total * integers.parameters["MULTIPLIER"] + (1 << (shift - 1))) >> shift
    return np.clip(scaled, -128, 127).astype(np.int8)


def _pooled_integers(call: Call) -> Integers:
    factor = call.input_scales[0] / call.output_scale
    return Integers(parameters={"MULTIPLIER": round(factor * (1 << 14)), "SHIFT": 14})


WINDOWS = """
#include <stdint.h>
void negate(const int8_t *x, int8_t *y, int32_t rows, int32_t columns) {
  for (int32_t r = 0; r < rows; ++r)
    for (int32_t c = 0; c < columns; ++c)
      for (int32_t k = 0; k < CHANNELS; ++k) {
        int32_t sum = 0;
        for (int32_t i = 0; i < KERNEL_ROWS; ++i)
          for (int32_t j = 0; j < KERNEL_COLUMNS; ++j)
            sum += x[((r + i) * IN_COLUMNS + c + j) * CHANNELS + k];
        int32_t level = (sum * MULTIPLIER + (1 << (SHIFT - 1))) >> SHIFT;
        level = level > 127 ? 127 : level < -128 ? -128 : level;
        y[(r * COLUMNS + c) * CHANNELS + k] = (int8_t)level;
      }
}
"""


def _windows(old: str = "", new: str = "") -> Operator:
    assert old in WINDOWS
    return operator(
        WINDOWS.replace(old, new),
        name=POOLED,
        tiling=Windows((3, 3), padding=(1, 1, 1, 1)),
        reference=_pooled_reference,
        prepare=_pooled_integers,
        output_scale="own",
        cost=Cost("assumed: nine loads and additions", load_a=9, load_b=9, mac=9, store=1),
        cases=(Case((1, 5, 7, 6)),),
    )


@dataclass(frozen=True)
class Mutant:
    """A wrong operator, and the check that must find it."""

    title: str
    check: str
    make: Callable[[], Operator]
    documentation: str = DOCUMENTATION + " reversed_rows short_fake in_place pooled"


MUTANTS = (
    Mutant("no documentation", "documentation", operator, ""),
    Mutant("documentation of something else", "documentation", operator, "Lorem ipsum " * 9),
    Mutant("a cost without a source", "documentation", lambda: operator(cost=Cost("", load_a=1))),
    Mutant("no PyTorch operator", "PyTorch operator", lambda: operator(name="adfc_test::absent")),
    Mutant("a fake of another shape", "PyTorch operator", lambda: operator(name=SHORT_FAKE)),
    Mutant("changes its input", "PyTorch operator", lambda: operator(name=IN_PLACE)),
    Mutant("a batch of two", "PyTorch operator", lambda: operator(cases=(Case((2, 8)),))),
    Mutant("integers that vary", "declaration", lambda: operator(prepare=_varying)),
    Mutant("integers that fail", "declaration", lambda: operator(prepare=_failing)),
    Mutant("a wide reference", "reference", lambda: operator(reference=_wide)),
    Mutant("a reference that writes", "reference", lambda: operator(reference=_writing)),
    Mutant("a reference far off", "reference", lambda: operator(reference=_far_off)),
    Mutant(
        "a cost below the roofline",
        "cost",
        lambda: operator(cost=Cost("assumed: magic", load_a=0.5, store=1)),
    ),
    Mutant(
        "a cost without stores", "cost", lambda: operator(cost=Cost("assumed: magic", load_a=1))
    ),
    Mutant(
        "a negative cost",
        "cost",
        lambda: operator(cost=Cost("assumed: magic", load_a=1, store=1, mac=-1)),
    ),
    Mutant(
        "intrinsics of one processor",
        "instruction sets",
        lambda: operator("#include <immintrin.h>\n" + SOURCE),
    ),
    Mutant(
        "a library's function",
        "instruction sets",
        lambda: operator(
            "int puts(const char *);\n" + SOURCE.replace("{\n", '{\n  puts("");\n', 1)
        ),
    ),
    Mutant(
        "a variable",
        "instruction sets",
        lambda: operator("static int n;\n" + SOURCE.replace("-x[i]", "(n++, -x[i])")),
    ),
    Mutant(
        "recursion",
        "instruction sets",
        lambda: operator(
            SOURCE.replace(
                "{\n",
                "{\n  if (count > 3) { negate(x + 1, y + 1, count - 1); "
                "negate(x + 2, y + 2, count - 2); }\n",
                1,
            )
        ),
    ),
    Mutant(
        "a deep stack",
        "instruction sets",
        lambda: operator(
            SOURCE.replace(
                "{\n",
                "{\n  volatile int8_t deep[16384];\n"
                "  for (int32_t i = 0; i < 16384; ++i) deep[i] = x[0];\n",
                1,
            )
        ),
    ),
    Mutant("text that is no C", "instruction sets", lambda: operator("void negate(")),
    Mutant(
        "text that is no MLIR",
        "instruction sets",
        lambda: operator(kernel=MlirKernel("func.func @negate(", "negate")),
    ),
    Mutant(
        "memrefs of other sizes",
        "instruction sets",
        lambda: operator(
            kernel=MlirKernel(
                "func.func @negate(%x: memref<3xi8>, %y: memref<${COUNT}xi8>) { return }", "negate"
            )
        ),
    ),
    Mutant("wraps at -128", "edge data", lambda: _changed("x[i] == -128 ? 127 : -x[i]", "-x[i]")),
    Mutant("leaves out the rest", "edge data", lambda: _changed("i < count", "i < count / 8 * 8")),
    Mutant("wrong for one level", "edge data", lambda: _changed("-x[i])", "-x[i] + (x[i] == 99))")),
    Mutant(
        "wrong on one instruction set",
        "edge data",
        lambda: operator(
            SOURCE.replace(
                "void", "#ifdef __AVX512F__\n#define D 1\n#else\n#define D 0\n#endif\nvoid"
            ).replace("-x[i])", "-x[i] + D * (x[i] == 5))")
        ),
    ),
    Mutant("never ends", "edge data", lambda: _changed("++i", "i += 0")),
    Mutant("a stray pointer", "edge data", lambda: _changed("y[i] =", "*(y + (i << 20)) =")),
    Mutant(
        "wrong in large windows",
        "largest window",
        lambda: _changed("i < count", "i < (count & 16383)"),
    ),
    Mutant(
        "counts from the tile's start", "tiling", lambda: _changed("-x[i])", "-x[i] + (i == 60))")
    ),
    Mutant("reads its neighbour", "tiling", lambda: _changed("-x[i])", "-x[i ? i - 1 : 0])")),
    Mutant("writes one too many", "memory bounds", lambda: _changed("i < count", "i <= count")),
    Mutant("writes one before", "memory bounds", lambda: _changed("i = 0;", "i = -1;")),
    Mutant(
        "reads past the end",
        "memory bounds",
        lambda: _changed("-x[i])", "-x[i] + 0 * ((const volatile int8_t *)x)[count + 4096])"),
    ),
    Mutant(
        "uses what lies behind",
        "memory bounds",
        lambda: _changed("-x[i])", "-x[i] + (i == count - 1 && x[count] == -1))"),
    ),
    Mutant(
        "writes to its input",
        "memory bounds",
        lambda: _changed("y[i] =", "((int8_t *)x)[i] = y[i] ="),
    ),
    Mutant(
        "leaves zeros to memory",
        "determinism",
        lambda: _changed("    y[i]", "    if (x[i] != 0) y[i]"),
    ),
    Mutant(
        "reads its result", "determinism", lambda: _changed("-x[i])", "-x[i] + (y[i] == -127))")
    ),
    Mutant("wrong in whole programs", "emulator", lambda: _changed("-x[i])", "-x[i] ^ 1)")),
    Mutant("rows without their pitch", "edge data", lambda: _rows("r * IN_PITCH", "r * IN_LENGTH")),
    Mutant("more scratch memory than it says", "memory bounds", lambda: _rows(scratch=4)),
    Mutant("a window that is one off", "edge data", lambda: _windows("c + j)", "c + j + 1)")),
    Mutant(
        "windows that do not clip",
        "edge data",
        lambda: _windows("level > 127 ? 127", "level > 999 ? 0"),
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.title)
def test_finds(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "TIME_LIMIT", 20.0)
    wrong = package(mutant.make(), documentation=mutant.documentation)
    findings = {f.check: f for f in check_package(wrong, (), only={mutant.check})}
    assert not findings[mutant.check].passed, findings[mutant.check].detail
    assert findings[mutant.check].detail


def test_every_check_finds_something() -> None:
    assert {mutant.check for mutant in MUTANTS} == set(CHECKS)


@pytest.mark.parametrize("right", [operator, _rows, _windows], ids=["negate", "rows", "windows"])
def test_right_operators_pass(right: Callable[[], Operator]) -> None:
    documentation = MUTANTS[-1].documentation
    findings = check_package(package(right(), documentation=documentation), ())
    assert [f for f in findings if not f.passed] == []


def test_a_kernel_that_is_within_its_tolerance_passes() -> None:
    near = dataclasses.replace(_changed("-x[i])", "-x[i] + (x[i] == 5))"), tolerance=1)
    findings = check_package(package(near), (), only={"edge data", "tiling"})
    assert [f for f in findings if not f.passed] == []
