"""Whatever network is drawn, the emulated array gives the TOSA reference model's bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from random_networks import Network, networks

from adfc.driver.options import CompileOptions
from adfc.errors import ModelError
from adfc.frontend import import_model
from adfc.model_io import TensorSpec
from adfc.oracle import ReferenceModel
from adfc.program import compile_tosa
from adfc.quantization import DEFAULT, QuantizationOptions

TARGETS = (
    CompileOptions(),
    CompileOptions(tiles=1),
    CompileOptions(tiles=7, avoid_tiles=((2, 3), (3, 3))),
    CompileOptions(device="npu1", tiles=20),
    CompileOptions(device="ve2302", tiles=34),
    CompileOptions(tiles=304),
)


def assert_bit_exact(
    network: Network, options: CompileOptions, quantization: QuantizationOptions = DEFAULT
) -> None:
    torch.manual_seed(0)
    samples = [(_sample(network.example),) for _ in range(2)]
    try:
        tosa = import_model(network.module, (network.example,), samples, quantization=quantization)
    except ModelError as error:
        # Random weights may quantize to a bias beyond 32 bits; that is refused, rightly.
        assume("may overflow" not in str(error))
        raise
    program = compile_tosa(tosa, options, name="random")
    reference = ReferenceModel(tosa)
    for levels in _inputs(tosa.inputs[0]):
        (expected,) = reference.run([levels])
        (measured,) = program.execute([levels]).outputs
        np.testing.assert_array_equal(measured, expected)


def _sample(example: torch.Tensor) -> torch.Tensor:
    if example.is_floating_point():
        return torch.randn_like(example)
    return torch.randint_like(example, 0, int(example.max()) + 1)


def _inputs(spec: TensorSpec) -> list[NDArray[Any]]:
    """Levels, or indices: random ones, the smallest, and the largest."""
    random = np.random.default_rng(0)
    if spec.index_rows:
        high = spec.index_rows
        drawn = random.integers(0, high, spec.shape)
        ends = [np.full(spec.shape, index) for index in (0, high - 1)]
        return [spec.quantize(indices) for indices in (drawn, *ends)]
    return [
        random.integers(-128, 128, spec.array_shape, dtype=np.int8),
        np.full(spec.array_shape, -128, np.int8),
        np.full(spec.array_shape, 127, np.int8),
    ]


@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(network=networks(), options=st.sampled_from(TARGETS))
def test_random_networks_are_bit_exact(network: Network, options: CompileOptions) -> None:
    assert_bit_exact(network, options)


@pytest.mark.slow
@settings(
    max_examples=1000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(network=networks(), options=st.sampled_from(TARGETS))
def test_many_random_networks_are_bit_exact(network: Network, options: CompileOptions) -> None:
    assert_bit_exact(network, options)
