"""Whether all tensors of a resident program fit the hub, laid out as the compiler does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adfc.planner.graph import round_up

ALIGNMENT = 64
"""Bytes: alignment of every tensor in the hub."""


@dataclass(frozen=True)
class Tensor:
    """A tensor of `size` bytes, `pitch` from pixel to pixel, alive from step `first` to `last`.

    `place`: the tensor whose bytes it takes tile by tile, if that one ends where this begins.
    `parts`: the first row and the rows that each hub keeps, where they differ. `reads`:
    the steps that read it. `ahead`: some of it may be made before
    the step before `first` has ended, which may still read what was there.
    """

    name: str
    size: int
    pitch: int
    first: int
    last: int
    place: str | None
    parts: tuple[tuple[int, int], ...] = ()
    reads: frozenset[int] = frozenset()
    ahead: bool = False


def fits_hub(tensors: Sequence[Tensor], capacity: int, locks: int) -> bool:
    """Whether first fit, in the order of making, finds room for each, and two locks; inputs with
    the others, or at the end of the hub."""
    for number, tensor in enumerate(tensors, 1):
        together = sum(
            other.first <= tensor.last + 2 and tensor.first <= other.last + 2
            for other in tensors[:number]
        )
        if 2 * together > locks:
            return False
    return _fits(tensors, capacity) or _fits(tensors, capacity, inputs_last=True)


def _fits(tensors: Sequence[Tensor], capacity: int, *, inputs_last: bool = False) -> bool:
    placed: dict[str, tuple[Tensor, int]] = {}
    end = capacity
    for tensor in tensors:
        address = _in_place(tensor, placed)
        if address is None and inputs_last and tensor.first == 0:
            address = end = (end - tensor.size) // ALIGNMENT * ALIGNMENT
        if address is None:
            address = _first_fit(tensor, placed)
        if address < 0 or address + tensor.size > capacity:
            return False
        placed[tensor.name] = (tensor, address)
    return True


def _conflict(old: Tensor, made: Tensor) -> bool:
    """Whether `made` must not take the place of a tensor that was made before it."""
    return made.first <= old.last + int(made.ahead) and old.first <= made.last


def _in_place(tensor: Tensor, placed: dict[str, tuple[Tensor, int]]) -> int | None:
    if tensor.place is None or tensor.place not in placed:
        return None
    old, address = placed[tensor.place]
    if old.last != tensor.first or old.pitch != tensor.pitch or old.size < tensor.size:
        return None
    for was, is_now in zip(old.parts, tensor.parts, strict=True):
        if was[0] != is_now[0] or was[1] < is_now[1]:
            return None
    # What may come while the step before still reads.
    if tensor.ahead and tensor.first - 1 in old.reads:
        return None
    for name, (other, begin) in placed.items():
        overlaps = begin < address + tensor.size and address < begin + other.size
        if name != tensor.place and overlaps and _conflict(other, tensor):
            return None
    return address


def _first_fit(tensor: Tensor, placed: dict[str, tuple[Tensor, int]]) -> int:
    taken = sorted(
        (begin, begin + other.size) for other, begin in placed.values() if _conflict(other, tensor)
    )
    address = 0
    for begin, end in taken:
        if address + tensor.size <= begin:
            break
        address = max(address, round_up(end, ALIGNMENT))
    return address
