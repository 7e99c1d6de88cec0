"""`adfc.compile`: from a PyTorch module to a program, in one call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adfc.driver.options import CompileOptions
from adfc.frontend.samples import CalibrationSample, sample_source
from adfc.frontend.source import TorchSource
from adfc.operators.trust import untrusted_operators as untrusted
from adfc.pipeline.compile import compile_pipeline, partitioned
from adfc.pipeline.pipeline import Pipeline
from adfc.program import Program, compile_tosa
from adfc.quantization import DEFAULT, Observer, QuantizationOptions, Scales

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.export import ExportedProgram


def compile(
    model: nn.Module | ExportedProgram,
    example_inputs: tuple[torch.Tensor, ...],
    *,
    calibration: Iterable[CalibrationSample] | Path | str | None = None,
    device: str = "ve2802",
    tiles: int | None = None,
    avoid_tiles: Sequence[tuple[int, int]] = (),
    scales: Scales = "free",
    observer: Observer = "minmax",
    percentile: float = DEFAULT.percentile,
    bias_correction: bool = False,
    equalize: bool = False,
    weight_bits: int = 8,
    mixed: str = "",
    prune: str = "",
    requantize: bool = False,
    schedule: Path | str | None = None,
    cache: bool = True,
    resident: bool | None = None,
    batch: int | None = None,
    untrusted_operators: bool = False,
    name: str = "model",
) -> Program:
    """Compile a model for the array: a float one, or one that convert_pt2e quantized.

    `example_inputs` are float tensors of the shapes the model runs with (batch 1). `calibration`
    gives typical inputs, from which the int8 scales come: an iterable of tuples of tensors, of
    tensors or of numpy arrays, or the path of an .npy, .npz or folder of .npy files or images;
    without it the example inputs are used, which gives good scales only where they are typical.
    `tiles` core tiles of `device` may be used (by default 28, or all that a smaller device has),
    except those at `avoid_tiles` (column, row).
    `scales` "pow2" restricts scales to powers of two; `observer` and `percentile` say how they
    follow from what calibration sees, `bias_correction` changes biases and `equalize` the scales of
    channels to lose less, `weight_bits` 4 and `prune` "channels=0.25" make weights smaller
    (`adfc.quantization.QuantizationOptions`; `Program.notes` says what pruning took out). A model
    that came quantized keeps its scales; `requantize` lets tensors with zero points have symmetric
    ones of the same range.
    `schedule` names a schedule file that replaces the planner's choice; `resident`: whether
    activations stay on the array, and weights where they fit (None: where that is faster).
    `batch`: a pipelined program, whose inputs and outputs are of so many images. `cache`: keep
    compiled kernels in the user's cache folder, and take them from there.
    `untrusted_operators`: use operators of packages that have not passed their admission test.

    Raises UnsupportedOpError (with every operator that cannot be compiled), ModelError, InputError,
    CapacityError where the model does not fit, DeviceError.
    """
    source = TorchSource(name, model, example_inputs, [example_inputs], "the example inputs")
    samples = calibration
    if isinstance(samples, (Path, str)):
        samples = sample_source(Path(samples))
    quantization = QuantizationOptions(
        scales=scales,
        observer=observer,
        percentile=percentile,
        bias_correction=bias_correction,
        equalize=equalize,
        weight_bits=weight_bits,
        mixed=mixed,
        prune=prune,
        requantize=requantize,
    )
    with untrusted(untrusted_operators):
        tosa = source.to_tosa(calibration=samples, quantization=quantization)
    options = CompileOptions(
        device=device,
        tiles=tiles,
        avoid_tiles=tuple(avoid_tiles),
        schedule=None if schedule is None else Path(schedule),
        cache=cache,
        resident=resident,
        batch=batch,
    )
    return compile_tosa(tosa, options, name=name)


def compile_with_host(
    model: nn.Module | ExportedProgram,
    example_inputs: tuple[torch.Tensor, ...],
    *,
    calibration: Iterable[CalibrationSample] | Path | str | None = None,
    quantization: QuantizationOptions = DEFAULT,
    options: CompileOptions | None = None,
    name: str = "model",
) -> Pipeline:
    """As `compile`, but the host runs, in float32, the operators that the array cannot.

    `Pipeline.host_segments` says which those are, and why. Raises as `compile`, but for operators
    that only the array lacks.
    """
    source = TorchSource(name, model, example_inputs, [example_inputs], "the example inputs")
    samples = calibration
    if isinstance(samples, (Path, str)):
        samples = sample_source(Path(samples))
    parts = partitioned(source, calibration=samples, quantization=quantization)
    return compile_pipeline(parts, options or CompileOptions())
