"""Every level of a compiled model against Arm's TOSA reference model and the float model."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils._pytree import tree_leaves

from adfc.driver.compile import Progress, of_batch
from adfc.driver.options import CompileOptions
from adfc.errors import InputError
from adfc.frontend import TosaModel
from adfc.frontend.export import Sample
from adfc.frontend.quantize import Quantized
from adfc.frontend.samples import SampleSource
from adfc.frontend.source import ModelSource, TorchSource
from adfc.layer_check import LayerChecker, LayerFigures, first_below, first_difference
from adfc.metrics import cosine, sqnr_db
from adfc.oracle import ReferenceModel
from adfc.planner import Schedule
from adfc.program import Program, compile_tosa
from adfc.quantization import DEFAULT, QuantizationOptions
from adfc.runtime import Run

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
    run and of the native program's equals the reference model's, the first time on a cold array,
    then on the same one. `traces_equal`: both wrote the same registers in the same order. `cycles`
    are those of the last inference. `sqnr_db` and `cosine` compare the array with the float model
    (least over the inputs and outputs), `top1_agreement` is the share of inputs with the same
    greatest value of the first output. Only inputs that are typical for the model count for these
    three; they are None where there are none, as for a model that came as TOSA. `layers` is empty
    where they were not asked for.
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
    layers: tuple[LayerFigures, ...]

    @property
    def bit_exact(self) -> bool:
        """Every level gave the reference model's bytes for every input, and every layer did."""
        whole = self.inputs == self.array_equal == self.native_equal and self.traces_equal
        return whole and self.first_difference is None

    @property
    def first_difference(self) -> LayerFigures | None:
        """The first layer whose bytes on the array are not the reference model's."""
        return first_difference(self.layers)

    def first_below(self, least_db: float) -> LayerFigures | None:
        """The first layer whose SQNR between float and the array is below `least_db`."""
        return first_below(self.layers, least_db)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; a ratio that is not finite is null."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        fields["accuracy"] = None if self.accuracy is None else dataclasses.asdict(self.accuracy)
        fields["layers"] = [layer.to_json() for layer in self.layers]
        first = self.first_difference
        fields["first_difference"] = None if first is None else first.name
        if self.sqnr_db is not None and not math.isfinite(self.sqnr_db):
            fields["sqnr_db"] = None
        return {"bit_exact": self.bit_exact, **fields}


@dataclass(frozen=True)
class _Pair:
    """An output for one input: of the float model, and of the array as real values."""

    output: int
    expected: NDArray[Any]
    measured: NDArray[Any]


@dataclass(frozen=True)
class _Sample:
    """Inputs to try a model on. Noise is not `typical`: its scales were not made for it."""

    inputs: list[NDArray[Any]]
    typical: bool


@dataclass(frozen=True)
class Subject:
    """A model to check: as the user gave it, as TOSA, and quantized, where it came as float."""

    source: ModelSource
    tosa: TosaModel
    quantized: Quantized | None


def subject(
    source: ModelSource,
    *,
    calibration: SampleSource | None = None,
    quantization: QuantizationOptions = DEFAULT,
) -> Subject:
    """Quantizes a model for the check; raises as `ModelSource.to_tosa`."""
    if not isinstance(source, TorchSource):
        return Subject(
            source, source.to_tosa(calibration=calibration, quantization=quantization), None
        )
    quantized = source.quantize(calibration=calibration, quantization=quantization)
    return Subject(source, quantized.to_tosa(), quantized)


def check_model(
    model: Subject,
    options: CompileOptions,
    inputs: int,
    *,
    program: Program | None = None,
    layers: bool = True,
    progress: Progress = lambda _: None,
) -> ModelCheck:
    """Compare all levels of a model for so many inputs; of a pipelined program so many batches.

    `program` is the model, compiled before; without it, it is compiled here. `layers` compares
    every layer too. Raises what compiling and running raise, and InputError for a program of
    another model; a difference in bytes is no error but a finding.
    """
    source, tosa = model.source, model.tosa
    if program is None:
        program = compile_tosa(tosa, options, name=source.name, progress=progress)
    _check_same_boundary(program, tosa, source.name)
    batch = program.batch or 1
    samples = list(_samples(source, tosa, inputs * batch))
    if layers:
        progress("compiling a variant that shows its layers")
    reference = _Reference(model, program, samples, layers=layers)
    array_equal = native_equal = cycles = 0
    traces_equal = True
    pairs: list[_Pair] = []
    for index in range(inputs):
        progress(f"input {index + 1} of {inputs}")
        images = samples[index * batch : (index + 1) * batch]
        quantized = [
            [spec.quantize(x) for spec, x in zip(tosa.inputs, image.inputs, strict=True)]
            for image in images
        ]
        levels = _stacked(quantized)
        expected = _stacked(
            [reference.run(image, own) for image, own in zip(images, quantized, strict=True)]
        )
        # The first inference on a cold array; then all on one, so that what is left of the one
        # before shows.
        found = [_both(program, levels, keep_state=index > 0)]
        if index == 0:
            found.append(_both(program, levels, keep_state=True))
        array_equal += all(_same(expected, array.outputs) for array, _ in found)
        native_equal += all(_same(expected, native.outputs) for _, native in found)
        traces_equal &= all(array.trace_digest == native.trace_digest for array, native in found)
        array = found[-1][0]
        cycles = array.cost.cycles
        if isinstance(source, TorchSource):
            pairs += _pairs(source, images, program.dequantize(array.outputs))
    return ModelCheck(
        name=source.name,
        inputs=inputs,
        array_equal=array_equal,
        native_equal=native_equal,
        traces_equal=traces_equal,
        cycles=cycles,
        sqnr_db=min((sqnr_db(p.expected, p.measured) for p in pairs), default=None),
        cosine=min((cosine(p.expected, p.measured) for p in pairs), default=None),
        top1_agreement=_share(
            p.expected.argmax() == p.measured.argmax() for p in pairs if p.output == 0
        ),
        accuracy=_accuracy(source, program, progress),
        layers=reference.layers(),
    )


