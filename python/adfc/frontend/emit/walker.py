"""Walks a quantized fx graph and emits the TOSA module."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import torch
from torch.fx import GraphModule, Node

from adfc.errors import ModelError
from adfc.frontend.boundary import ENTRY, attributes_of
from adfc.frontend.emit.builder import bits_of, integer_tensor_type
from adfc.frontend.emit.emission import Emission, boundary_layout, mlir_location
from adfc.frontend.emit.operators import family_of
from adfc.frontend.emit.registry import Role
from adfc.frontend.emit.values import (
    Constant,
    Feature,
    GraphInput,
    GraphValue,
    Indices,
    Layout,
)
from adfc.frontend.locations import source_of
from adfc.frontend.mixed import INT16_LEVELS
from adfc.frontend.mlir import func, ir
from adfc.frontend.nodes import arguments, is_index_input, op_name, shape_of
from adfc.frontend.tosa_model import TosaModel
from adfc.model_io import INT8_MAX, TensorSpec, array_order

_QUANTIZE = "quantized_decomposed.quantize_per_tensor.default"
_DEQUANTIZE = "quantized_decomposed.dequantize_per_tensor.default"
_DEQUANTIZE_WEIGHTS = "quantized_decomposed.dequantize_per_channel.default"


def emit_tosa(model: GraphModule) -> TosaModel:
    """TOSA 1.0 integer text of a graph that convert_pt2e made, with its boundary tensors.

    Raises ModelError where the calibrated scales cannot be expressed.
    """
    with ir.Context(), ir.Location.unknown():
        return _Walker(model).run()


@dataclass(frozen=True)
class Probe:
    """A tensor between two layers, as `emit_probed` returns it.

    `quantize` names the graph's node that made its int8 values, `origin` the node whose value they
    are, `shape` is the shape that PyTorch sees. `label`, `file` and `line` are those of the layer.
    """

    quantize: str
    origin: str
    label: str
    file: str
    line: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Probed:
    """TOSA with a probe for each output; output `outputs[i]` is the model's own output i.

    The model's outputs come after the probes; one that is a probed tensor itself is not repeated.
    """

    tosa: TosaModel
    probes: tuple[Probe, ...]
    outputs: tuple[int, ...]


def emit_probed(model: GraphModule, *, keep_outputs: bool) -> Probed:
    """As `emit_tosa`, but the outputs are all int8 tensors that layers compute, one per probe.

    A probed tensor lies as the next layer reads it, so without the model's own outputs the program
    has no operator that the model's has not. Raises as `emit_tosa`.
    """
    with ir.Context(), ir.Location.unknown():
        walker = _Walker(model, probing=True, keep_outputs=keep_outputs)
        tosa = walker.run()
        return Probed(tosa, tuple(walker.probes), tuple(walker.outputs))


class _Walker:
    def __init__(
        self, model: GraphModule, *, probing: bool = False, keep_outputs: bool = True
    ) -> None:
        self._model = model
        self._emission = Emission()
        self._inputs: dict[str, TensorSpec] = {}
        self._probing = probing
        self._keep_outputs = keep_outputs
        self._features: list[tuple[Node, Feature]] = []
        self.probes: list[Probe] = []
        self.outputs: list[int] = []
        self._operators: dict[str, tuple[str, ...]] = {}

    def run(self) -> TosaModel:
        nodes = list(self._model.graph.nodes)
        placeholders = [node for node in nodes if node.op == "placeholder"]
        module = ir.Module.create()
        with ir.InsertionPoint(module.body):
            types = [_argument_type(node) for node in placeholders]
            self._inputs.update(
                (node.name, _index_spec(node)) for node in placeholders if is_index_input(node)
            )
            function = func.FuncOp(ENTRY, (types, []))
            block = function.add_entry_block([mlir_location(node) for node in placeholders])
        for node, argument in zip(placeholders, block.arguments, strict=True):
            value = GraphInput(node.name, argument, _input_layout(node))
            self._emission.define(node, value)
        outputs: tuple[TensorSpec, ...] = ()
        with ir.InsertionPoint(block):
            for node in nodes:
                if node.op == "output":
                    returns = self._return_probes if self._probing else self._return
                    outputs = returns(node, function, types)
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
            return self._dequantize(node)
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
            known = self._inputs.setdefault(value.name, _spec(value.name, value.layout, scale))
            argument = self._emission.build.reshape(value.argument, value.layout.value_shape)
            feature = Feature(argument, value.layout, known.scale)
            return self._emission.quantize(feature, scale)
        if isinstance(value, (Constant, Indices)):
            raise ModelError(
                f"'{source_of(node).label}' quantizes a constant or indices at run time"
            )
        try:
            feature = self._emission.quantize(value, scale, _bits_of_levels(node))
        except ModelError as error:
            raise _at(node, error) from error
        self._features.append((node, feature))
        return feature

    def _dequantize(self, node: Node) -> Feature:
        scale = _scale_of(node)
        value = self._emission.value(node.args[0])
        if not isinstance(value, Constant):
            return self._emission.feature(node.args[0])
        # Levels that were folded: a constant that is joined with features.
        layout = boundary_layout(value.values.shape)
        levels = value.values
        if layout.image is not None:
            levels = levels.transpose(0, 2, 3, 1)
        return Feature(self._emission.build.constant(levels), layout, scale)

    def _dequantize_weights(self, node: Node) -> Constant:
        call = arguments(node)
        scales = self._emission.constant(call["scales"]).values.astype(np.float64)
        zero_points = self._emission.constant(call["zero_points"]).values
        if call["axis"] not in (0, 1) or zero_points.any():
            raise AssertionError("weights are quantized symmetrically along an axis of channels")
        bits = 4 if call["quant_min"] >= -8 and call["quant_max"] <= 7 else 8
        return Constant(self._emission.constant(call["input"]).values, scales, bits)

    def _input_spec(self, node: Node) -> TensorSpec:
        if node.name not in self._inputs:
            raise ModelError(
                f"input '{node.name}' is not used by the model", hint="remove it from forward()"
            )
        return self._inputs[node.name]

    def _return(self, node: Node, function: Any, types: list[Any]) -> tuple[TensorSpec, ...]:
        values: list[Any] = []
        specs: list[TensorSpec] = []
        for value, spec in self._results(node):
            values.append(value)
            specs.append(spec)
        _return_values(function, types, values)
        return tuple(specs)

    def _results(self, node: Node) -> Generator[tuple[Any, TensorSpec]]:
        """The model's outputs as they leave the program."""
        results = list(node.args[0])  # type: ignore[arg-type]
        names = ["output"] if len(results) == 1 else [f"output_{i}" for i in range(len(results))]
        for name, result in zip(names, results, strict=True):
            value = self._emission.value(result) if isinstance(result, Node) else None
            if isinstance(value, Indices):
                order = tuple(range(len(value.shape)))
                yield value.value, TensorSpec(name, value.shape, 1.0, order, index_rows=value.rows)
                continue
            if not isinstance(value, Feature):
                raise ModelError(
                    f"{name} of the model is not computed from its input",
                    hint="return tensors that the model computes",
                )
            with mlir_location(_origin(result)):
                if bits_of(value.value) == 16:
                    # Programs give int8, of the same range.
                    scale = value.scale * INT16_LEVELS / INT8_MAX
                    value = self._emission.quantize(value, scale)
                levels = self._emission.at_boundary(value)
            yield levels, _spec(name, value.layout, value.scale)

    def _return_probes(self, node: Node, function: Any, types: list[Any]) -> tuple[TensorSpec, ...]:
        values: list[Any] = []
        specs: list[TensorSpec] = []
        for quantize, feature in self._features:
            if feature.value in values:
                continue  # seen under another shape only
            specs.append(_spec_as_it_lies(f"layer_{len(values)}", feature))
            values.append(feature.value)
            self.probes.append(_probe(quantize, feature))
        for value, spec in self._results(node) if self._keep_outputs else ():
            if value not in values:
                values.append(value)
                specs.append(spec)
            self.outputs.append(values.index(value))
        _return_values(function, types, values)
        return tuple(specs)


