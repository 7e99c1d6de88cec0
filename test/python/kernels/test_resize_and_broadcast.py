"""resize, copy, add_sums, extrema, and one pixel that holds for all: bit-exact everywhere."""

from typing import Any

import numpy as np
import pytest
from kernel_host import Code, Kernel, KernelLibrary
from kernel_reference import rescale, to_int8


def run(library: KernelLibrary, isa: str, kernel: Kernel, *call: Any) -> list[np.ndarray]:
    """The last buffer after a call with the buffers flush with each end of accessible memory."""
    code = Code(library.compile([kernel], isa), [kernel])
    return [code.run(kernel.name, *call, at_end=end)[-1].view(np.int8) for end in (False, True)]


def draw(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-128, 128, shape).astype(np.int8)


@pytest.mark.parametrize("count", [1, 4, 63, 64, 65, 1000])
def test_copy(library: KernelLibrary, isa: str, count: int) -> None:
    act = draw(1, count)
    for out in run(library, isa, Kernel("copy", "copy", {"count": count}), [act, act * 0]):
        assert np.array_equal(out, act)


@pytest.mark.parametrize("sums", [1, 15, 16, 17, 1000])
def test_add_sums(library: KernelLibrary, isa: str, sums: int) -> None:
    random = np.random.default_rng(sums)
    come, own = random.integers(-(2**30), 2**30, (2, sums), dtype=np.int32)
    kernel = Kernel("add_sums", "add_sums", {"count": 4 * sums})
    for out in run(library, isa, kernel, [come, own]):
        assert np.array_equal(out.view(np.int32), come + own)


@pytest.mark.parametrize("kind", ["maximum", "minimum"])
@pytest.mark.parametrize("channels", [None, 4, 20, 64])
def test_extremum(library: KernelLibrary, isa: str, kind: str, channels: int | None) -> None:
    a, b = draw(2, 5, channels or 77), draw(3, *(() if channels else (5,)), channels or 77)
    config: dict[str, Any] = {"count": a.size, "clamp": [-100, 90]}
    if channels:
        config["channels"] = channels
    expected = np.clip(getattr(np, kind)(a, b), -100, 90).reshape(-1)
    for out in run(library, isa, Kernel("best", kind, config), [a, b, np.zeros_like(a)]):
        assert np.array_equal(out, expected)


@pytest.mark.parametrize("kind", ["add", "sub", "mul"])
@pytest.mark.parametrize("channels", [4, 12, 64, 100])
def test_one_pixel_holds_for_all(
    library: KernelLibrary, isa: str, kind: str, channels: int
) -> None:
    a, b = draw(4, 7, channels), draw(5, channels)
    config: dict[str, Any] = {"count": a.size, "channels": channels, "clamp": [-128, 127]}
    if kind == "mul":
        config["rescale"] = scale = (19000, 21)
        expected = to_int8(rescale(a.astype(np.int64) * b, *scale), config["clamp"])
    else:
        config |= {"a": (16384, 2), "b": (11469, 2), "out": (19000, 27)}
        left, right = rescale(a, *config["a"]), rescale(b, *config["b"])
        total = left + right if kind == "add" else left - right
        expected = to_int8(rescale(total, *config["out"]), config["clamp"])
    for out in run(library, isa, Kernel("op", kind, config), [a, b, np.zeros_like(a)]):
        assert np.array_equal(out, expected.reshape(-1))


def resized(act: np.ndarray, config: dict[str, Any], pads: tuple[int, ...]) -> np.ndarray:
    """TOSA 1.0 RESIZE, position by position; padding is the image's nearest position."""
    (ny, dy, nx, dx), (oy, ox) = config["scale"], config["offset"]
    rows, cols, channels = config["out"]
    result = np.zeros((rows, cols, channels), np.int8)

    def taps(o: int, n: int, d: int, offset: int, size: int, low: int, high: int) -> tuple:
        place = o * d + offset
        whole, fraction = divmod(place, n)
        first = whole - offset // n
        return *(min(max(at, low), size - 1 - high) for at in (first, first + 1)), fraction

    for y in range(rows):
        y0, y1, fy = taps(y, ny, dy, oy, act.shape[0], pads[0], pads[1])
        for x in range(cols):
            x0, x1, fx = taps(x, nx, dx, ox, act.shape[1], pads[2], pads[3])
            if config["bilinear"]:
                wide = act.astype(np.int64)
                total = wide[y0, x0] * (ny - fy) * (nx - fx) + wide[y0, x1] * (ny - fy) * fx
                total += wide[y1, x0] * fy * (nx - fx) + wide[y1, x1] * fy * fx
                result[y, x] = to_int8(rescale(total, *config["rescale"]), config["clamp"])
            else:
                result[y, x] = act[y1 if 2 * fy >= ny else y0, x1 if 2 * fx >= nx else x0]
    return result.reshape(-1)


# (window, output, scale, offset, padding)
RESIZES = {
    "twice, centres": ((5, 6, 16), (6, 8, 16), (4, 2, 4, 2), (-1, -1), (1, 0, 1, 1)),
    "corners": ((5, 5, 20), (7, 10, 20), (6, 3, 9, 3), (0, 0), (0, 1, 0, 1)),
    "down by 3/2": ((8, 8, 4), (5, 5, 4), (4, 6, 4, 6), (1, 1), (0, 0, 0, 0)),
    "a row and a column repeated": ((2, 2, 76), (5, 3, 76), (1, 0, 1, 0), (0, 0), (0, 1, 0, 1)),
    "one channel": ((3, 3, 1), (4, 4, 1), (10, 4, 10, 4), (-3, -3), (1, 0, 1, 0)),
}


@pytest.mark.parametrize("bilinear", [False, True])
@pytest.mark.parametrize("case", RESIZES.values(), ids=RESIZES.keys())
def test_resize(library: KernelLibrary, isa: str, case: Any, bilinear: bool) -> None:
    window, out, scale, offset, pads = case
    config = {
        "in": window,
        "out": out,
        "scale": scale,
        "offset": offset,
        "bilinear": bilinear,
        "rescale": (16384, 14 + (scale[0] * scale[2]).bit_length()),
        "clamp": (-128, 127),
    }
    act = draw(6, *window)
    expected = resized(act, config, pads)
    spec = Kernel("resize", "resize", config)
    for result in run(library, isa, spec, [act, np.zeros(out, np.int8)], pads):
        assert np.array_equal(result, expected)


@pytest.mark.parametrize("pads", [(9, 9, 9, 9), (-5, 0, 0, -7), (2**31 - 1, -(2**31), 0, 0)])
def test_resize_stays_inside_whatever_the_immediates(
    library: KernelLibrary, isa: str, pads: tuple[int, ...]
) -> None:
    """Wrong pad counts give wrong values, but read nothing outside the window."""
    config = {
        "in": (4, 4, 4),
        "out": (4, 4, 4),
        "scale": (4, 2, 4, 2),
        "offset": (-1, -1),
        "bilinear": True,
        "rescale": (16384, 18),
        "clamp": (-128, 127),
    }
    spec = Kernel("resize", "resize", config)
    run(library, isa, spec, [np.zeros(64, np.int8), np.zeros(64, np.int8)], pads)
