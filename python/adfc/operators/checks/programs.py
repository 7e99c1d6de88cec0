"""Checks of whole programs with the operator: on the emulated array, and on boards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from adfc.boards import load_board, run_on_board
from adfc.driver.options import CompileOptions
from adfc.errors import AdfcError, CapacityError
from adfc.frontend.importer import import_model
from adfc.frontend.tosa_model import TosaModel
from adfc.operators.checks.finding import CheckError, ensure
from adfc.operators.checks.runner import difference
from adfc.operators.checks.specimen import (
    all_arguments,
    input_shapes,
    patterns,
    tensor_names,
    torch_function,
)
from adfc.operators.library import LibraryKernel
from adfc.operators.operator import Call, Case, Levels, Operator
from adfc.oracle import ReferenceModel
from adfc.program import Program, compile_tosa
from adfc.runtime import supported_isas

_SMALL = CompileOptions(device="npu1", tiles=4, resident=False)
"""For boards: an array whose emulation fits the smallest of them, in 4 MB."""

_WAYS = (
    CompileOptions(tiles=1, resident=False),
    CompileOptions(tiles=4, resident=False),
    CompileOptions(tiles=28, resident=False),
    CompileOptions(tiles=4, resident=True),
    CompileOptions(device="npu1", tiles=16, resident=False),
)
"""Devices, numbers of core tiles and forms of program that are tried."""


class _OneCall(nn.Module):
    """A model that is one call of the operator."""

    def __init__(self, operator: Operator, case: Case) -> None:
        super().__init__()
        self._function = torch_function(operator)
        self._arguments = dict(case.arguments)
        self._names = tensor_names(operator, case)
        self._held = tuple(case.parameters)
        for name, values in case.parameters.items():
            self.register_buffer(f"held_{name}", torch.from_numpy(values))

    def forward(self, *tensors: torch.Tensor) -> Any:
        given = dict(zip(self._names, tensors, strict=True))
        held = {name: self.get_buffer(f"held_{name}") for name in self._held}
        return self._function(**given, **held, **self._arguments)


def model_of(operator: Operator, case: Case) -> TosaModel:
    """The quantized model of one call. Raises CheckError."""
    generator = torch.Generator().manual_seed(0)
    shapes = input_shapes(operator, case)
    sample = tuple(torch.randn(shape, generator=generator) * 3 for shape in shapes)
    try:
        return import_model(_OneCall(operator, case), sample, [sample])
    except AdfcError as error:
        raise CheckError(f"shape {list(case.shape)}: {error}") from error


def check_emulator(operator: Operator) -> str:
    """Programs on one core, on four and on many; through DDR and resident; engine and native."""
    runs = 0
    for case in operator.cases:
        tosa = model_of(operator, case)
        reference = ReferenceModel(tosa)
        inputs = _inputs(tosa)
        expected = [_reference(reference, levels) for levels in inputs]
        if isinstance(operator.kernel, LibraryKernel):
            _check_described(operator, case, tosa, inputs, expected)
        for options in _WAYS:
            where = (
                f"shape {list(case.shape)} on {options.device} with {options.tiles} core tiles"
                f"{', resident' if options.resident else ''}"
            )
            program = _compiled(tosa, options, where)
            if program is None:
                continue
            for levels, wanted in zip(inputs, expected, strict=True):
                for engine in ("rcb", "native"):
                    found = _executed(program, levels, engine, where)
                    _compare(operator, wanted, found, f"{where}, {engine}")
                    runs += 1
    return f"{runs} runs are the reference's"


def _check_described(
    operator: Operator,
    case: Case,
    tosa: TosaModel,
    inputs: list[list[Levels]],
    expected: list[list[Levels]],
) -> None:
    """What the operator's description says of the model is what Arm's reference model computes."""
    call = call_of(operator, case, tosa)
    assert operator.reference is not None
    for levels, wanted in zip(inputs, expected, strict=True):
        found = operator.reference(tuple(levels), operator.prepare(call))
        where = f"shape {list(case.shape)}, its reference beside Arm's"
        _compare(operator, wanted, [found], where)


def call_of(operator: Operator, case: Case, tosa: TosaModel) -> Call:
    """The quantized call that a model of one call makes."""
    (result,) = tosa.outputs
    shapes = tuple(spec.array_shape for spec in tosa.inputs)
    return Call(
        all_arguments(operator, case),
        tuple(spec.scale for spec in tosa.inputs),
        result.scale,
        shapes[0][-1],
        shapes,
        dict(case.parameters),
    )


def check_board(operator: Operator, board: str) -> str:
    """A program on a board in QEMU gives the reference's bytes."""
    case = operator.cases[-1]
    tosa = model_of(operator, case)
    reference = ReferenceModel(tosa)
    levels = _inputs(tosa)[-1]
    where = f"shape {list(case.shape)} on {board}"
    program = _compiled(tosa, _SMALL, where)
    ensure(program is not None, f"{where}: it does not fit a small array")
    assert program is not None
    try:
        (run,) = run_on_board(program.image, load_board(board), levels)
    except AdfcError as error:
        raise CheckError(f"{where}: {error}") from error
    _compare(operator, _reference(reference, levels), run.outputs, where)
    return f"{run.guest_instructions[0]:,} guest instructions, {run.cost.cycles:,} array cycles"


def _inputs(tosa: TosaModel) -> list[list[Levels]]:
    """Patterns of int8 inputs in array order."""
    named = dict(patterns([spec.array_shape for spec in tosa.inputs]))
    return [list(named[name]) for name in ("127 and -128 in turn", "every level", "noise")]


def _compiled(tosa: TosaModel, options: CompileOptions, where: str) -> Program | None:
    """The program; None where a form of program is asked for that does not fit."""
    try:
        # The admission test tries kernels on each instruction set by themselves.
        return compile_tosa(tosa, options, name="operator", isas=supported_isas()[:1])
    except CapacityError as error:
        if options.resident:
            return None
        raise CheckError(f"{where}: {error}") from error
    except AdfcError as error:
        raise CheckError(f"{where}: {error}") from error


def _executed(
    program: Program, levels: list[Levels], engine: Any, where: str
) -> tuple[Levels, ...]:
    try:
        return tuple(program.execute(levels, engine=engine).outputs)
    except AdfcError as error:
        raise CheckError(f"{where}: {error}") from error


def _reference(reference: ReferenceModel, levels: Sequence[Levels]) -> list[Levels]:
    try:
        return reference.run(levels)
    except AdfcError as error:
        raise CheckError(str(error)) from error


def _compare(
    operator: Operator, expected: Sequence[Levels], found: Sequence[Levels], where: str
) -> None:
    for one, other in zip(expected, found, strict=True):
        wrong = difference(np.asarray(one), np.asarray(other), operator.tolerance)
        ensure(wrong is None, f"{where}: {wrong}")