def _spec_as_it_lies(name: str, feature: Feature) -> TensorSpec:
    layout, bits = feature.layout, bits_of(feature.value)
    if layout.image is None:
        order = layout.order or tuple(range(len(layout.shape)))
        return TensorSpec(name, layout.shape, feature.scale, order, bits=bits)
    order = array_order(len(layout.image))
    return TensorSpec(name, layout.image, feature.scale, order, bits=bits)


def _probe(quantize: Node, feature: Feature) -> Probe:
    origin = _origin(quantize)
    source = source_of(_producer(origin))
    shape, label = feature.layout.shape, source.label
    if op_name(quantize.args[0]) == _DEQUANTIZE:  # type: ignore[arg-type]
        label = f"{label} as int{_bits_of_levels(quantize)}"
    return Probe(quantize.name, origin.name, label, source.file, source.line, shape)


def _return_values(function: Any, types: list[Any], values: list[Any]) -> None:
    """Ends @main, whose signature was open so far."""
    func.ReturnOp(values)
    signature = ir.FunctionType.get(types, [value.type for value in values])
    function.attributes["function_type"] = ir.TypeAttr.get(signature)


def _producer(node: Node) -> Node:
    """The layer that an activation was fused into; any other node itself."""
    family = family_of(node)
    if family is None or family.role is not Role.ACTIVATION:
        return node
    (source,) = node.all_input_nodes
    return node if op_name(source) == _DEQUANTIZE else _producer(source)


