"""The names that we use of torchao, imported without the noise of its optional GPU libraries.

Importing torchao warns of CUDA extensions that cannot be loaded and of a deprecated call of its
own; both say nothing to a user of adfc.
"""

from __future__ import annotations

from adfc.frontend.quiet import quiet_logging

with quiet_logging():
    from torchao.quantization.pt2e.observer import (
        HistogramObserver,
        MinMaxObserver,
        ObserverBase,
        UniformQuantizationObserverBase,
    )
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
    from torchao.quantization.pt2e.quantizer import (
        FixedQParamsQuantizationSpec,
        QuantizationAnnotation,
        QuantizationSpec,
        Quantizer,
        SharedQuantizationSpec,
    )

__all__ = [
    "FixedQParamsQuantizationSpec",
    "HistogramObserver",
    "MinMaxObserver",
    "ObserverBase",
    "QuantizationAnnotation",
    "QuantizationSpec",
    "Quantizer",
    "SharedQuantizationSpec",
    "UniformQuantizationObserverBase",
    "convert_pt2e",
    "prepare_pt2e",
]
