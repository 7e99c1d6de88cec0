"""The Walsh-Hadamard transform of the last axis, whose length is a power of two.

    import adfc_hadamard
    y = adfc_hadamard.hadamard(x)

A transform of signal processing, made like an FFT of butterflies, with +1 and -1 as all its
factors. The kernel is written in MLIR (hadamard.mlir): it holds int32 sums in scratch memory, and
brings them to int8 by one multiplication and a rounding shift.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch

from adfc.operators import Call, Case, Cost, Integers, Levels, MlirKernel, Operator, Rows


def _butterflies(x: torch.Tensor) -> torch.Tensor:
    length = x.shape[-1]
    if length < 2 or length & (length - 1):
        raise ValueError(f"rows have {length} elements, which is no power of two")
    half = 1
    while half < length:
        pairs = x.reshape(*x.shape[:-1], length // (2 * half), 2, half)
        a, b = pairs[..., 0, :], pairs[..., 1, :]
        x = torch.stack((a + b, a - b), -2).reshape(x.shape)
        half *= 2
    return x


@torch.library.custom_op("adfc_examples::hadamard", mutates_args=())
def hadamard(x: torch.Tensor) -> torch.Tensor:
    """The transform of each row, without a factor."""
    return _butterflies(x.clone())


@hadamard.register_fake
def _(x: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(x)


def _prepare(call: Call) -> Integers:
    """The factor from the sums' scale to the result's, as multiplier * 2^-shift."""
    mantissa, exponent = math.frexp(call.input_scales[0] / call.output_scale)
    shift = 15 - exponent
    multiplier = round(math.ldexp(mantissa, 15))
    return Integers(
        parameters={
            "MULTIPLIER": multiplier,
            "SHIFT": shift,
            "STAGES": call.length.bit_length() - 1,
        }
    )


def _reference(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    sums = _butterflies(torch.from_numpy(inputs[0].astype(np.int64))).numpy()
    shift = integers.parameters["SHIFT"]
    scaled = (sums * integers.parameters["MULTIPLIER"] + (1 << (shift - 1))) >> shift
    return np.clip(scaled, -128, 127).astype(np.int8)


OPERATOR = Operator(
    name="adfc_examples::hadamard",
    tiling=Rows(),
    kernel=MlirKernel.read(Path(__file__).with_name("hadamard.mlir"), "hadamard"),
    prepare=_prepare,
    reference=_reference,
    scratch=lambda length: 4 * length,
    cost=Cost(
        "assumed: ten stages on 32-bit lanes, for each of them four loads and stores of 256 bits "
        "and two additions for 32 results; a rescale",
        mac=22,
        load_a=20,
        load_b=20,
        store=41,
        move=20,
    ),
    cases=(Case((1, 64)), Case((1, 5, 8)), Case((1, 30, 256))),
)
