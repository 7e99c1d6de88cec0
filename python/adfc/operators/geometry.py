"""What part of its inputs a part of an operator's result needs: that says how it may be cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from adfc.errors import InputError


@dataclass(frozen=True)
class Elementwise:
    """Element i of the result needs element i of each input; all have one shape.

    Calls get any part of the tensors, of any number of elements, in any order.
    """

    name = "elementwise"


@dataclass(frozen=True)
class Rows:
    """The last axis of the result needs the last axis of each input, all of it.

    Its length may change. Calls get any number of rows; each begins `IN_PITCH` (`OUT_PITCH`)
    bytes after the one before, and has `IN_LENGTH` (`OUT_LENGTH`) elements.
    """

    name = "rows"


@dataclass(frozen=True)
class Windows:
    """An element of an image needs a window of its own channel, as in a pooling.

    `kernel` and `stride` are (rows, columns), `padding` the zeros (top, bottom, left, right).
    Inputs are (1, C, H, W). Calls get any number of rows, columns and channels, padding included.
    """

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    name = "windows"

    @property
    def numbers(self) -> list[int]:
        """The window as the compiler takes it."""
        return [*self.kernel, *self.stride, *self.padding]


Tiling: TypeAlias = Elementwise | Rows | Windows


def checked_shape(tiling: Tiling, inputs: Sequence[tuple[int, ...]], out: tuple[int, ...]) -> None:
    """Raise InputError where shapes (as the compiler sees them) do not go with a tiling."""
    first = inputs[0]
    if any(shape != first for shape in inputs):
        raise InputError(f"its inputs have different shapes: {list(inputs)}")
    if isinstance(tiling, Elementwise) and out != first:
        raise InputError(f"it is elementwise, but makes {out} of {first}")
    if isinstance(tiling, Rows) and out[:-1] != first[:-1]:
        raise InputError(f"it works on rows, but makes {out} of {first}: only the last axis may")
    if isinstance(tiling, Windows):
        _check_windows(tiling, first, out)


def _check_windows(tiling: Windows, shape: tuple[int, ...], out: tuple[int, ...]) -> None:
    if len(shape) != 4 or shape[0] != 1:
        raise InputError(f"it works on windows of images (1, C, H, W), not on {shape}")
    sizes = [
        (size + before + after - kernel) // stride + 1
        for size, before, after, kernel, stride in zip(
            shape[1:3],
            tiling.padding[::2],
            tiling.padding[1::2],
            tiling.kernel,
            tiling.stride,
            strict=True,
        )
    ]
    if out != (1, *sizes, shape[3]):
        raise InputError(f"its windows make {(1, *sizes, shape[3])} of {shape}, not {out} (NHWC)")
