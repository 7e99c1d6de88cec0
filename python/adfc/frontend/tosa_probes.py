"""A TOSA model's intermediate tensors as its outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adfc.frontend.boundary import ENTRY, attributes_of
from adfc.frontend.emit.builder import bits_of
from adfc.frontend.mlir import func, ir
from adfc.frontend.tosa_model import TosaModel
from adfc.model_io import INT32_MAX, TensorSpec

_NO_LAYERS = frozenset(
    f"tosa.{name}"
    for name in ("concat", "const", "identity", "pad", "reshape", "reverse", "slice", "transpose")
)
"""Operators that move values and compute none."""


@dataclass(frozen=True)
class TosaProbe:
    """An int8 or int16 tensor that an operator of a TOSA model computes; places as in locations."""

    label: str
    file: str
    line: int


@dataclass(frozen=True)
class ProbedTosa:
    """TOSA with a probe for each output; output `outputs[i]` is the model's own output i."""

    tosa: TosaModel
    probes: tuple[TosaProbe, ...]
    outputs: tuple[int, ...]


def probe_tosa(tosa: TosaModel, *, keep_outputs: bool) -> ProbedTosa:
    """The model with every int8 and int16 tensor that an operator computes as an output.

    There is one per probe. A rescale whose only reader is a clamp is the clamp's part. Scales are
    unknown, so the outputs have scale 1: their real values are their levels.
    """
    with ir.Context(), ir.Location.unknown():
        module = ir.Module.parse(tosa.text)
        function = next(
            op
            for op in module.body.operations
            if op.operation.name == "func.func" and op.name.value == ENTRY
        )
        block = function.regions[0].blocks[0]
        layers = [op for op in block.operations if _is_layer(op)]
        values = [op.results[0] for op in layers]
        last = block.operations[len(block.operations) - 1].operation
        outputs: list[int] = []
        for value in list(last.operands) if keep_outputs else ():
            if value not in values:
                values.append(value)
            outputs.append(values.index(value))
        last.erase()
        specs = _replace_returns(function, block, values)
        module.operation.verify()
        text = module.operation.get_asm(enable_debug_info=True)
        probes = tuple(_probe(op) for op in layers)
        return ProbedTosa(TosaModel(text, tosa.inputs, specs), probes, tuple(outputs))


def _replace_returns(function: Any, block: Any, values: list[Any]) -> tuple[TensorSpec, ...]:
    shapes = [tuple(value.type.shape) for value in values]
    specs = tuple(
        _spec(f"layer_{index}", shape, bits_of(value))
        for index, (shape, value) in enumerate(zip(shapes, values, strict=True))
    )
    with ir.InsertionPoint(block):
        func.ReturnOp(values)
    signature = ir.FunctionType.get(function.type.inputs, [value.type for value in values])
    function.attributes["function_type"] = ir.TypeAttr.get(signature)
    function.attributes["res_attrs"] = ir.ArrayAttr.get([attributes_of(s) for s in specs])
    return specs


def _spec(name: str, shape: tuple[int, ...], bits: int) -> TensorSpec:
    """Of levels, or of int32 indices."""
    order = tuple(range(len(shape)))
    if bits == 32:
        return TensorSpec(name, shape, 1.0, order, index_rows=INT32_MAX)
    return TensorSpec(name, shape, 1.0, order, bits=bits)


def _is_layer(op: Any) -> bool:
    if op.operation.name in _NO_LAYERS or len(op.results) != 1:
        return False
    result = op.results[0]
    if not isinstance(result.type, ir.RankedTensorType):
        return False
    if str(result.type.element_type) not in ("i8", "i16"):
        return False
    readers = [use.owner.name for use in result.uses]
    return readers != ["tosa.clamp"]


def _probe(op: Any) -> TosaProbe:
    layer = op.operation
    if layer.name == "tosa.clamp" and isinstance(layer.operands[0], ir.OpResult):
        layer = layer.operands[0].owner  # the layer that the clamp is part of
    place, label = layer.location, layer.name
    if isinstance(place, ir.NameLoc):
        label, place = place.name_str, place.child_loc
    if not isinstance(place, ir.FileLineColLoc):
        return TosaProbe(label, "", 0)
    return TosaProbe(label, str(place.filename), int(place.start_line))
