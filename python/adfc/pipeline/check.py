"""A pipeline's parts against the TOSA reference model, and the whole of it against float."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.utils._pytree import tree_leaves

from adfc.check import ModelCheck, Subject, check_model
from adfc.driver.compile import Progress
from adfc.driver.options import CompileOptions
from adfc.frontend.export import Sample
from adfc.frontend.source import TorchSource
from adfc.metrics import cosine, sqnr_db
from adfc.pipeline.archive import ArraySegment
from adfc.pipeline.compile import Partitioned, compile_pipeline


@dataclass(frozen=True)
class PipelineCheck:
    """`parts` are the checks of the array's parts, on their own inputs in the calibration samples.

    The other figures compare the whole pipeline with the float model, least over `inputs` samples;
    `top1_agreement` is about the first output. `host_operators` are computed in float32 by both.
    """

    name: str
    inputs: int
    parts: tuple[ModelCheck, ...]
    host_operators: tuple[str, ...]
    sqnr_db: float
    cosine: float
    top1_agreement: float

    @property
    def bit_exact(self) -> bool:
        """Every part of the array gave the reference model's bytes."""
        return all(part.bit_exact for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        """The object that `adfc check --allow-host --json` prints."""
        return {
            "bit_exact": self.bit_exact,
            "model": self.name,
            "inputs": self.inputs,
            "host_operators": list(self.host_operators),
            "sqnr_db": self.sqnr_db if np.isfinite(self.sqnr_db) else None,
            "cosine": self.cosine,
            "top1_agreement": self.top1_agreement,
            "parts": [part.to_json() for part in self.parts],
        }


def check_pipeline(
    model: Partitioned,
    options: CompileOptions,
    inputs: int,
    *,
    layers: bool = True,
    progress: Progress = lambda _: None,
) -> PipelineCheck:
    """Checks a model that the host computes a part of; raises what compiling and running raise."""
    pipeline = compile_pipeline(model, options, progress)
    programs = [s.program for s in pipeline.parts.segments if isinstance(s, ArraySegment)]
    checks: list[ModelCheck] = []
    for part, program in zip(filter(None, model.parts), programs, strict=True):
        source = TorchSource(
            part.name, part.segment.graph, part.samples[0], part.samples, "the model's own values"
        )
        subject = Subject(source, part.tosa, part.quantized)
        checks.append(
            check_model(subject, options, inputs, program=program, layers=layers, progress=progress)
        )
    pairs: list[tuple[NDArray[Any], NDArray[Any]]] = []
    first: list[bool] = []
    samples = list(_samples(model.source, inputs))
    for index, sample in enumerate(samples):
        values = [tensor.detach().numpy() for tensor in sample]
        made = pipeline.run_detailed(*values, keep_state=index > 0).outputs
        expected = [
            leaf.detach().numpy() for leaf in tree_leaves(model.source.float_model()(*sample))
        ]
        pairs += zip(expected, made, strict=True)
        first.append(bool(expected[0].argmax() == made[0].argmax()))
    return PipelineCheck(
        name=model.source.name,
        inputs=len(samples),
        parts=tuple(checks),
        host_operators=tuple(op.op for op in model.host_ops),
        sqnr_db=min(sqnr_db(expected, made) for expected, made in pairs),
        cosine=min(cosine(expected, made) for expected, made in pairs),
        top1_agreement=sum(first) / len(first),
    )


def _samples(source: TorchSource, count: int) -> Sequence[Sample]:
    typical = source.sample_inputs(count) if source.sample_inputs else source.calibration
    return list(itertools.islice(typical, count))
