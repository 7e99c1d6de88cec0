"""Every level of a compiled model against Arm's TOSA reference model and the float model."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from adfc.driver.compile import Progress
from adfc.driver.options import CompileOptions
from adfc.errors import ModelError
from adfc.frontend import TosaModel
from adfc.frontend.source import ModelSource, TorchSource
from adfc.metrics import cosine, sqnr_db
from adfc.oracle import ReferenceModel
from adfc.program import Program, compile_tosa

Levels = NDArray[np.int8]


@dataclass(frozen=True)
class Accuracy:
    """Share of right answers (0..1) on labelled samples: of the float model and of the array."""

    samples: int
    float_model: float
    array: float


@dataclass(frozen=True)
class ModelCheck:
    """What the check of one model found.

    `array_equal` and `native_equal` count the inputs for which every output byte of the engine's
    run and of the native program's equals the reference model's. `traces_equal`: both wrote the
    same registers in the same order. `sqnr_db` and `cosine` compare the array with the float model
    (least over the inputs), `top1_agreement` is the share of inputs with the same greatest output;
    None where the model came as TOSA.
    """

    name: str
    inputs: int
    array_equal: int
    native_equal: int
    traces_equal: bool
    cycles: int
    sqnr_db: float | None
    cosine: float | None
    top1_agreement: float | None
    accuracy: Accuracy | None

    @property
    def bit_exact(self) -> bool:
        """Every level gave the reference model's bytes for every input."""
        return self.inputs == self.array_equal == self.native_equal and self.traces_equal

    def to_json(self) -> dict[str, Any]:
        """A JSON object; a ratio that is not finite is null."""
        fields = dataclasses.asdict(self)
        if self.sqnr_db is not None and not math.isfinite(self.sqnr_db):
            fields["sqnr_db"] = None
        return {"bit_exact": self.bit_exact, **fields}


@dataclass(frozen=True)
class _Pair:
    """Outputs of one input: of the float model, and of the array as real values."""

    expected: NDArray[Any]
    measured: NDArray[Any]


def check_model(
    source: ModelSource,
    tosa: TosaModel,
    options: CompileOptions,
    inputs: int,
    progress: Progress = lambda _: None,
) -> ModelCheck:
    """Compile `tosa`, made from `source`, and compare all its levels for so many inputs.

    Raises what compiling and running raise; a difference in bytes is no error but a finding.
    """
    program = compile_tosa(tosa, options, name=source.name, progress=progress)
    reference = ReferenceModel(tosa)
    array_equal = native_equal = cycles = 0
    traces_equal = True
    pairs: list[_Pair] = []
    for index, sample in enumerate(_samples(source, tosa, inputs)):
        progress(f"input {index + 1} of {inputs}")
        levels = program.quantize(sample)
        expected = reference.run(levels)
        array = program.execute(levels, backend="trace", engine="rcb")
        native = program.execute(levels, backend="trace", engine="native")
        array_equal += _same(expected, array.outputs)
        native_equal += _same(expected, native.outputs)
        traces_equal = traces_equal and array.trace_digest == native.trace_digest
        cycles = array.cost.cycles
        if isinstance(source, TorchSource):
            tensors = [torch.from_numpy(values) for values in sample]
            floats = _first_tensor(source.float_model()(*tensors)).numpy()
            pairs.append(_Pair(floats, program.dequantize(array.outputs)[0]))
    return ModelCheck(
        name=source.name,
        inputs=inputs,
        array_equal=array_equal,
        native_equal=native_equal,
        traces_equal=traces_equal,
        cycles=cycles,
        sqnr_db=min((sqnr_db(p.expected, p.measured) for p in pairs), default=None),
        cosine=min((cosine(p.expected, p.measured) for p in pairs), default=None),
        top1_agreement=_share(p.expected.argmax() == p.measured.argmax() for p in pairs),
        accuracy=_accuracy(source, program, progress),
    )


def _samples(
    source: ModelSource, tosa: TosaModel, count: int
) -> Iterable[list[NDArray[np.float32]]]:
    """Float inputs to try the model on: its own where it has some, else noise of a fixed seed."""
    if isinstance(source, TorchSource) and source.sample_inputs is not None:
        for sample in source.sample_inputs(count):
            yield [tensor.detach().numpy() for tensor in sample]
        return
    random = np.random.default_rng(0)
    for _ in range(count):
        yield [
            (random.integers(-128, 128, spec.shape) * spec.scale).astype(np.float32)
            for spec in tosa.inputs
        ]


def _first_tensor(outputs: Any) -> torch.Tensor:
    while isinstance(outputs, (tuple, list)):
        outputs = outputs[0]
    if not isinstance(outputs, torch.Tensor):
        raise ModelError(f"the float model returns a {type(outputs).__name__}, expected a tensor")
    return outputs.detach()


def _same(expected: Sequence[Levels], outputs: Sequence[Levels]) -> bool:
    return all(np.array_equal(e, o) for e, o in zip(expected, outputs, strict=True))


def _share(hits: Iterable[Any]) -> float | None:
    values = [bool(hit) for hit in hits]
    return sum(values) / len(values) if values else None


def _accuracy(source: ModelSource, program: Program, progress: Progress) -> Accuracy | None:
    """Accuracy on every labelled sample, on the array itself."""
    if not isinstance(source, TorchSource) or source.evaluation is None:
        return None
    data = source.evaluation()
    model = source.float_model()
    float_right = array_right = 0
    for index, (sample, label) in enumerate(zip(data.inputs, data.labels, strict=True)):
        if index % 50 == 0:
            progress(f"accuracy: sample {index} of {len(data.labels)}")
        batch = sample.unsqueeze(0)
        float_right += int(_first_tensor(model(batch)).argmax()) == int(label)
        run = program.execute(program.quantize([batch.numpy()]))
        array_right += int(run.outputs[0].argmax()) == int(label)
    count = len(data.labels)
    return Accuracy(count, float_right / count, array_right / count)


def to_json(checks: Sequence[ModelCheck]) -> dict[str, Any]:
    """The object that `adfc check --json` prints."""
    return {
        "bit_exact": all(check.bit_exact for check in checks),
        "models": [check.to_json() for check in checks],
        "accuracy": {
            check.name: dataclasses.asdict(check.accuracy)
            for check in checks
            if check.accuracy is not None
        },
    }
