"""Walks a quantized fx graph and emits the TOSA module."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
import torch
from torch.fx import GraphModule, Node

from adfc.errors import ModelError
from adfc.frontend.boundary import ENTRY, attributes_of
from adfc.frontend.emit.builder import integer_tensor_type
from adfc.frontend.emit.emission import Emission, boundary_layout, mlir_location
from adfc.frontend.emit.operators import family_of
from adfc.frontend.emit.values import Constant, Feature, GraphInput, GraphValue
from adfc.frontend.locations import source_of
from adfc.frontend.mlir import func, ir
from adfc.frontend.nodes import arguments, op_name, shape_of
from adfc.frontend.tosa_model import TosaModel
from adfc.model_io import TensorSpec, array_order

_QUANTIZE = "quantized_decomposed.quantize_per_tensor.default"
_DEQUANTIZE = "quantized_decomposed.dequantize_per_tensor.default"
_DEQUANTIZE_WEIGHTS = "quantized_decomposed.dequantize_per_channel.default"


def emit_tosa(model: GraphModule) -> TosaModel:
    """TOSA 1.0 integer text of a graph that convert_pt2e made, with its boundary tensors.

    Raises ModelError where the calibrated scales cannot be expressed.
    """
    with ir.Context(), ir.Location.unknown():
        return _Walker(model).run()


class _Walker:
    def __init__(self, model: GraphModule) -> None:
        self._model = model
        self._emission = Emission()
        self._inputs: dict[str, TensorSpec] = {}
        self._operators: dict[str, tuple[str, ...]] = {}

    def run(self) -> TosaModel:
        nodes = list(self._model.graph.nodes)
        placeholders = [node for node in nodes if node.op == "placeholder"]
        module = ir.Module.create()
        with ir.InsertionPoint(module.body):
            types = [_argument_type(node) for node in placeholders]
            function = func.FuncOp(ENTRY, (types, []))
            block = function.add_entry_block([mlir_location(node) for node in placeholders])
        for node, argument in zip(placeholders, block.arguments, strict=True):
            value = GraphInput(node.name, argument, boundary_layout(shape_of(node)))
            self._emission.define(node, value)
        outputs: tuple[TensorSpec, ...] = ()
        with ir.InsertionPoint(block):
            for node in nodes:
                if node.op == "output":
                    outputs = self._return(node, function, types)
                elif node.op != "placeholder":
                    with mlir_location(_origin(node)):
                        self._emission.define(node, self._emit(node))
                    self._note_operator(node)
        inputs = tuple(self._input_spec(node) for node in placeholders)
        function.arg_attrs = ir.ArrayAttr.get([attributes_of(spec) for spec in inputs])
        function.attributes["res_attrs"] = ir.ArrayAttr.get([attributes_of(s) for s in outputs])
        module.operation.verify()
        text = module.operation.get_asm(enable_debug_info=True)
        return TosaModel(text, inputs, outputs, self._operators)

    def _note_operator(self, node: Node) -> None:
        """Keeps the node's operator under its label, but for those that quantize."""
        name = op_name(node)
        if node.op == "call_function" and not name.startswith("quantized_decomposed."):
            label = source_of(node).label
            known = self._operators.get(label, ())
            self._operators[label] = known if name in known else (*known, name)

    def _emit(self, node: Node) -> GraphValue:
        if node.op == "get_attr":
            return Constant(self._parameter(str(node.target)))
        name = op_name(node)
        if name == _QUANTIZE:
            return self._quantize(node)
        if name == _DEQUANTIZE:
            _scale_of(node)
            return self._emission.feature(node.args[0])
        if name == _DEQUANTIZE_WEIGHTS:
            return self._dequantize_weights(node)
        family = family_of(node)
        if family is None:
            raise AssertionError(f"{node.format_node()} was not refused before quantization")
        try:
            return family.emit(self._emission, node)
        except ModelError as error:
            raise _at(node, error) from error

    def _parameter(self, path: str) -> np.ndarray[Any, Any]:
        tensor: torch.Tensor = reduce(getattr, path.split("."), self._model)  # type: ignore[arg-type]
        return tensor.detach().cpu().numpy()

    def _quantize(self, node: Node) -> Feature:
        scale = _scale_of(node)
        value = self._emission.value(node.args[0])
        if isinstance(value, GraphInput):
            known = self._inputs.setdefault(
                value.name, _spec(value.name, value.layout.shape, scale)
            )
            feature = Feature(value.argument, value.layout, known.scale)
            return self._emission.quantize(feature, scale)
        if isinstance(value, Constant):
            raise ModelError(f"'{source_of(node).label}' quantizes a constant at run time")
        try:
            return self._emission.quantize(value, scale)
        except ModelError as error:
            raise _at(node, error) from error

    def _dequantize_weights(self, node: Node) -> Constant:
        call = arguments(node)
        scales = self._emission.constant(call["scales"]).values.astype(np.float64)
        zero_points = self._emission.constant(call["zero_points"]).values
        if call["axis"] != 0 or zero_points.any():
            raise AssertionError("weights are quantized symmetrically along axis 0")
        return Constant(self._emission.constant(call["input"]).values, scales)

    def _input_spec(self, node: Node) -> TensorSpec:
        if node.name not in self._inputs:
            raise ModelError(
                f"input '{node.name}' is not used by the model", hint="remove it from forward()"
            )
        return self._inputs[node.name]

    def _return(self, node: Node, function: Any, types: list[Any]) -> tuple[TensorSpec, ...]:
        results = list(node.args[0])  # type: ignore[arg-type]
        names = ["output"] if len(results) == 1 else [f"output_{i}" for i in range(len(results))]
        values: list[Any] = []
        specs: list[TensorSpec] = []
        for name, result in zip(names, results, strict=True):
            value = self._emission.value(result) if isinstance(result, Node) else None
            if not isinstance(value, Feature):
                raise ModelError(
                    f"{name} of the model is not computed from its input",
                    hint="return tensors that the model computes",
                )
            with mlir_location(_origin(result)):
                values.append(self._emission.at_boundary(value))
            specs.append(_spec(name, value.layout.shape, value.scale))
        func.ReturnOp(values)
        signature = ir.FunctionType.get(types, [value.type for value in values])
        function.attributes["function_type"] = ir.TypeAttr.get(signature)
        return tuple(specs)


