"""The input and output blocks in DDR: tensors put into one, and taken out of the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adfc.errors import InputError
from adfc.image.tables import IoTable, IoTensor

Levels = NDArray[np.int8]


def pack_inputs(io: IoTable, inputs: Sequence[Levels]) -> bytes:
    """The input block that holds `inputs`, int8 in array order, channels without padding.

    Raises InputError for a wrong number, shape or dtype.
    """
    if len(inputs) != len(io.inputs):
        raise InputError(f"{len(inputs)} inputs given, the program has {len(io.inputs)}")
    block = np.zeros(io.input_bytes, np.int8)
    for levels, tensor in zip(inputs, io.inputs, strict=True):
        shape = (*tensor.dims[:-1], tensor.valid)
        if levels.dtype != np.int8 or levels.shape != shape:
            raise InputError(
                f"input '{tensor.name}' is {levels.dtype} {levels.shape}, expected int8 {shape}"
            )
        place = block[tensor.offset : tensor.offset + tensor.bytes].reshape(tensor.dims)
        place[..., : tensor.valid] = levels
    return block.tobytes()


def unpack_outputs(io: IoTable, block: bytes) -> tuple[Levels, ...]:
    """The tensors in the output block, their channels' padding dropped."""
    return tuple(_take(block, tensor) for tensor in io.outputs)


def _take(block: bytes, tensor: IoTensor) -> Levels:
    levels = np.frombuffer(block, np.int8, tensor.bytes, tensor.offset).reshape(tensor.dims)
    return np.ascontiguousarray(levels[..., : tensor.valid])
