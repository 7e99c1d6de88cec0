"""The tables of sections `io` and `kernels` (runtime/include/adfc/rimfs.h has them in C)."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adfc.errors import ImageError
from adfc.image.rimfs import ALIGNMENT

MAX_RANK = 6

_IO_HEADER = struct.Struct("<2I3Q")
_TENSOR = struct.Struct(f"<32s3I{MAX_RANK}II8x")
MAX_KERNEL_BUFFERS = 8
"""Of a kernel: runtime/include/adfc/rimfs.h, RIMFS_KERNEL_BUFFERS."""

_KERNEL = struct.Struct(f"<56s2I{MAX_KERNEL_BUFFERS}I")


@dataclass(frozen=True)
class IoTensor:
    """A tensor in the input or output block, as stored in DDR: int8, array order.

    `dims` has the channels as stored, mostly padded to whole words; of the innermost dimension the
    first `valid` elements count.
    `offset` is in bytes, a multiple of 64.
    """

    name: str
    offset: int
    dims: tuple[int, ...]
    valid: int

    @property
    def bytes(self) -> int:
        """Size in the block."""
        return math.prod(self.dims)


@dataclass(frozen=True)
class IoTable:
    """Inputs, outputs, and the sizes of the DDR buffers in bytes."""

    inputs: tuple[IoTensor, ...]
    outputs: tuple[IoTensor, ...]
    input_bytes: int
    output_bytes: int
    arena_bytes: int

    def encode(self) -> bytes:
        """The section's bytes. Raises ImageError for a tensor that cannot be expressed."""
        data = bytearray(
            _IO_HEADER.pack(
                len(self.inputs),
                len(self.outputs),
                self.arena_bytes,
                self.input_bytes,
                self.output_bytes,
            )
        )
        for tensors, block in (
            (self.inputs, self.input_bytes),
            (self.outputs, self.output_bytes),
        ):
            for tensor in tensors:
                _check(tensor, block)
                dims = (*tensor.dims, *(1,) * (MAX_RANK - len(tensor.dims)))
                name = tensor.name.encode()[:31]
                data += _TENSOR.pack(
                    name, tensor.offset, tensor.bytes, len(tensor.dims), *dims, tensor.valid
                )
        return bytes(data)

    @staticmethod
    def decode(data: bytes | memoryview) -> IoTable:
        """The table that `encode` wrote. Raises ImageError for an inconsistent one."""
        if len(data) < _IO_HEADER.size:
            raise ImageError("section io: too short for its header")
        n_inputs, n_outputs, arena, inputs, outputs = _IO_HEADER.unpack_from(data)
        if _IO_HEADER.size + _TENSOR.size * (n_inputs + n_outputs) != len(data):
            raise ImageError(
                f"section io: {len(data)} bytes do not hold {n_inputs + n_outputs} tensors"
            )
        tensors: list[IoTensor] = []
        for index in range(n_inputs + n_outputs):
            name, offset, size, rank, *rest = _TENSOR.unpack_from(
                data, _IO_HEADER.size + _TENSOR.size * index
            )
            if not 1 <= rank <= MAX_RANK:
                raise ImageError(f"section io: tensor {index} has rank {rank}")
            text = name.rstrip(b"\0").decode("utf-8", "replace")
            tensor = IoTensor(text, offset, tuple(rest[:rank]), rest[MAX_RANK])
            if tensor.bytes != size:
                raise ImageError(
                    f"section io: tensor {text} has {size} bytes for shape {tensor.dims}"
                )
            _check(tensor, inputs if index < n_inputs else outputs)
            tensors.append(tensor)
        return IoTable(tuple(tensors[:n_inputs]), tuple(tensors[n_inputs:]), inputs, outputs, arena)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> IoTable:
        """From {inputs, outputs: [{name, offset, dims, valid}], input_bytes, output_bytes, ...}."""

        def tensors(key: str) -> tuple[IoTensor, ...]:
            return tuple(
                IoTensor(
                    str(t["name"]), int(t["offset"]), tuple(map(int, t["dims"])), int(t["valid"])
                )
                for t in data[key]
            )

        return IoTable(
            tensors("inputs"),
            tensors("outputs"),
            int(data["input_bytes"]),
            int(data["output_bytes"]),
            int(data["arena_bytes"]),
        )


def _check(tensor: IoTensor, block: int) -> None:
    """Raises ImageError where `tensor` is inconsistent or leaves its block of `block` bytes."""
    if not 1 <= len(tensor.dims) <= MAX_RANK or min(tensor.dims) < 1:
        raise ImageError(f"section io: tensor {tensor.name} has shape {tensor.dims}")
    if not 1 <= tensor.valid <= tensor.dims[-1]:
        raise ImageError(
            f"section io: tensor {tensor.name} has {tensor.valid} of {tensor.dims[-1]} channels"
        )
    if tensor.offset % ALIGNMENT or tensor.offset + tensor.bytes > block:
        raise ImageError(f"section io: tensor {tensor.name} does not lie in its block")


@dataclass(frozen=True)
class Kernel:
    """A kernel that core programs call: the bytes of each buffer, and how many immediates.

    A call reads and writes nothing beyond those bytes: by them the verifier proves that it stays in
    its tile's data memory.
    """

    name: str
    buffers: tuple[int, ...]
    immediates: int = 0


def encode_kernels(kernels: Sequence[Kernel]) -> bytes:
    """Section `kernels`: one record for each kernel; its id is its index. Raises ImageError."""
    data = bytearray()
    for kernel in kernels:
        name = kernel.name.encode()
        if not 1 <= len(name) <= 55:
            raise ImageError(f"kernel name '{kernel.name}' is not 1 to 55 bytes long")
        if len(kernel.buffers) > MAX_KERNEL_BUFFERS:
            raise ImageError(f"kernel {kernel.name} takes more than {MAX_KERNEL_BUFFERS} buffers")
        extents = (*kernel.buffers, *(0,) * (MAX_KERNEL_BUFFERS - len(kernel.buffers)))
        data += _KERNEL.pack(name, len(kernel.buffers), kernel.immediates, *extents)
    return bytes(data)


def decode_kernels(data: bytes | memoryview) -> tuple[Kernel, ...]:
    """The kernels by id. Raises ImageError for a damaged table."""
    if len(data) % _KERNEL.size:
        raise ImageError("section kernels: not a whole number of records")
    kernels: list[Kernel] = []
    for name, buffers, immediates, *extents in _KERNEL.iter_unpack(data):
        text = name.rstrip(b"\0").decode("utf-8", "replace")
        if buffers > MAX_KERNEL_BUFFERS:
            raise ImageError(f"section kernels: {text} takes {buffers} buffers")
        kernels.append(Kernel(text, tuple(extents[:buffers]), immediates))
    return tuple(kernels)