def _origin(node: Node) -> Node:
    """The node whose value a chain of quantize and dequantize nodes carries."""
    while op_name(node) in (_QUANTIZE, _DEQUANTIZE) and isinstance(node.args[0], Node):
        node = node.args[0]
    return node


def _argument_type(node: Node) -> Any:
    return integer_tensor_type(boundary_layout(shape_of(node)).value_shape, 8)


def _spec(name: str, shape: tuple[int, ...], scale: float) -> TensorSpec:
    return TensorSpec(name, shape, scale, array_order(len(shape)))


def _scale_of(node: Node) -> float:
    """The scale of a per-tensor quantize or dequantize."""
    call = arguments(node)
    scale = float(call["scale"])
    if call["zero_point"] != 0 or call["dtype"] != torch.int8:
        raise AssertionError(f"{node.format_node()} is not symmetric int8")
    if not (math.isfinite(scale) and scale > 0):
        source = source_of(_origin(node))
        raise ModelError(
            f"calibration saw values that are not finite at '{source.label}' ({source.place})",
            hint="check the model's weights and the calibration samples",
        )
    return scale


def _at(node: Node, error: ModelError) -> ModelError:
    """The error with the user's place in front, unless it names one."""
    source = source_of(_origin(node))
    if source.label in error.message:
        return error
    return ModelError(f"'{source.label}' ({source.place}): {error.message}", hint=error.hint)
