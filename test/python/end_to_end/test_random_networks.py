"""Whatever network is drawn, the emulated array gives the TOSA reference model's bytes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_networks import Network, networks

from adfc.driver.options import CompileOptions
from adfc.errors import ModelError
from adfc.frontend import import_model
from adfc.oracle import ReferenceModel
from adfc.program import compile_tosa

TARGETS = (
    CompileOptions(),
    CompileOptions(tiles=1),
    CompileOptions(tiles=7, avoid_tiles=((2, 3), (3, 3))),
    CompileOptions(device="npu1", tiles=20),
    CompileOptions(device="ve2302", tiles=34),
    CompileOptions(tiles=304),
)


def assert_bit_exact(network: Network, options: CompileOptions) -> None:
    torch.manual_seed(0)
    samples = [(torch.randn_like(network.example),) for _ in range(2)]
    try:
        tosa = import_model(network.module, (network.example,), samples)
    except ModelError as error:
        # Random weights may quantize to a bias beyond 32 bits; that is refused, rightly.
        assume("may overflow 32 bits" not in str(error))
        raise
    program = compile_tosa(tosa, options, name="random")
    reference = ReferenceModel(tosa)
    random = np.random.default_rng(0)
    shape = tosa.inputs[0].array_shape
    inputs = [
        random.integers(-128, 128, shape, dtype=np.int8),
        np.full(shape, -128, np.int8),
        np.full(shape, 127, np.int8),
    ]
    for levels in inputs:
        (expected,) = reference.run([levels])
        (measured,) = program.execute([levels]).outputs
        np.testing.assert_array_equal(measured, expected)


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
