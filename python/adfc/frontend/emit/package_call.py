"""A quantized call of a package's operator as tosa.custom."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from adfc.errors import AdfcError, ModelError
from adfc.frontend.emit.builder import TosaBuilder, integer_tensor_type, shape_of
from adfc.frontend.emit.values import Feature, PackageCall
from adfc.frontend.mlir import ir
from adfc.operators.codegen import write_defines
from adfc.operators.geometry import Windows
from adfc.operators.kernel import CKernel, MlirKernel
from adfc.operators.operator import Call, Cost, Integers, reads_of

DOMAIN = "adfc"
"""`domain_name` of a tosa.custom that stands for an operator of a package."""

_MOST_CONSTANT = 1 << 15
"""Bytes: half of a core tile's data memory."""


def emit_package_call(build: TosaBuilder, value: PackageCall, scale: float) -> Feature:
    """The call with a result of that scale. Raises ModelError where the operator's code fails."""
    shapes = tuple(shape_of(operand) for operand in value.values)
    length = shapes[0][-1]
    call = Call(value.arguments, value.scales, scale, length, shapes)
    integers = _prepared(value, call)
    constant = integers.constant_bytes
    operands = list(value.values)
    with value.location:
        if constant is not None:
            operands.append(build.constant(constant.view(np.int8)))
        attributes = {
            "operator_name": value.operator.name,
            "domain_name": DOMAIN,
            "implementation_attrs": _text(value, integers, length),
        }
        result = ir.Operation.create(
            "tosa.custom",
            results=[integer_tensor_type(value.layout.value_shape, 8)],
            operands=operands,
            attributes={name: ir.StringAttr.get(text) for name, text in attributes.items()},
        ).result
    return Feature(result, value.layout, scale)


def _prepared(value: PackageCall, call: Call) -> Integers:
    name = value.operator.name
    try:
        integers = value.operator.prepare(call)
        constant = integers.constant_bytes
        write_defines(integers.parameters)
    except AdfcError:
        raise
    except Exception as error:
        raise ModelError(f"{name}: its prepare() raises {type(error).__name__}: {error}") from error
    if constant is not None and not 0 < constant.size <= _MOST_CONSTANT:
        raise ModelError(
            f"{name}: its constant has {constant.size} bytes, not 1 to {_MOST_CONSTANT}"
        )
    return integers


def _text(value: PackageCall, integers: Integers, length: int) -> str:
    """`implementation_attrs`: what the compiler must know, as JSON."""
    operator = value.operator
    assert isinstance(operator.cost, Cost) and isinstance(operator.kernel, CKernel | MlirKernel)
    tiling = value.tiling
    text: dict[str, Any] = {
        "tiling": tiling.name,
        "constant": integers.constant is not None,
        "scratch": operator.scratch_of(length),
        "cost": operator.cost.slots(reads_of(tiling)),
        "language": operator.kernel.language,
        "source": operator.kernel.source,
        "entry": operator.kernel.function,
        "defines": write_defines(integers.parameters),
    }
    if isinstance(tiling, Windows):
        text["window"] = tiling.numbers
    return json.dumps(text, sort_keys=True, separators=(",", ":"))
