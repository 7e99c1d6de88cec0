"""Boundary tensors as attributes of @main's arguments and results.

    adfc.name = "x"                             name of the tensor
    adfc.scale = 0.0078125 : f64                real = scale * int8
    adfc.float_shape = array<i64: 1, 3, 8, 8>   shape that the user sees
    adfc.permutation = array<i64: 0, 2, 3, 1>   axis i of the array is this axis of the user
    adfc.index_rows = 1000 : i64                an int32 input: indices below this
    adfc.bits = 16 : i64                        levels are int16; 8 where this is missing

All are optional: a tensor without them is named input_N or output_N, has scale 1 and the array's
own shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adfc.errors import ModelError
from adfc.frontend.mlir import ir
from adfc.model_io import INT32_MAX, TensorSpec

ENTRY = "main"
"""Name of the function that is the program."""

_NAME, _SCALE = "adfc.name", "adfc.scale"
_INDEX_ROWS, _BITS = "adfc.index_rows", "adfc.bits"
_FLOAT_SHAPE, _PERMUTATION = "adfc.float_shape", "adfc.permutation"


def attributes_of(spec: TensorSpec) -> Any:
    """The attributes that describe `spec`, as an ir.DictAttr."""
    indices: dict[str, Any] = {}
    i64 = ir.IntegerType.get_signless(64)
    if spec.index_rows:
        indices[_INDEX_ROWS] = ir.IntegerAttr.get(i64, spec.index_rows)
    if spec.bits != 8:
        indices[_BITS] = ir.IntegerAttr.get(i64, spec.bits)
    return ir.DictAttr.get(
        {
            **indices,
            _NAME: ir.StringAttr.get(spec.name),
            _SCALE: ir.FloatAttr.get(ir.F64Type.get(), spec.scale),
            _FLOAT_SHAPE: ir.DenseI64ArrayAttr.get(list(spec.shape)),
            _PERMUTATION: ir.DenseI64ArrayAttr.get(list(spec.permutation)),
        }
    )


def spec_from(
    attributes: Any,
    array_shape: Sequence[int],
    default_name: str,
    *,
    indices: bool = False,
    bits: int = 8,
) -> TensorSpec:
    """The spec of a tensor of `array_shape` from its ir.DictAttr (or None), or of `indices`.

    Levels have so many `bits`, and `array_shape` counts them.

    Raises ModelError where the attributes have wrong types or contradict the shape.
    """
    found = {named.name: named.attr for named in attributes} if attributes is not None else {}
    try:
        name = ir.StringAttr(found[_NAME]).value if _NAME in found else default_name
        scale = float(ir.FloatAttr(found[_SCALE]).value) if _SCALE in found else 1.0
        shape = _integers(found[_FLOAT_SHAPE]) if _FLOAT_SHAPE in found else tuple(array_shape)
        order = tuple(range(len(array_shape)))
        permutation = _integers(found[_PERMUTATION]) if _PERMUTATION in found else order
        rows = int(ir.IntegerAttr(found[_INDEX_ROWS])) if _INDEX_ROWS in found else INT32_MAX
    except (TypeError, ValueError) as error:
        raise ModelError(f"the adfc attributes of {default_name} have wrong types") from error
    if indices:
        return TensorSpec(name, tuple(array_shape), 1.0, order, index_rows=rows)
    spec = TensorSpec(name, shape, scale, permutation, bits=bits)
    permuted = tuple(shape[axis] for axis in permutation)
    if permuted != tuple(array_shape):
        raise ModelError(
            f"tensor '{name}': {_FLOAT_SHAPE} {shape} permuted by {permutation} gives "
            f"{permuted}, but the function has {tuple(array_shape)}"
        )
    return spec


def _integers(attribute: Any) -> tuple[int, ...]:
    return tuple(int(value) for value in ir.DenseI64ArrayAttr(attribute))
