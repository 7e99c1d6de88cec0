"""A TOSA program with operators of packages, as parts that Arm's reference model can run.

The reference model knows no operator of a package; the package's own reference says what it
computes. So the program is cut: stage n computes what depends on the results of n such operators,
one after the other, and ends with the inputs of the next ones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.errors import ModelError
from adfc.frontend.boundary import ENTRY
from adfc.frontend.mlir import func, ir
from adfc.operators.codegen import read_defines
from adfc.operators.operator import Integers, Levels
from adfc.operators.registry import named

CUSTOM = "tosa.custom"


def has_package_operators(text: str) -> bool:
    """Whether TOSA text has an operator of a package."""
    return f'"{CUSTOM}"' in text or f"{CUSTOM} " in text


@dataclass(frozen=True)
class PackageOperator:
    """One call of a package's operator: values by number in, one out.

    The program's inputs have the first numbers; then each call's result.
    """

    name: str
    constant: NDArray[np.uint8] | None
    defines: str
    inputs: tuple[int, ...]
    shape: tuple[int, ...]

    def run(self, inputs: Sequence[Levels]) -> Levels:
        """The result by the operator's own reference.

        Raises ModelError where that fails or gives another shape or dtype.
        """
        integers = Integers(self.constant, read_defines(self.defines))
        return reference_levels(self.name, tuple(inputs), integers, self.shape)


def reference_levels(
    name: str, inputs: tuple[Levels, ...], integers: Integers, shape: tuple[int, ...]
) -> Levels:
    """What the reference of operator `name` computes; raises as `PackageOperator.run`."""
    reference = named(name).reference
    assert reference is not None
    try:
        result = reference(inputs, integers)
    except Exception as error:
        raise ModelError(
            f"the reference of '{name}' raises {type(error).__name__}: {error}"
        ) from error
    levels = np.asarray(result)
    if levels.dtype != np.int8 or levels.shape != shape:
        raise ModelError(
            f"the reference of '{name}' gives {levels.dtype}{list(levels.shape)}, "
            f"not int8{list(shape)}"
        )
    return levels


@dataclass(frozen=True)
class Stage:
    """TOSA text that takes the values `inputs` and gives `outputs`, all by number."""

    text: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Staged:
    """A program in stages; after stage n come the calls `calls[n]`, each with its number.

    Values are numbered: the program's arguments, then the result of each operation in its order.
    `results` are those that the program returns.
    """

    stages: tuple[Stage, ...]
    calls: tuple[tuple[tuple[int, PackageOperator], ...], ...]
    results: tuple[int, ...]


def staged(text: str) -> Staged:
    """The stages of TOSA text that has operators of packages."""
    with ir.Context(), ir.Location.unknown():
        return _Cutter(text).run()


class _Function:
    """@main of TOSA text, its values by number."""

    def __init__(self, text: str) -> None:
        self.module = ir.Module.parse(text)
        self.function = next(
            op
            for op in self.module.body.operations
            if op.operation.name == "func.func" and op.name.value == ENTRY
        )
        self.block = self.function.regions[0].blocks[0]
        *operations, self.last = (op.operation for op in self.block.operations)
        self.operations: list[Any] = operations
        self.values: list[Any] = [*self.block.arguments, *(op.results[0] for op in operations)]


class _Cutter:
    def __init__(self, text: str) -> None:
        self._text = text
        whole = _Function(text)
        self._arguments = len(whole.block.arguments)
        numbers = {value: number for number, value in enumerate(whole.values)}
        self._operands = [[numbers[value] for value in op.operands] for op in whole.operations]
        self._results = tuple(numbers[value] for value in whole.last.operands)
        self._customs = {
            self._arguments + index: self._call(op, self._operands[index], whole)
            for index, op in enumerate(whole.operations)
            if op.name == CUSTOM
        }
        self._level = self._levels()

    def run(self) -> Staged:
        depth = max(self._level[number] for number in self._results)
        stages: list[Stage] = []
        calls: list[tuple[tuple[int, PackageOperator], ...]] = []
        for level in range(depth + 1):
            ready = [] if level == depth else self._ready(level)
            wanted = [number for _, call in ready for number in call.inputs]
            stages.append(self._stage(level, self._results if level == depth else wanted))
            calls.append(tuple(ready))
        return Staged(tuple(stages), tuple(calls), self._results)

    def _ready(self, level: int) -> list[tuple[int, PackageOperator]]:
        return [(n, call) for n, call in self._customs.items() if self._level[n] == level + 1]

    def _levels(self) -> list[int]:
        """How many operators of packages stand one after the other up to each value."""
        level = [0] * self._arguments
        for index, operands in enumerate(self._operands):
            before = max((level[number] for number in operands), default=0)
            level.append(before + (self._arguments + index in self._customs))
        return level

    def _stage(self, level: int, wanted: Sequence[int]) -> Stage:
        """What computes the values `wanted`, from the arguments and the calls up to `level`."""
        known = [n for n in self._customs if self._level[n] <= level]
        inputs = (*range(self._arguments), *known)
        outputs = tuple(sorted({number for number in wanted if number not in inputs}))
        part = _Function(self._text)
        for number in known:
            value = part.values[number]
            value.replace_all_uses_with(part.block.add_argument(value.type, ir.Location.unknown()))
        part.last.erase()
        types = [part.values[number].type for number in outputs]
        with ir.InsertionPoint(part.block):
            func.ReturnOp([part.values[number] for number in outputs])
        for op in reversed(part.operations):
            if not any(True for result in op.results for _ in result.uses):
                op.erase()
        signature = ir.FunctionType.get([argument.type for argument in part.block.arguments], types)
        part.function.attributes["function_type"] = ir.TypeAttr.get(signature)
        for name in ("arg_attrs", "res_attrs"):
            if name in part.function.attributes:
                del part.function.attributes[name]
        part.module.operation.verify()
        return Stage(part.module.operation.get_asm(), inputs, outputs)

    @staticmethod
    def _call(op: Any, operands: Sequence[int], whole: _Function) -> PackageOperator:
        attributes = json.loads(op.attributes["implementation_attrs"].value)
        constant = None
        inputs = tuple(operands)
        if attributes["constant"]:
            owner = whole.values[inputs[-1]].owner
            values = ir.DenseIntElementsAttr(owner.attributes["values"])
            constant = np.array(list(values), np.int64).astype(np.int8).view(np.uint8)
            inputs = inputs[:-1]
        return PackageOperator(
            name=op.attributes["operator_name"].value,
            constant=constant,
            defines=attributes["defines"],
            inputs=inputs,
            shape=tuple(op.results[0].type.shape),
        )
