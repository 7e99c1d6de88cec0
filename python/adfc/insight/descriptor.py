"""Buffer descriptors in plain terms, from their register words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adfc.insight.places import Lock, Tile, register_map
from adfc.spec.devices import Device


@dataclass(frozen=True)
class Dimension:
    """One dimension of an address pattern: `wrap` elements (0: it does not wrap), `step` words
    apart, with zeros `before` and `after` them."""

    wrap: int
    step: int
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Descriptor:
    """A buffer descriptor.

    `base` is a byte address in the memory that the channel sees, or an offset in DDR buffer
    `buffer`; a memtile's neighbours are at lower and higher addresses. `length` in words, padding
    included. `acquire` and `release` are (lock, value), `next` the descriptor that follows.
    """

    number: int
    tile: Tile
    base: int
    buffer: int | None
    length: int
    dimensions: tuple[Dimension, ...]
    iteration: Dimension
    acquire: tuple[Lock, int] | None
    release: tuple[Lock, int] | None
    next: int | None

    @property
    def bytes(self) -> int:
        """Bytes on the stream in one go."""
        return 4 * self.length

    @property
    def extent(self) -> tuple[int, int]:
        """First byte and end of all that it may touch, over all iterations."""
        inner = 1
        words = 0
        for dimension in self.dimensions:
            left = -(-self.length // inner)
            count = min(dimension.wrap, left) if dimension.wrap else left
            words += max(count - 1, 0) * dimension.step
            inner *= dimension.before + dimension.wrap + dimension.after if dimension.wrap else left
            if inner >= self.length:
                break
        words += (self.iteration.wrap - 1) * self.iteration.step
        return self.base, self.base + 4 * (words + 1)


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> bits - 1 else value


class _Fields:
    """The fields of a descriptor's words."""

    def __init__(self, device: Device, kind: str, words: Sequence[int]) -> None:
        self._register = register_map(device.architecture).tiles[kind].register("DMA_BD")
        self._names = {field.name for field in self._register.fields}
        self._words = words

    def get(self, name: str, default: int = 0) -> int:
        if name not in self._names:
            return default
        field = self._register.field(name)
        return self._words[field.word] >> field.lsb & field.mask

    def signed(self, name: str) -> int:
        return _signed(self.get(name), self._register.field(name).width)

    def shifted(self, name: str) -> int:
        """The field where it stands in its word: addresses in bytes."""
        return self.get(name) << self._register.field(name).lsb


def read_descriptor(
    device: Device, tile: Tile, number: int, words: Sequence[int], bound: tuple[int, int] | None
) -> Descriptor | None:
    """The descriptor that `words` hold, or None where it is not valid.

    `bound`: the DDR buffer and offset that BIND_BUFFER put in its address.
    """
    encodings = register_map(device.architecture).encodings
    kind = device.kind(tile[1])
    f = _Fields(device, kind, words)
    if not f.get("VALID_BD"):
        return None
    bias = _number(encodings["step_bias"])
    if kind == "shim":
        base = f.get("BASE_ADDRESS_HIGH") << 32 | f.shifted("BASE_ADDRESS_LOW")
    else:
        base = 4 * f.get("BASE_ADDRESS")
    buffer = None
    if bound is not None:
        buffer, base = bound
    dimensions = tuple(
        Dimension(
            f.get(f"D{d}_WRAP"),
            f.get(f"D{d}_STEPSIZE") + bias,
            f.get(f"D{d}_ZERO_BEFORE"),
            f.get(f"D{d}_ZERO_AFTER"),
        )
        for d in range(device.tile(tile[1]).dimensions)
    )
    iteration = Dimension(
        f.get("ITERATION_WRAP") + _number(encodings["iteration_wrap_bias"]),
        f.get("ITERATION_STEPSIZE") + bias,
    )
    acquire = None
    if f.get("LOCK_ACQ_ENABLE"):
        lock = _lock(kind, tile, f.get("LOCK_ACQ_ID"), encodings)
        acquire = (lock, f.signed("LOCK_ACQ_VALUE"))
    release = None
    if f.get("LOCK_REL_VALUE"):
        release = (
            _lock(kind, tile, f.get("LOCK_REL_ID"), encodings),
            f.signed("LOCK_REL_VALUE"),
        )
    following = f.get("NEXT_BD") if f.get("USE_NEXT_BD") else None
    return Descriptor(
        number,
        tile,
        base,
        buffer,
        f.get("BUFFER_LENGTH"),
        dimensions,
        iteration,
        acquire,
        release,
        following,
    )


def _number(value: int | list[int]) -> int:
    if isinstance(value, int):
        return value
    raise TypeError(f"{value} is no number")


def _lock(kind: str, tile: Tile, number: int, encodings: dict[str, int | list[int]]) -> Lock:
    """Memtiles count the western neighbour's locks first, then their own, then the eastern's."""
    if kind != "mem":
        return Lock(tile, number)
    window, own = divmod(number, _number(encodings["memtile_lock_window"]))
    return Lock((tile[0] + window - 1, tile[1]), own)


def memory_of(device: Device, descriptor: Descriptor) -> tuple[Tile | None, int]:
    """Whose memory the descriptor is for and the byte address there; None: DDR."""
    kind = device.kind(descriptor.tile[1])
    if kind == "shim":
        return None, descriptor.base
    if kind == "core":
        return descriptor.tile, descriptor.base
    window = _number(register_map(device.architecture).encodings["memtile_data_window"])
    neighbour, address = divmod(descriptor.base, window)
    return (descriptor.tile[0] + neighbour - 1, descriptor.tile[1]), address
