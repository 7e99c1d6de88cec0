"""Post-training quantization of a checked graph: observe, calibrate, convert."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch.fx import GraphModule, Node

from adfc.determinism import reproducible
from adfc.errors import InputError
from adfc.frontend.bias_correction import correct_biases
from adfc.frontend.emit.walker import emit_tosa
from adfc.frontend.equalize import equalize
from adfc.frontend.export import Sample, first_line
from adfc.frontend.mixed import worst_layers
from adfc.frontend.nodes import shape_of, tensor_of
from adfc.frontend.prequantized import check_symmetric, is_prequantized
from adfc.frontend.prune import prune_channels
from adfc.frontend.quantizer import Int8Quantizer
from adfc.frontend.torchao_import import ObserverBase, convert_pt2e, prepare_pt2e
from adfc.frontend.tosa_model import TosaModel
from adfc.quantization import DEFAULT, QuantizationOptions


@dataclass(frozen=True)
class Quantized:
    """A quantized graph beside the float graph that it came from.

    `graph` has quantize and dequantize nodes around its operators, weights as int8. `float_graph`
    has the same operators under the same names, in float. `notes` are what a user should know of
    what was done to the model.
    """

    graph: GraphModule
    float_graph: GraphModule | None
    notes: tuple[str, ...] = ()

    def to_tosa(self) -> TosaModel:
        """TOSA 1.0 integer text, with the notes. Raises ModelError as `emit_tosa`."""
        return replace(emit_tosa(self.graph), notes=self.notes)


class _Reworking(Int8Quantizer):
    """Changes the float graph as the options say, once batch normalisations are folded."""

    def __init__(self, options: QuantizationOptions, samples: Sequence[Sample]) -> None:
        super().__init__(options)
        self._options = options
        self._samples = samples

    def transform_for_annotation(self, model: GraphModule) -> GraphModule:
        """Prunes, then equalizes; raises as `prune_channels`."""
        if self._options.prune:
            self.notes.append(str(prune_channels(model, self._options.pruned_channels)))
        if self._options.equalize:
            count = equalize(model, self._samples)
            self.notes.append(f"equalized {count} set{'s'[: count != 1]} of channels")
        return model


def quantize_graph(
    graph: GraphModule,
    calibration: Sequence[Sample],
    options: QuantizationOptions = DEFAULT,
) -> GraphModule:
    """The graph with quantize and dequantize nodes around its operators, weights as int8.

    `calibration` holds at least one tuple of float32 inputs of the graph's shapes. Raises
    InputError where it does not. `graph` is used up: folding changes it.
    """
    return quantize(graph, calibration, options).graph


def quantize(
    graph: GraphModule,
    calibration: Sequence[Sample],
    options: QuantizationOptions = DEFAULT,
) -> Quantized:
    """As `quantize_graph`, and keeps the float graph to compare with."""
    _check_calibration(graph, calibration)
    if is_prequantized(graph):
        _check_options(options)
        if not options.requantize:
            check_symmetric(graph)
    with torch.no_grad(), reproducible():
        if options.mixed_count:
            options = _with_worst_layers(graph, calibration, options)
        quantizer = _Reworking(options, calibration)
        prepared = prepare_pt2e(graph, quantizer)
        float_graph = _without_observers(copy_graph(prepared))
        for index, sample in enumerate(calibration):
            try:
                prepared(*sample)
            except RuntimeError as error:
                raise InputError(f"calibration sample {index}: {first_line(error)}") from error
        quantized = convert_pt2e(prepared)
        if options.bias_correction:
            correct_biases(quantized, float_graph, calibration)
        return Quantized(quantized, float_graph, tuple(quantizer.notes))


def _with_worst_layers(
    graph: GraphModule, calibration: Sequence[Sample], options: QuantizationOptions
) -> QuantizationOptions:
    """Options that name the layers which int8 serves worst."""
    first = quantize(copy_graph(graph), calibration, replace(options, mixed=""))
    assert first.float_graph is not None
    names = worst_layers(first.graph, first.float_graph, calibration, options.mixed_count)
    if not names:
        raise InputError("no layer of the model can have int16 activations", hint="drop --mixed")
    return replace(options, mixed=",".join(names))


def _check_options(options: QuantizationOptions) -> None:
    """Raises InputError for options that would change the scales or levels a model came with."""
    unwanted = {
        "--scales pow2": options.scales != DEFAULT.scales,
        "--bias-correction": options.bias_correction,
        "--equalize": options.equalize,
        "--mixed": bool(options.mixed),
        "--prune": bool(options.prune),
        f"--weight-bits {options.weight_bits}": options.weight_bits != DEFAULT.weight_bits,
    }
    given = [name for name, present in unwanted.items() if present]
    if given:
        raise InputError(
            "the model is quantized already",
            hint=f"drop {' and '.join(given)}, or give the float model",
        )


def copy_graph(graph: GraphModule) -> GraphModule:
    """A deep copy, for what uses a graph up."""
    with warnings.catch_warnings():
        # PyTorch's own pickling of graphs uses a class that PyTorch means to drop.
        warnings.simplefilter("ignore", FutureWarning)
        return copy.deepcopy(graph)


def _without_observers(prepared: GraphModule) -> GraphModule:
    for node in list(prepared.graph.nodes):
        if node.op == "call_module" and isinstance(
            prepared.get_submodule(str(node.target)), ObserverBase
        ):
            node.replace_all_uses_with(node.args[0])
            prepared.graph.erase_node(node)
    prepared.delete_all_unused_submodules()
    prepared.recompile()
    return prepared


def _check_calibration(graph: GraphModule, calibration: Sequence[Sample]) -> None:
    if not calibration:
        raise InputError(
            "there are no calibration samples",
            hint="pass some inputs that are typical for the model",
        )
    inputs = [node for node in graph.graph.nodes if node.op == "placeholder"]
    for index, sample in enumerate(calibration):
        if len(sample) != len(inputs):
            raise InputError(
                f"calibration sample {index} has {len(sample)} tensors, "
                f"the model has {len(inputs)} inputs"
            )
        for node, tensor in zip(inputs, sample, strict=True):
            _check_tensor(index, node, tensor)


def _check_tensor(index: int, node: Node, tensor: torch.Tensor) -> None:
    where = f"calibration sample {index}, input '{node.name}'"
    shape, expected = shape_of(node), tensor_of(node)
    if expected is not None and tensor.dtype != expected.dtype:
        raise InputError(f"{where} is {tensor.dtype}, expected {expected.dtype}")
    if tuple(tensor.shape) != shape:
        raise InputError(f"{where} has shape {tuple(tensor.shape)}, expected {shape}")
    if not torch.isfinite(tensor).all():
        raise InputError(f"{where} holds values that are not finite")
