"""Scales from what calibration saw, held against definitions in numpy."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
import torch
from torch import nn

from adfc.errors import InputError
from adfc.frontend import import_model
from adfc.frontend.observers import activation_observer
from adfc.frontend.samples import CalibrationSample
from adfc.frontend.source import TorchSource
from adfc.quantization import QuantizationOptions

Batches = list[torch.Tensor]


@pytest.fixture
def batches() -> Batches:
    """Normal values with one outlier, 20 deviations away, in the second of four batches."""
    generator = torch.Generator().manual_seed(3)
    values = [torch.randn(1, 8, 32, 32, generator=generator) for _ in range(4)]
    values[1][0, 0, 0, 0] = -20.0
    return values


def _scale(options: QuantizationOptions, batches: Batches) -> float:
    observer = activation_observer(options)(
        dtype=torch.int8, quant_min=-128, quant_max=127, qscheme=torch.per_tensor_symmetric
    )
    for batch in batches:
        observer(batch)
    scale, zero_point = observer.calculate_qparams()
    assert scale.shape == zero_point.shape == (1,)
    assert int(zero_point) == 0
    return float(scale)


def _squared_error(values: np.ndarray, scale: float) -> float:
    levels = np.clip(np.rint(values / scale), -128, 127)
    return float(np.square(values - levels * scale).mean())


def test_min_max_clips_nothing(batches: Batches) -> None:
    assert _scale(QuantizationOptions(), batches) == pytest.approx(20 / 127)


def test_percentile_is_that_of_the_magnitudes(batches: Batches) -> None:
    magnitudes = np.abs(torch.cat(batches).numpy())
    found = 127 * _scale(QuantizationOptions(observer="percentile", percentile=99.0), batches)
    # torchao's histogram has 2048 bins over -20 to 4.
    assert found == pytest.approx(np.percentile(magnitudes, 99.0), abs=2 * 24 / 2048)


def test_mse_has_the_least_squared_error(batches: Batches) -> None:
    values = torch.cat(batches).numpy().astype(np.float64)
    found = _squared_error(values, _scale(QuantizationOptions(observer="mse"), batches))
    best = min(_squared_error(values, s) for s in np.linspace(0.01, 20 / 127, 400))
    assert found <= 1.05 * best
    assert found < _squared_error(values, 20 / 127)


@pytest.mark.parametrize("observer", ["minmax", "percentile", "mse"])
def test_powers_of_two(observer: str, batches: Batches) -> None:
    scale = _scale(QuantizationOptions(scales="pow2", observer=observer), batches)  # type: ignore[arg-type]
    assert np.log2(scale) == int(np.log2(scale))


def test_mse_among_powers_of_two_is_the_best_of_them(batches: Batches) -> None:
    values = torch.cat(batches).numpy().astype(np.float64)
    found = _scale(QuantizationOptions(scales="pow2", observer="mse"), batches)
    errors = {2.0**n: _squared_error(values, 2.0**n) for n in range(-8, 0)}
    assert found == min(errors, key=errors.__getitem__)


@pytest.mark.parametrize("observer", ["minmax", "percentile", "mse"])
def test_a_tensor_of_zeros_has_a_scale(observer: str) -> None:
    options = QuantizationOptions(observer=observer)  # type: ignore[arg-type]
    assert _scale(options, [torch.zeros(4)]) > 0


def test_a_percentile_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match="percentile 101 is out of range"):
        QuantizationOptions(percentile=101)


def test_every_scale_of_a_model_is_a_power_of_two(batches: Batches) -> None:
    """Activations and weights: then every rescale is a shift, its multiplier a power of two."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3)).eval()
    tosa = import_model(
        module, (batches[0],), batches, quantization=QuantizationOptions(scales="pow2")
    )
    multipliers = [
        line.split("dense<")[1].split(">")[0]
        for line in tosa.text.splitlines()
        if "tosa.const" in line and "xi16>" in line
    ]
    assert multipliers
    assert set(multipliers) == {"16384"}  # 2^14, the normal form of a power of two
    assert all(np.log2(spec.scale).is_integer() for spec in (*tosa.inputs, *tosa.outputs))


def test_calibration_takes_any_iterable_of_arrays_or_tensors(batches: Batches) -> None:
    module = nn.Conv2d(8, 4, 3).eval()
    expected = import_model(module, (batches[0],), [(batch,) for batch in batches])
    arrays = import_model(module, (batches[0],), (batch.numpy() for batch in batches))
    assert arrays == expected
    with pytest.raises(InputError, match="calibration sample 0 holds a str"):
        import_model(module, (batches[0],), [("x",)])  # type: ignore[list-item]


def test_any_iterable_of_samples_calibrates_the_same() -> None:
    """A list, a generator that can be read once, arrays or tuples: one scale, from all samples."""
    module = nn.Sequential(nn.Conv2d(1, 2, 3)).eval()
    example = torch.zeros(1, 1, 4, 4)
    samples = [torch.full((1, 1, 4, 4), float(size)) for size in (1, -5, 3)]
    forms: list[Iterable[CalibrationSample]] = [
        samples,
        iter(samples),
        (sample.numpy() for sample in samples),
        ((sample,) for sample in samples),
    ]
    for form in forms:
        source = TorchSource("m", module, (example,), [(example,)], "zeros")
        assert source.to_tosa(calibration=form).inputs[0].scale == pytest.approx(5 / 127)
    source = TorchSource("m", module, (example,), [(example,)], "zeros")
    with pytest.raises(InputError, match="no calibration samples"):
        source.to_tosa(calibration=iter(()))
