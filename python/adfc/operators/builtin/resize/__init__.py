"""Images of another size: upsample_nearest2d, upsample_bilinear2d.

    torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear")

Output o of an axis lies at (o * d + offset) / n of the input. The nearest of the two positions
around it is copied; or both count as much as they are near, their sum is exact in int32, and there
is one rescale. The scale stays. In TOSA this is `resize`, of the same fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.operators.builtin.family import Family
from adfc.operators.builtin.resize.axis import ResizeAxis, resize_axes
from adfc.operators.geometry import Resampling
from adfc.operators.library import Extents, LibraryKernel, Numbers
from adfc.operators.operator import Call, Case, Cost, Integers, Levels, Operator
from adfc.operators.rescale import multiplier_and_shift, rescaled, saturated

_COST = Cost(
    "assumed: four neighbours, each times its two fractions, one rescale",
    mac=2,
    move=3,
    store=4,
    per_read={"mac": 1, "load_a": 0.5, "load_b": 0.5},
)

Shapes = tuple[tuple[int, ...], ...]
Places = NDArray[np.int64]


def _outputs(arguments: Mapping[str, Any], extents: tuple[int, ...]) -> list[int]:
    if arguments.get("output_size") is not None:
        return list(arguments["output_size"])
    scales = arguments["scale_factors"]
    return [int(extent * scale) for extent, scale in zip(extents, scales, strict=True)]


def _axes(
    arguments: Mapping[str, Any], extents: tuple[int, ...], nearest: bool
) -> tuple[ResizeAxis, ResizeAxis]:
    corners = bool(arguments.get("align_corners"))
    return resize_axes(extents, _outputs(arguments, extents), nearest=nearest, corners=corners)


def _tiling(nearest: bool) -> Callable[[Mapping[str, Any], Shapes], Resampling]:
    def tiling(arguments: Mapping[str, Any], shapes: Shapes) -> Resampling:
        rows, columns = _axes(arguments, shapes[0][2:], nearest)
        scale = (rows.n, rows.d, columns.n, columns.d)
        return Resampling(scale, (rows.offset, columns.offset))

    return tiling


def _prepare(nearest: bool) -> Callable[[Call], Integers]:
    def prepare(call: Call) -> Integers:
        extents = call.shapes[0][1:3]
        axes = _axes(call.arguments, extents, nearest)
        factor = call.input_scales[0] / (axes[0].n * axes[1].n) / call.output_scale
        multiplier, shift = multiplier_and_shift(1.0 if nearest else factor)
        numbers = {"BILINEAR": int(not nearest), "MULTIPLIER": multiplier, "SHIFT": shift}
        outputs = _outputs(call.arguments, extents)
        for name, axis, count in zip(("ROWS", "COLUMNS"), axes, outputs, strict=True):
            numbers |= {f"{name}_N": axis.n, f"{name}_D": axis.d, f"{name}_OFFSET": axis.offset}
            numbers[name] = count
        return Integers(parameters=numbers)

    return prepare


def _config(extents: Extents, numbers: Numbers) -> dict[str, Any]:
    scale = [numbers[f"{name}_{part}"] for name in ("ROWS", "COLUMNS") for part in ("N", "D")]
    return {
        "in": list(extents.input),
        "out": list(extents.output),
        "bilinear": bool(numbers["BILINEAR"]),
        "scale": scale,
        "offset": [numbers["ROWS_OFFSET"], numbers["COLUMNS_OFFSET"]],
        "rescale": [numbers["MULTIPLIER"], numbers["SHIFT"]],
        "clamp": [-128, 127],
    }


def _neighbours(size: int, numbers: Numbers, name: str) -> tuple[Places, Places, Places]:
    """(positions before the outputs, behind them, how many n-ths the outputs lie behind)."""
    n = numbers[f"{name}_N"]
    place = np.arange(numbers[name], dtype=np.int64) * numbers[f"{name}_D"]
    whole, rest = np.divmod(place + numbers[f"{name}_OFFSET"], n)
    return np.clip(whole, 0, size - 1), np.clip(whole + 1, 0, size - 1), rest


def _along(values: NDArray[Any], axis: int, numbers: Numbers, name: str) -> NDArray[np.int64]:
    first, second, rest = _neighbours(values.shape[axis], numbers, name)
    n = numbers[f"{name}_N"]
    shape = [1] * values.ndim
    shape[axis] = -1
    near, far = (values.take(place, axis).astype(np.int64) for place in (first, second))
    if not numbers["BILINEAR"]:
        return np.where((2 * rest >= n).reshape(shape), far, near)
    return near * (n - rest).reshape(shape) + far * rest.reshape(shape)


def _reference(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    p = integers.parameters
    sums = _along(_along(inputs[0], 1, p, "ROWS"), 2, p, "COLUMNS")
    if not p["BILINEAR"]:
        return sums.astype(np.int8)
    return saturated(rescaled(sums, p["MULTIPLIER"], p["SHIFT"]))


def _operator(name: str, *cases: Case) -> Operator:
    nearest = "nearest" in name
    return Operator(
        name=f"aten::{name}",
        tiling=_tiling(nearest),
        kernel=LibraryKernel("resize", _config, f"{__name__}.lowering"),
        prepare=_prepare(nearest),
        reference=_reference,
        cost=_COST,
        output_scale="input",
        cases=cases,
        sizes="given",
    )


_TWICE = {"output_size": None, "scale_factors": [2.0, 2.0]}
_CORNERS = {"align_corners": True}
_CENTRES = {"align_corners": False}

FAMILY = Family(
    "resize",
    (
        _operator(
            "upsample_nearest2d",
            Case((1, 4, 52, 52), {"output_size": [104, 104]}),
            Case((1, 1, 1, 1), {"output_size": [3, 2]}),
            Case((1, 17, 7, 5), {"output_size": [5, 13]}),
        ),
        _operator("upsample_nearest2d.vec", Case((1, 6, 4, 5), _TWICE)),
        _operator(
            "upsample_bilinear2d",
            Case((1, 4, 52, 52), {"output_size": [104, 104], **_CENTRES}),
            Case((1, 1, 1, 1), {"output_size": [3, 2], **_CENTRES}),
            Case((1, 17, 7, 5), {"output_size": [5, 13], **_CENTRES}),
            Case((1, 6, 4, 5), {"output_size": [7, 9], **_CORNERS}),
        ),
        _operator("upsample_bilinear2d.vec", Case((1, 6, 4, 5), {**_TWICE, **_CENTRES})),
    ),
    __doc__ or "",
    Path(__file__).parent,
)
