"""What the front end's tests share: one run of the whole front end, seen from both sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import torch
from torch import nn
from torch.fx import GraphModule
from torch.utils._pytree import tree_leaves

from adfc import zoo
from adfc.determinism import reproducible
from adfc.frontend.emit.walker import emit_tosa
from adfc.frontend.export import Sample, export_graph
from adfc.frontend.quantize import quantize_graph
from adfc.frontend.tosa_model import TosaModel
from adfc.oracle import ReferenceModel
from adfc.quantization import QuantizationOptions, Scales


@dataclass(frozen=True)
class Imported:
    """A model in its three forms: float module, torch's simulation of int8, TOSA."""

    module: nn.Module
    simulation: GraphModule
    tosa: TosaModel

    def differences(self, sample: Sample) -> list[np.ndarray]:
        """|reference model on TOSA - torch's simulation|, in LSB of each output, user's order."""
        levels = ReferenceModel(self.tosa).run(
            [
                spec.quantize(value.numpy())
                for spec, value in zip(self.tosa.inputs, sample, strict=True)
            ]
        )
        with torch.no_grad():
            simulated = self.simulation(*sample)
        return [
            np.abs(spec.dequantize(integer) - expected.numpy()) / spec.scale
            for spec, integer, expected in zip(
                self.tosa.outputs, levels, tree_leaves(simulated), strict=True
            )
        ]


Importer = Callable[..., Imported]


@pytest.fixture(scope="session")
def imported() -> Importer:
    """Imports a module on seeded normal inputs of the given shapes."""

    def run(
        module: nn.Module,
        *shapes: tuple[int, ...],
        scales: Scales = "free",
        calibration: Sequence[Sample] | None = None,
    ) -> Imported:
        with reproducible(7):
            samples = calibration or [tuple(torch.randn(s) for s in shapes) for _ in range(4)]
        graph = export_graph(module, samples[0])
        simulation = quantize_graph(graph, samples, QuantizationOptions(scales=scales))
        return Imported(module, simulation, emit_tosa(simulation))

    return run


@pytest.fixture(scope="session")
def zoo_model() -> Callable[[str], Imported]:
    """A model of the zoo, calibrated on its own samples; made once per session."""

    @cache
    def run(name: str) -> Imported:
        entry = zoo.get(name)
        module, example = entry.build()
        samples = entry.calibration(entry.calibration_samples)
        simulation = quantize_graph(export_graph(module, example), samples)
        return Imported(module, simulation, emit_tosa(simulation))

    return run
