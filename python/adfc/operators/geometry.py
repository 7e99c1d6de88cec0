"""What part of its inputs a part of an operator's result needs: that says how it may be cut."""

from __future__ import annotations

import math
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


@dataclass(frozen=True)
class Filters:
    """An element of an image needs a window of all channels, and weights of its own channel.

    The fields are those of `Windows`; neighbours in a window lie `dilation` (rows, columns) apart.
    """

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)
    name = "filters"


@dataclass(frozen=True)
class Resampling:
    """Row o of an image lies at (o * d + offset) / n of the input: it needs the two rows around
    that, columns likewise, of its own channel. What lies outside is the nearest one inside.

    `scale` is n and d of rows, n and d of columns; `offset` is (rows, columns).
    """

    scale: tuple[int, int, int, int]
    offset: tuple[int, int]
    name = "resampling"


@dataclass(frozen=True)
class Products:
    """Row i, column j of the result needs row i of the first input, column j of the second."""

    name = "products"


Packaged: TypeAlias = Elementwise | Rows | Windows
"""What kernels of packages may have; the others go with kernels that the compiler builds."""

Tiling: TypeAlias = Packaged | Filters | Resampling | Products


def is_image(tiling: Tiling) -> bool:
    """Whether inputs are images: (1, C, H, W) in PyTorch, (1, H, W, C) for the kernel."""
    return isinstance(tiling, Windows | Filters | Resampling)


def checked_shape(tiling: Tiling, inputs: Sequence[tuple[int, ...]], out: tuple[int, ...]) -> None:
    """Raise InputError where shapes (as the compiler sees them) do not go with a tiling."""
    first = inputs[0]
    if isinstance(tiling, Products):
        _check_products(inputs, out)
    elif any(shape != first for shape in inputs):
        raise InputError(f"its inputs have different shapes: {list(inputs)}")
    if isinstance(tiling, Elementwise) and out != first:
        raise InputError(f"it is elementwise, but makes {out} of {first}")
    if isinstance(tiling, Rows) and out[:-1] != first[:-1]:
        raise InputError(f"it works on rows, but makes {out} of {first}: only the last axis may")
    if is_image(tiling) and (len(first) != 4 or first[0] != 1):
        raise InputError(f"it works on windows of images (1, C, H, W), not on {first}")
    if isinstance(tiling, Windows | Filters):
        _check_windows(tiling, first, out)
    if isinstance(tiling, Resampling) and (out[0], out[3]) != (1, first[3]):
        raise InputError(f"it resamples, but makes {out} of {first} (NHWC)")


def _check_products(inputs: Sequence[tuple[int, ...]], out: tuple[int, ...]) -> None:
    if len(inputs) != 2 or math.prod(inputs[0][:-2]) != 1 or math.prod(inputs[1][:-2]) != 1:
        raise InputError(f"it multiplies two matrices, not {list(inputs)}")
    (rows, depth), (other, columns) = inputs[0][-2:], inputs[1][-2:]
    if depth != other or out[-2:] != (rows, columns):
        raise InputError(f"it multiplies {inputs[0]} by {inputs[1]}, but makes {out}")


def _check_windows(tiling: Windows | Filters, shape: tuple[int, ...], out: tuple[int, ...]) -> None:
    dilation = tiling.dilation if isinstance(tiling, Filters) else (1, 1)
    sizes = [
        (size + before + after - d * (kernel - 1) - 1) // stride + 1
        for size, before, after, kernel, stride, d in zip(
            shape[1:3],
            tiling.padding[::2],
            tiling.padding[1::2],
            tiling.kernel,
            tiling.stride,
            dilation,
            strict=True,
        )
    ]
    channels = out[3] if isinstance(tiling, Filters) else shape[3]
    if out != (1, *sizes, channels):
        raise InputError(f"its windows make {(1, *sizes, channels)} of {shape}, not {out} (NHWC)")
