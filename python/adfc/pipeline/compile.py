"""A model to a pipeline: partitioned, each part of the array quantized on its own inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch.fx import GraphModule

from adfc.driver.compile import Progress
from adfc.driver.options import CompileOptions
from adfc.errors import AdfcError, UnsupportedOp, UnsupportedOpError
from adfc.frontend.activations import float_values
from adfc.frontend.export import Sample, captured_graph
from adfc.frontend.in_place import hidden_writes
from adfc.frontend.nodes import is_index_input, shape_of
from adfc.frontend.quantize import Quantized, copy_graph, quantize
from adfc.frontend.samples import CalibrationSample, SampleSource
from adfc.frontend.source import TorchSource
from adfc.frontend.tosa_model import TosaModel
from adfc.pipeline.archive import ArraySegment, HostSegment, PipelineParts, TensorInfo
from adfc.pipeline.host_graph import host_graph
from adfc.pipeline.partition import Segment, partition
from adfc.pipeline.pipeline import Pipeline
from adfc.program import compile_tosa
from adfc.quantization import DEFAULT, QuantizationOptions


@dataclass(frozen=True)
class QuantizedSegment:
    """A part of the array's before it is compiled; `samples` are its own inputs in calibration."""

    name: str
    segment: Segment
    samples: tuple[Sample, ...]
    quantized: Quantized
    tosa: TosaModel


@dataclass(frozen=True)
class Partitioned:
    """A model, cut up; `parts` has None in the place of each host segment."""

    source: TorchSource
    graph: GraphModule
    segments: tuple[Segment, ...]
    parts: tuple[QuantizedSegment | None, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What quantization told of the parts."""
        return tuple(f"{p.name}: {note}" for p in self.parts if p for note in p.tosa.notes)

    @property
    def host_ops(self) -> tuple[UnsupportedOp, ...]:
        """All operators that the host is to run."""
        return tuple(op for segment in self.segments for op in segment.ops)


def partitioned(
    source: TorchSource,
    *,
    calibration: Iterable[CalibrationSample] | SampleSource | None = None,
    quantization: QuantizationOptions = DEFAULT,
) -> Partitioned:
    """Cuts a model up and quantizes the array's parts; raises as `TorchSource.quantize`."""
    graph = captured_graph(source.model, source.example_inputs)
    hidden = hidden_writes(graph)
    if hidden:
        raise UnsupportedOpError(hidden)
    samples = source.samples_for(graph, calibration)
    segments = partition(graph)
    names = {name for segment in segments if not segment.on_host for name in segment.inputs}
    recorded = [float_values(graph, sample, names) for sample in samples]
    parts: list[QuantizedSegment | None] = []
    for index, segment in enumerate(segments):
        if segment.on_host:
            parts.append(None)
            continue
        own = tuple(tuple(values[name] for name in segment.inputs) for values in recorded)
        name = f"{source.name}.{index}"
        try:
            quantized = quantize(copy_graph(segment.graph), own, quantization)
            tosa = quantized.to_tosa()
        except AdfcError as error:
            raise type(error)(f"{name}: {error.message}", hint=error.hint) from error
        parts.append(QuantizedSegment(name, segment, own, quantized, tosa))
    return Partitioned(source, graph, segments, tuple(parts))


def compile_pipeline(
    model: Partitioned, options: CompileOptions, progress: Progress = lambda _: None
) -> Pipeline:
    """Compiles each part of the array's; raises as `compile_tosa`."""
    segments: list[ArraySegment | HostSegment] = []
    for segment, part in zip(model.segments, model.parts, strict=True):
        if part is None:
            graph = host_graph(segment.graph, segment.inputs, segment.outputs)
            segments.append(HostSegment(graph, segment.ops))
        else:
            program = compile_tosa(part.tosa, options, name=part.name, progress=progress)
            segments.append(ArraySegment(program, segment.inputs, segment.outputs))
    return Pipeline(
        PipelineParts(
            model.source.name, _inputs(model.graph), _outputs(model.graph), tuple(segments)
        )
    )


def _inputs(graph: GraphModule) -> tuple[TensorInfo, ...]:
    return tuple(
        TensorInfo(node.name, shape_of(node), is_index_input(node))
        for node in graph.graph.nodes
        if node.op == "placeholder"
    )


def _outputs(graph: GraphModule) -> tuple[str, ...]:
    (output,) = (node for node in graph.graph.nodes if node.op == "output")
    results: Sequence[torch.fx.Node] = output.args[0]  # type: ignore[assignment]
    return tuple(result.name for result in results)
