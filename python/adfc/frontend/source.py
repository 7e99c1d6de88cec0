"""A model as the user named it, before it becomes TOSA."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adfc.errors import InputError
from adfc.frontend.images import Preprocessing
from adfc.frontend.samples import (
    CalibrationSample,
    SampleFile,
    SampleFolder,
    SampleSource,
    as_samples,
)
from adfc.frontend.tosa_model import TosaModel
from adfc.graph import Graph
from adfc.quantization import DEFAULT, QuantizationOptions
from adfc.zoo.model import Evaluation, Sample, Samples

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.fx import GraphModule

    from adfc.frontend.export import Importable
    from adfc.frontend.quantize import Quantized


@dataclass(frozen=True)
class TorchSource:
    """A float model.

    `calibration` holds the samples that its scales come from unless the user gives others;
    `calibration_origin` says what they are, for messages. `sample_inputs` gives inputs to try the
    model on, where it brings some; `evaluation` is labelled data, where there is any;
    `preprocessing` makes its inputs from images, where it says how.
    """

    name: str
    model: Importable
    example_inputs: Sample | None
    calibration: Sequence[Sample]
    calibration_origin: str
    sample_inputs: Samples | None = None
    evaluation: Callable[[], Evaluation] | None = None
    preprocessing: Preprocessing | None = None

    def to_tosa(
        self,
        *,
        calibration: Iterable[CalibrationSample] | SampleSource | None = None,
        quantization: QuantizationOptions = DEFAULT,
    ) -> TosaModel:
        """Quantizes the model, on the user's samples where given; raises as `import_model`."""
        return self.quantize(calibration=calibration, quantization=quantization).to_tosa()

    def quantize(
        self,
        *,
        calibration: Iterable[CalibrationSample] | SampleSource | None = None,
        quantization: QuantizationOptions = DEFAULT,
    ) -> Quantized:
        """The quantized graph beside the float one; raises as `import_model`."""
        from adfc.frontend.export import export_graph
        from adfc.frontend.quantize import quantize

        graph = export_graph(self.model, self.example_inputs)
        return quantize(graph, self.samples_for(graph, calibration), quantization)

    def samples_for(
        self,
        graph: GraphModule,
        calibration: Iterable[CalibrationSample] | SampleSource | None,
    ) -> Sequence[Sample]:
        """The samples to calibrate on: the user's, where given. Raises InputError."""
        from adfc.frontend.nodes import shape_of

        samples: Sequence[Sample] = self.calibration
        if isinstance(calibration, (SampleFile, SampleFolder)):
            inputs = [node for node in graph.graph.nodes if node.op == "placeholder"]
            shapes = [(node.name, shape_of(node)) for node in inputs]
            samples = calibration.samples(shapes, self.preprocessing)
        elif calibration is not None:
            samples = as_samples(calibration)
        return samples

    def float_model(self) -> Callable[..., Any]:
        """The model as a function of float tensors, in inference mode, without gradients."""
        import torch
        from torch.export import ExportedProgram

        module: nn.Module
        if isinstance(self.model, ExportedProgram):
            module = self.model.module(check_guards=False)
        else:
            module = self.model.eval()

        def run(*inputs: torch.Tensor) -> Any:
            with torch.no_grad():
                return module(*inputs)

        return run


@dataclass(frozen=True)
class TosaSource:
    """A model that is TOSA already."""

    name: str
    tosa: TosaModel

    def to_tosa(
        self,
        *,
        calibration: Iterable[CalibrationSample] | SampleSource | None = None,
        quantization: QuantizationOptions = DEFAULT,
    ) -> TosaModel:
        """The TOSA as it was read. Raises InputError for options that come too late for it."""
        if calibration is not None or quantization != DEFAULT:
            raise InputError(
                f"'{self.name}' is quantized already",
                hint="drop the calibration and quantization options",
            )
        return self.tosa


@dataclass(frozen=True)
class GraphSource:
    """A data-flow graph: no network, and only `adfc compile` takes it."""

    name: str
    graph: Graph

    def to_tosa(
        self,
        *,
        calibration: Iterable[CalibrationSample] | SampleSource | None = None,
        quantization: QuantizationOptions = DEFAULT,
    ) -> TosaModel:
        """Raises InputError: a graph's kernels are its own."""
        del calibration, quantization
        raise InputError(
            f"'{self.name}' is a data-flow graph, not a network",
            hint="compile it with adfc compile, and run, report or trace the image",
        )


@dataclass(frozen=True)
class AdfSource:
    """Text in the dialect adf: behind fusing and planning, and only `adfc compile` takes it."""

    name: str
    text: str

    def to_tosa(
        self,
        *,
        calibration: Iterable[CalibrationSample] | SampleSource | None = None,
        quantization: QuantizationOptions = DEFAULT,
    ) -> TosaModel:
        """Raises InputError: there is no way back up."""
        del calibration, quantization
        raise InputError(
            f"'{self.name}' is in the dialect adf, which comes after TOSA",
            hint="compile it with adfc compile, and run, report or trace the image",
        )


ModelSource = TorchSource | TosaSource | GraphSource | AdfSource
