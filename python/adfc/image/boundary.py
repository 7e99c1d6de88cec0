"""Section `tensors`: what the floats of inputs and outputs are to their levels, for C (adfc.h)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from adfc.image.tables import MAX_RANK
from adfc.model_io import TensorSpec

SECTION = "tensors"
_RECORD = struct.Struct(f"<d2I{MAX_RANK}I{MAX_RANK}I")


def encode_boundary(specs: Iterable[TensorSpec]) -> bytes:
    """A record of 64 bytes for each input, then for each output (docs/rimfs.md).

    One of int16 levels, which only variants of programs have, is all zero: C sees its bytes alone.
    """
    return b"".join(_record(spec) for spec in specs)


def _record(spec: TensorSpec) -> bytes:
    if spec.bits != 8:
        return bytes(_RECORD.size)
    rank = len(spec.shape)
    shape = (*spec.shape, *(1,) * (MAX_RANK - rank))
    permutation = (*spec.permutation, *(0,) * (MAX_RANK - rank))
    return _RECORD.pack(spec.scale, spec.index_rows, rank, *shape, *permutation)
