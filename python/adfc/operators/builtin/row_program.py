"""Programs of the kernel `rowwise`: operations of TOSA on int32, for each row of its inputs.

A step is written as its number (`StepKind` in dialects/ADF/ADFAttrs.td), how many operands it has,
the numbers of these steps, how many numbers it has, and these (lib/Kernels/README.md).
"""

from __future__ import annotations

from typing import Any

from adfc.operators.library import Extents
from adfc.operators.operator import Cost

COST = Cost(
    "assumed: each step on 32-bit lanes takes two VMUL, VADD or VMAX of 16 lanes; each reduction "
    "goes over the row again",
    store=4,
    per_read={"mac": 1, "move": 2, "load_a": 0.5},
)
"""What the kernel costs for each of its steps."""

_INPUT, _LITERAL, _CHANNEL = 0, 1, 2
_SHIFT_RIGHT = 16
_BINARY = {"add": 10, "sub": 11, "mul": 12, "divide": 15, "shift_left": 17, "and": 19}
_UNARY = {"clz": 32, "rescale": 34, "table16": 37, "reduce_sum": 100, "reduce_max": 101}


class RowProgram:
    """Steps and the lengths of constants, as they are added; each method gives the step's number.

    Constants are int32 arrays, one behind the other in the operator's constant.
    """

    def __init__(self) -> None:
        self._steps: list[int] = []
        self._count = 0
        self._constants: list[int] = []

    def _step(self, kind: int, operands: tuple[int, ...], numbers: tuple[int, ...]) -> int:
        self._steps += [kind, len(operands), *operands, len(numbers), *numbers]
        self._count += 1
        return self._count - 1

    def _constant(self, length: int) -> int:
        self._constants.append(length)
        return len(self._constants) - 1

    def input(self, index: int = 0) -> int:
        """The row of an input, widened."""
        return self._step(_INPUT, (), (index,))

    def literal(self, value: int) -> int:
        """A number."""
        return self._step(_LITERAL, (), (value,))

    def channels(self, length: int) -> int:
        """A constant with a number for each position of the row."""
        return self._step(_CHANNEL, (), (self._constant(length),))

    def binary(self, name: str, left: int, right: int) -> int:
        """add, sub, mul, divide, shift_left, and."""
        numbers = (0,) if name == "mul" else ()
        return self._step(_BINARY[name], (left, right), numbers)

    def shift_right(self, value: int, amount: int, *, rounds: bool) -> int:
        """value / 2^amount, rounded half up or down."""
        return self._step(_SHIFT_RIGHT, (value, amount), (int(rounds),))

    def unary(self, name: str, value: int) -> int:
        """clz, reduce_sum, reduce_max."""
        return self._step(_UNARY[name], (value,), ())

    def rescale(self, value: int, factor: tuple[int, int], bits: int) -> int:
        """Times multiplier / 2^shift, rounded once, saturated to so many bits."""
        return self._step(_UNARY["rescale"], (value,), (*factor, bits))

    def table16(self, value: int, entries: int) -> int:
        """The 16-bit table of so many entries, interpolated."""
        return self._step(_UNARY["table16"], (value,), (self._constant(entries),))

    def config(self, extents: Extents) -> dict[str, Any]:
        """The configuration of the kernel for rows of one input."""
        rows, columns, channels = extents.output
        return {
            "inputs": 1,
            "out": [rows * columns, extents.lengths[1], channels],
            "steps": list(self._steps),
            "constants": list(self._constants),
        }


def steps_of(config: Any) -> int:
    """How many steps a configuration has."""
    steps, count, place = config["steps"], 0, 0
    while place < len(steps):
        place += 2 + steps[place + 1]  # kind, operands
        place += 1 + steps[place]  # numbers
        count += 1
    return count