def _stacked(images: Sequence[Sequence[Levels]]) -> list[Levels]:
    """Tensors of several images along their first axis; of one image as they are."""
    if len(images) == 1:
        return list(images[0])
    return [np.concatenate(tensors) for tensors in zip(*images, strict=True)]


def _pairs(
    source: TorchSource, images: Sequence[_Sample], outputs: Sequence[NDArray[Any]]
) -> list[_Pair]:
    """What the float model and the array make of each typical image."""
    found: list[_Pair] = []
    for number, image in enumerate(images):
        if not image.typical:
            continue
        mine = outputs if len(images) == 1 else [out[number : number + 1] for out in outputs]
        floats = _float_outputs(source, image.inputs)
        found += [_Pair(i, f, r) for i, (f, r) in enumerate(zip(floats, mine, strict=True))]
    return found


def _both(program: Program, levels: Sequence[Levels], *, keep_state: bool) -> tuple[Run, Run]:
    """A run of the engine, then one of the native program on the same array."""
    array = program.execute(levels, backend="trace", engine="rcb", keep_state=keep_state)
    return array, program.execute(levels, backend="trace", engine="native", keep_state=keep_state)


class _Reference:
    """The reference model; on the way it compares the layers of typical inputs, where asked to.

    Where no input is typical, it compares those that there are.
    """

    def __init__(
        self, model: Subject, program: Program, samples: Sequence[_Sample], *, layers: bool
    ) -> None:
        self._any = not any(sample.typical for sample in samples)
        self._whole: ReferenceModel | None = None
        self._checker: LayerChecker | None = None
        if layers:
            self._checker = LayerChecker(model.quantized or model.tosa, _options_of(program))
        else:
            self._whole = ReferenceModel(model.tosa)

    def run(self, sample: _Sample, levels: Sequence[Levels]) -> list[Levels]:
        if self._whole is not None:
            return self._whole.run(levels)
        assert self._checker is not None
        outputs, layers = self._checker.reference(levels)
        if sample.typical or self._any:
            self._checker.add(sample.inputs, levels, layers)
        return outputs

    def layers(self) -> tuple[LayerFigures, ...]:
        return () if self._checker is None else self._checker.layers()


def _options_of(program: Program) -> CompileOptions:
    """The device and tiles that a program was compiled for."""
    avoid = Schedule.from_json(program.schedule).avoid
    return CompileOptions(device=program.device, tiles=program.tiles, avoid_tiles=avoid)


def _check_same_boundary(program: Program, tosa: TosaModel, name: str) -> None:
    tosa = of_batch(tosa, program.batch)
    if (program.inputs, program.outputs) != (tosa.inputs, tosa.outputs):
        raise InputError(
            f"the image was not compiled from {name} in this way: "
            "its inputs and outputs have other shapes or scales",
            hint="give `adfc check` the options that the image was compiled with",
        )


def _samples(source: ModelSource, tosa: TosaModel, count: int) -> Iterable[_Sample]:
    """Inputs to try the model on: its own, or those it was calibrated on, then noise.

    Noise has a fixed seed. It reaches all levels of the inputs, which is good for comparing bytes.
    """
    typical: Iterable[Sample] = ()
    if isinstance(source, TorchSource):
        typical = source.sample_inputs(count) if source.sample_inputs else source.calibration
    made = 0
    for sample in itertools.islice(typical, count):
        made += 1
        yield _Sample([tensor.detach().numpy() for tensor in sample], typical=True)
    random = np.random.default_rng(0)
    for _ in range(count - made):
        yield _Sample([spec.noise(random) for spec in tosa.inputs], typical=False)


def _float_outputs(source: TorchSource, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Every output of the float model, in the order in which torch.export flattens them."""
    tensors = [torch.from_numpy(values) for values in inputs]
    return [leaf.detach().numpy() for leaf in tree_leaves(source.float_model()(*tensors))]


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
        image = sample.unsqueeze(0)
        float_right += int(tree_leaves(model(image))[0].argmax()) == int(label)
        copies = np.repeat(image.numpy(), program.batch or 1, axis=0)
        run = program.execute(program.quantize([copies]), keep_state=True)
        array_right += int(run.outputs[0][:1].argmax()) == int(label)
    count = len(data.labels)
    return Accuracy(count, float_right / count, array_right / count)


def to_json(checks: Sequence[ModelCheck], threshold: float) -> dict[str, Any]:
    """The object that `adfc check --json` prints.

    A model's `first_below` is its first layer whose SQNR against float is below `threshold` dB.
    """
    models: list[dict[str, Any]] = []
    for check in checks:
        layer = check.first_below(threshold)
        models.append({**check.to_json(), "first_below": None if layer is None else layer.name})
    return {
        "bit_exact": all(check.bit_exact for check in checks),
        "threshold_db": threshold,
        "models": models,
        "accuracy": {
            check.name: dataclasses.asdict(check.accuracy)
            for check in checks
            if check.accuracy is not None
        },
    }