def _origin(node: Node) -> Node:
    """The node whose value a chain of quantize and dequantize nodes carries."""
    while op_name(node) in (_QUANTIZE, _DEQUANTIZE) and isinstance(node.args[0], Node):
        node = node.args[0]
    return node


def _argument_type(node: Node) -> Any:
    if is_index_input(node):
        return integer_tensor_type(shape_of(node), 32)
    return integer_tensor_type(_input_layout(node).array_shape, 8)


def _input_layout(node: Node) -> Layout:
    """How an input lies: (N, C, L) as lines where it is only read as images of one row."""
    shape = shape_of(node)
    readers, waiting = list[Node](), list(node.users)
    while waiting:
        user = waiting.pop()
        if op_name(user) in (_QUANTIZE, _DEQUANTIZE):
            waiting.extend(user.users)
        else:
            readers.append(user)
    lines = len(shape) == 3 and all(
        op_name(user) == "aten.unsqueeze.default" and user.args[1] == 2 for user in readers
    )
    return Layout.line(shape) if lines else boundary_layout(shape)


def _spec(name: str, layout: Layout, scale: float) -> TensorSpec:
    return TensorSpec(name, layout.shape, scale, layout.permutation)


def _index_spec(node: Node) -> TensorSpec:
    """The spec of an input that holds indices: below the number of rows of every table."""
    tables = [arguments(user)["weight"] for user in node.users]
    rows = min((shape_of(table)[0] for table in tables), default=1)
    shape = shape_of(node)
    return TensorSpec(node.name, shape, 1.0, tuple(range(len(shape))), index_rows=rows)


def _scale_of(node: Node) -> float:
    """The scale of a per-tensor quantize or dequantize."""
    call = arguments(node)
    scale = float(call["scale"])
    if call["zero_point"] != 0 or call["dtype"] not in (torch.int8, torch.int16):
        raise AssertionError(f"{node.format_node()} is not symmetric int8 or int16")
    if not (math.isfinite(scale) and scale > 0):
        source = source_of(_origin(node))
        raise ModelError(
            f"calibration saw values that are not finite at '{source.label}' ({source.place})",
            hint="check the model's weights and the calibration samples",
        )
    return scale


def _bits_of_levels(node: Node) -> int:
    """Of the levels that a quantize node makes: 8 or 16."""
    return 16 if arguments(node)["dtype"] == torch.int16 else 8


def _at(node: Node, error: ModelError) -> ModelError:
    """The error with the user's place in front, unless it names one."""
    source = source_of(_origin(node))
    if f"'{source.label}'" in error.message:
        return error
    return ModelError(f"'{source.label}' ({source.place}): {error.message}", hint=error.hint)
