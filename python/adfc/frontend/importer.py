"""The whole front end in one function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch

from adfc.frontend.export import Importable, export_graph
from adfc.frontend.quantize import quantize
from adfc.frontend.samples import CalibrationSample, as_samples
from adfc.frontend.tosa_model import TosaModel
from adfc.quantization import DEFAULT, QuantizationOptions


def import_model(
    module: Importable,
    example_inputs: Sequence[torch.Tensor] | None,
    calibration: Iterable[CalibrationSample],
    *,
    quantization: QuantizationOptions = DEFAULT,
) -> TosaModel:
    """Exports, quantizes to int8 and emits a model as TOSA 1.0 integer text.

    `module` is an nn.Module, run in inference mode on `example_inputs` (float32, batch 1), or an
    ExportedProgram, which needs none. `calibration` gives inputs that are typical for the model:
    tuples of tensors, or single tensors, or numpy arrays of either kind. The activations' scales
    come from them as `quantization` says.

    Raises InputError, ModelError, UnsupportedOpError; see `export_graph` and `quantize_graph`.
    """
    graph = export_graph(module, example_inputs)
    return quantize(graph, as_samples(calibration), quantization).to_tosa()
