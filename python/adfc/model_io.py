"""What stands at a program's boundary: named tensors, their float shape, scale and array order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.errors import InputError, ModelError

INT8_MIN, INT8_MAX = -128, 127
INT16_MIN, INT16_MAX = -32768, 32767
INT32_MAX = 2**31 - 1
NCHW_TO_NHWC = (0, 2, 3, 1)


def array_order(rank: int) -> tuple[int, ...]:
    """The user's axes in array order: NCHW to NHWC for rank 4, else unchanged."""
    return NCHW_TO_NHWC if rank == 4 else tuple(range(rank))


@dataclass(frozen=True)
class TensorSpec:
    """One program input or output.

    The user sees a float tensor of `shape` (NCHW for images). The array sees int8 values with zero
    point 0 and real = `scale` * int8, in array order: axis i of the array is axis `permutation[i]`
    of the user.

    With `index_rows` the values are indices below it, integers: the array sees the four bytes of
    each as int32, little-endian, as channels of a pixel.

    With `bits` 16 levels are int16: the array sees two int8 for each along its last axis, their
    bytes, little-endian.

    With `raw`, a numpy type, the values are of that type and go to the array as they are: it sees
    their bytes, little-endian.
    """

    name: str
    shape: tuple[int, ...]
    scale: float
    permutation: tuple[int, ...]
    index_rows: int = 0
    raw: str = ""
    bits: int = 8

    def __post_init__(self) -> None:
        if any(size < 1 for size in self.shape):
            raise ModelError(f"tensor '{self.name}' has an empty shape {self.shape}")
        if sorted(self.permutation) != list(range(len(self.shape))):
            raise ModelError(
                f"tensor '{self.name}': {self.permutation} does not permute {len(self.shape)} axes"
            )
        if self.bits not in (8, 16) or (self.bits == 16 and not self.shape):
            raise ModelError(f"tensor '{self.name}' has levels of {self.bits} bits")
        if not (math.isfinite(self.scale) and self.scale > 0):
            raise ModelError(f"tensor '{self.name}': scale {self.scale} is not a positive number")

    @property
    def array_shape(self) -> tuple[int, ...]:
        """The shape in array order (NHWC for images)."""
        if self.raw:
            return (math.prod(self.shape) * np.dtype(self.raw).itemsize,)
        if self.index_rows:
            return (1, math.prod(self.shape), 1, 4)
        sizes = tuple(self.shape[axis] for axis in self.permutation)
        return sizes if self.bits == 8 else (*sizes[:-1], 2 * sizes[-1])

    @property
    def level_range(self) -> tuple[int, int]:
        """The least and the largest level."""
        return (INT8_MIN, INT8_MAX) if self.bits == 8 else (INT16_MIN, INT16_MAX)

    def levels(self, values: NDArray[np.int8]) -> NDArray[Any]:
        """Int8 values in array order -> levels in array order, int8 or int16."""
        if self.bits == 8:
            return values
        return np.ascontiguousarray(values).view("<i2").astype(np.int16)

    @property
    def size(self) -> int:
        """Number of bytes on the array."""
        return math.prod(self.array_shape)

    def noise(self, random: np.random.Generator) -> NDArray[Any]:
        """Values in the user's shape that reach all levels, or all indices."""
        if self.index_rows:
            return random.integers(0, self.index_rows, self.shape)
        if self.raw:
            return _raw_noise(random, np.dtype(self.raw), self.shape)
        low, high = self.level_range
        levels = random.integers(low, high + 1, self.shape)
        return (levels * self.scale).astype(np.float32)

    def quantize(self, values: NDArray[Any]) -> NDArray[np.int8]:
        """Float values in the user's shape and order -> int8 in array order, C-contiguous.

        Rounds half to even and clips to the range of levels. Raises InputError for another shape,
        for a dtype that is not floating point, and for values that are not finite; of indices for
        those that are no integers within their bounds.
        """
        if self.index_rows:
            return self._index_bytes(values)
        if self.raw:
            return self._raw_bytes(values)
        if values.dtype.kind != "f":
            raise InputError(
                f"tensor '{self.name}' is {values.dtype}, expected float32",
                hint="pass real values; they are quantized here",
            )
        if values.shape != self.shape:
            raise InputError(
                f"tensor '{self.name}' has shape {values.shape}, expected {self.shape}"
            )
        if not np.isfinite(values).all():
            raise InputError(f"tensor '{self.name}' holds values that are not finite")
        steps = np.rint(values.astype(np.float64) / self.scale)
        levels = np.clip(steps, *self.level_range).transpose(self.permutation)
        if self.bits == 16:
            return np.ascontiguousarray(levels, "<i2").view(np.int8)
        return np.ascontiguousarray(levels, np.int8)

    def _index_bytes(self, values: NDArray[Any]) -> NDArray[np.int8]:
        if values.dtype.kind not in "iu" or values.shape != self.shape:
            raise InputError(
                f"tensor '{self.name}' is {values.dtype}{list(values.shape)}, expected integers "
                f"of shape {list(self.shape)}"
            )
        if values.min() < 0 or values.max() >= self.index_rows:
            raise InputError(
                f"tensor '{self.name}' holds indices {values.min()} to {values.max()}",
                hint=f"the table has rows 0 to {self.index_rows - 1}",
            )
        return np.ascontiguousarray(values, "<i4").view(np.int8).reshape(self.array_shape)

    def _raw_bytes(self, values: NDArray[Any]) -> NDArray[np.int8]:
        if values.dtype != np.dtype(self.raw) or values.shape != self.shape:
            raise InputError(
                f"tensor '{self.name}' is {values.dtype}{list(values.shape)}, expected {self.raw}"
                f"{list(self.shape)}"
            )
        little = values.astype(np.dtype(self.raw).newbyteorder("<"))
        return np.ascontiguousarray(little).reshape(-1).view(np.int8)

    def dequantize(self, levels: NDArray[np.int8]) -> NDArray[Any]:
        """Int8 values in array order -> float32 in the user's shape and order, C-contiguous.

        With `raw`, bytes -> values of that type; of indices int64.

        Raises InputError for another shape or dtype.
        """
        if levels.dtype != np.int8:
            raise InputError(f"tensor '{self.name}' is {levels.dtype}, expected int8")
        if levels.shape != self.array_shape:
            raise InputError(
                f"tensor '{self.name}' has shape {levels.shape} in array order, "
                f"expected {self.array_shape}"
            )
        if self.raw:
            little = np.ascontiguousarray(levels).view(np.dtype(self.raw).newbyteorder("<"))
            return little.astype(self.raw).reshape(self.shape)
        if self.index_rows:
            return np.ascontiguousarray(levels).view("<i4").astype(np.int64).reshape(self.shape)
        reals = (self.levels(levels).astype(np.float64) * self.scale).astype(np.float32)
        inverse = sorted(range(len(self.permutation)), key=self.permutation.__getitem__)
        return np.ascontiguousarray(reals.transpose(inverse))

    def of_batch(self, batch: int) -> TensorSpec:
        """The tensor of `batch` images, where this is one image's. Raises ModelError where its
        first axis is not a batch of 1."""
        first = self.shape and self.shape[0] == 1 and self.permutation[0] == 0
        if not first or self.raw or self.index_rows:
            raise ModelError(
                f"tensor '{self.name}' of shape {self.shape} is not of a batch of 1",
                hint="a pipelined program takes and gives tensors whose first axis is the batch",
            )
        return replace(self, shape=(batch, *self.shape[1:]))

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` gives back an equal TensorSpec."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "scale": self.scale,
            "permutation": list(self.permutation),
            **({"index_rows": self.index_rows} if self.index_rows else {}),
            **({"raw": self.raw} if self.raw else {}),
            **({"bits": self.bits} if self.bits != 8 else {}),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> TensorSpec:
        """The TensorSpec that `to_json` described. Raises ModelError where a field is missing."""
        try:
            shape: Sequence[int] = data["shape"]
            permutation: Sequence[int] = data["permutation"]
            return TensorSpec(
                name=str(data["name"]),
                shape=tuple(int(size) for size in shape),
                scale=float(data["scale"]),
                permutation=tuple(int(axis) for axis in permutation),
                index_rows=int(data.get("index_rows", 0)),
                raw=str(data.get("raw", "")),
                bits=int(data.get("bits", 8)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"not a tensor description: {error}") from error


def _raw_noise(
    random: np.random.Generator, kind: np.dtype[Any], shape: tuple[int, ...]
) -> NDArray[Any]:
    if kind.kind == "f":
        return random.standard_normal(shape).astype(kind)
    limits = np.iinfo(kind)
    return random.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)
