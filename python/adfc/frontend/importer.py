"""The whole front end in one function."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from adfc.frontend.emit.walker import emit_tosa
from adfc.frontend.export import Importable, Sample, export_graph
from adfc.frontend.quantize import quantize_graph
from adfc.frontend.quantizer import Scales
from adfc.frontend.tosa_model import TosaModel


def import_model(
    module: Importable,
    example_inputs: Sequence[torch.Tensor] | None,
    calibration: Sequence[Sample],
    *,
    scales: Scales = "free",
) -> TosaModel:
    """Exports, quantizes to int8 and emits a model as TOSA 1.0 integer text.

    `module` is an nn.Module, run in inference mode on `example_inputs` (float32, batch 1), or an
    ExportedProgram, which needs none. `calibration` holds input tuples that are typical for the
    model; their largest magnitudes set the activations' scales. `scales="pow2"` makes all scales
    powers of two.

    Raises InputError, ModelError, UnsupportedOpError; see `export_graph` and `quantize_graph`.
    """
    graph = export_graph(module, example_inputs)
    return emit_tosa(quantize_graph(graph, calibration, scales))
