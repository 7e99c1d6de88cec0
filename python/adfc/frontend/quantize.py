"""Post-training quantization of a checked graph: observe, calibrate, convert."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.fx import GraphModule

from adfc.determinism import reproducible
from adfc.errors import InputError
from adfc.frontend.export import Sample, first_line
from adfc.frontend.nodes import shape_of
from adfc.frontend.quantizer import Int8Quantizer, Scales
from adfc.frontend.torchao_import import convert_pt2e, prepare_pt2e


def quantize_graph(
    graph: GraphModule, calibration: Sequence[Sample], scales: Scales = "free"
) -> GraphModule:
    """The graph with quantize and dequantize nodes around its operators, weights as int8.

    `calibration` holds at least one tuple of float32 inputs of the graph's shapes. Raises
    InputError where it does not. `graph` is used up: folding changes it.
    """
    _check_calibration(graph, calibration)
    with torch.no_grad(), reproducible():
        prepared = prepare_pt2e(graph, Int8Quantizer(scales))
        for index, sample in enumerate(calibration):
            try:
                prepared(*sample)
            except RuntimeError as error:
                raise InputError(f"calibration sample {index}: {first_line(error)}") from error
        return convert_pt2e(prepared)


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
            _check_tensor(index, node.name, shape_of(node), tensor)


def _check_tensor(index: int, name: str, shape: tuple[int, ...], tensor: torch.Tensor) -> None:
    where = f"calibration sample {index}, input '{name}'"
    if tensor.dtype != torch.float32:
        raise InputError(f"{where} is {tensor.dtype}, expected torch.float32")
    if tuple(tensor.shape) != shape:
        raise InputError(f"{where} has shape {tuple(tensor.shape)}, expected {shape}")
    if not torch.isfinite(tensor).all():
        raise InputError(f"{where} holds values that are not finite")
