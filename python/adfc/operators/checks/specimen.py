"""Calls of an operator made concrete: shapes, scales, integers, and inputs to try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from adfc.operators.checks.finding import CheckError, ensure
from adfc.operators.geometry import Rows, Tiling, Windows, checked_shape
from adfc.operators.operator import Call, Case, Integers, Levels, Operator

INPUT_SCALES = (0.05, 0.6)
"""Scales of inputs that are tried, where the operator takes any."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Specimen:
    """A quantized call. Shapes are as the kernel sees them: images are (1, H, W, C)."""

    operator: Operator
    case: Case
    tiling: Tiling
    call: Call
    integers: Integers
    inputs: int
    in_shape: Shape
    out_shape: Shape

    @property
    def title(self) -> str:
        """The call in short, for messages."""
        words = [f"{name}={value}" for name, value in self.case.arguments.items()]
        return " ".join([f"shape {list(self.case.shape)}", *words])

    def reference(self, inputs: Sequence[Levels]) -> Levels:
        """The operator's own reference on copies of the inputs. Raises CheckError."""
        assert self.operator.reference is not None
        copies = tuple(x.copy() for x in inputs)
        try:
            result = np.asarray(self.operator.reference(copies, self.integers))
        except Exception as error:
            raise CheckError(f"reference raises {type(error).__name__}: {error}") from error
        ensure(
            result.dtype == np.int8 and result.shape == self.out_shape,
            f"reference gives {result.dtype}{list(result.shape)}, not int8{list(self.out_shape)}",
        )
        ensure(
            all(np.array_equal(a, b) for a, b in zip(copies, inputs, strict=True)),
            "reference changes its inputs",
        )
        return result

    def floats(self, inputs: Sequence[Levels]) -> NDArray[np.float64]:
        """The PyTorch operator on the real numbers that the inputs stand for, in kernel order."""
        reals = [
            _user_order(torch.from_numpy(x.astype(np.float32)) * scale, self.tiling)
            for x, scale in zip(inputs, self.call.input_scales, strict=True)
        ]
        result = call_torch(self.operator, reals, self.case.arguments)
        return _kernel_order(result, self.tiling).double().numpy()

    @cached_property
    def patterns(self) -> list[tuple[str, tuple[Levels, ...]]]:
        """Named inputs: extremes, zeros, steps, every level, noise."""
        return list(patterns(self.inputs, self.in_shape))


def patterns(inputs: int, shape: Shape) -> Iterator[tuple[str, tuple[Levels, ...]]]:
    """Named tuples of int8 inputs of one shape."""
    count = int(np.prod(shape))
    ramp = (np.arange(count) % 256 - 128).astype(np.int8)
    steps = np.where(np.arange(count) % 2 == 0, 127, -128).astype(np.int8)
    random = np.random.default_rng(count)
    single: list[tuple[str, NDArray[np.int8]]] = [
        ("-128", np.full(count, -128, np.int8)),
        ("127", np.full(count, 127, np.int8)),
        ("0", np.zeros(count, np.int8)),
        ("-1", np.full(count, -1, np.int8)),
        ("127 and -128 in turn", steps),
        ("every level", ramp),
        ("every level, downwards", ramp[::-1].copy()),
    ]
    for name, values in single:
        others = [np.roll(values[::-1], index) for index in range(inputs - 1)]
        yield name, tuple(x.reshape(shape) for x in (values, *others))
    noise = [random.integers(-128, 128, count).astype(np.int8) for _ in range(inputs)]
    yield "noise", tuple(x.reshape(shape) for x in noise)


def torch_function(operator: Operator) -> Any:
    """The PyTorch operator itself. Raises CheckError where there is none."""
    namespace, separator, name = operator.name.partition("::")
    ensure(bool(separator), f"its name is '{operator.name}', not NAMESPACE::NAME")
    try:
        packet, _, overload = name.partition(".")
        return getattr(getattr(getattr(torch.ops, namespace), packet), overload or "default")
    except AttributeError as error:
        raise CheckError(f"PyTorch has no operator {operator.name}: define it on import") from error


def tensor_count(operator: Operator) -> int:
    """How many tensors the PyTorch operator takes."""
    schema = torch_function(operator)._schema
    return sum(str(argument.type) == "Tensor" for argument in schema.arguments)


def call_torch(
    operator: Operator, tensors: Sequence[torch.Tensor], arguments: Mapping[str, Any]
) -> torch.Tensor:
    """The operator on tensors. Raises CheckError where it fails."""
    try:
        with torch.no_grad():
            result = torch_function(operator)(*tensors, **arguments)
    except Exception as error:
        first = str(error).strip().splitlines()[:1]
        raise CheckError(f"the PyTorch operator raises {type(error).__name__}: {first}") from error
    ensure(isinstance(result, torch.Tensor), "the PyTorch operator returns no tensor")
    return result


def all_arguments(operator: Operator, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are no tensors, defaults filled in, as a graph's call has them."""
    found: dict[str, Any] = {}
    for argument in torch_function(operator)._schema.arguments:
        if str(argument.type) != "Tensor":
            found[argument.name] = given.get(argument.name, argument.default_value)
    return found


def specimen(operator: Operator, case: Case, input_scale: float, squeeze: float = 1.0) -> Specimen:
    """The case as a quantized call; `squeeze` makes the output's scale so much smaller.

    Raises CheckError where the operator's functions fail, or do not go together.
    """
    inputs = tensor_count(operator)
    ensure(inputs >= 1, "the PyTorch operator takes no tensor")
    arguments = all_arguments(operator, case.arguments)
    try:
        tiling = operator.tiling_of(arguments)
    except Exception as error:
        raise CheckError(f"tiling raises {type(error).__name__}: {error}") from error
    if operator.input_scale != "any":
        input_scale = float(operator.input_scale)
    zeros = [torch.zeros(case.shape) for _ in range(inputs)]
    out = call_torch(operator, zeros, case.arguments)
    in_shape = tuple(_kernel_order(zeros[0], tiling).shape)
    out_shape = tuple(_kernel_order(out, tiling).shape)
    try:
        checked_shape(tiling, [in_shape] * inputs, out_shape)
    except Exception as error:
        raise CheckError(str(error)) from error
    scales = (input_scale,) * inputs
    scale = _output_scale(operator, case, tiling, scales, in_shape)
    call = Call(arguments, scales, scale / squeeze, in_shape[-1])
    return Specimen(
        operator, case, tiling, call, _integers(operator, call), inputs, in_shape, out_shape
    )


def _integers(operator: Operator, call: Call) -> Integers:
    try:
        integers = operator.prepare(call)
        again = operator.prepare(call)
        first, second = integers.constant_bytes, again.constant_bytes
    except Exception as error:
        raise CheckError(f"prepare raises {type(error).__name__}: {error}") from error
    same = (first is None) == (second is None) and (
        first is None or second is None or np.array_equal(first, second)
    )
    ensure(
        same and dict(integers.parameters) == dict(again.parameters),
        "prepare gives other integers the second time",
    )
    return integers


def _output_scale(
    operator: Operator, case: Case, tiling: Tiling, scales: tuple[float, ...], shape: Shape
) -> float:
    """The output's scale, as calibration on all patterns would give it."""
    if operator.output_scale == "input":
        return scales[0]
    if operator.output_scale != "own":
        return float(operator.output_scale)
    largest = 0.0
    for _, inputs in patterns(len(scales), shape):
        reals = [
            _user_order(torch.from_numpy(x.astype(np.float32)) * scale, tiling)
            for x, scale in zip(inputs, scales, strict=True)
        ]
        result = call_torch(operator, reals, case.arguments)
        ensure(bool(torch.isfinite(result).all()), "the PyTorch operator is not finite everywhere")
        largest = max(largest, float(result.abs().max()))
    return largest / 127 if largest > 0 else 1.0


def _user_order(tensor: torch.Tensor, tiling: Tiling) -> torch.Tensor:
    return tensor.permute(0, 3, 1, 2) if isinstance(tiling, Windows) else tensor


def _kernel_order(tensor: torch.Tensor, tiling: Tiling) -> torch.Tensor:
    if isinstance(tiling, Windows):
        ensure(tensor.dim() == 4, f"windows are of images (1, C, H, W), not {list(tensor.shape)}")
        return tensor.permute(0, 2, 3, 1)
    return tensor


def further_cases(operator: Operator) -> list[Case]:
    """The package's cases, and smaller and odder ones: one element, odd lengths, odd images."""
    cases = list(operator.cases)
    first = cases[0]
    rank = len(first.shape)
    tiling = operator.tiling_of(all_arguments(operator, first.arguments))
    if isinstance(tiling, Windows):
        low = [max(1, k - b - a) for k, b, a in _spans(tiling)]
        sizes = [(1, *low), (3, low[0] + 6, low[1] + 4), (17, low[0] + 13, low[1] + 1)]
        shapes = [(1, channels, height, width) for channels, height, width in sizes]
    elif isinstance(tiling, Rows):
        # Which lengths a row may have, the package knows: its cases tell.
        shapes = [(*(1,) * (rank - 1), first.shape[-1]), (1, 7, first.shape[-1])]
    else:
        shapes = [(1, 1), (1, 3), (1, 37), (1, 257), (1, 5, 7, 3)]
    return [*cases, *(Case(shape, first.arguments) for shape in shapes)]


def _spans(tiling: Windows) -> list[tuple[int, int, int]]:
    return list(zip(tiling.kernel, tiling.padding[::2], tiling.padding[1::2], strict=True))
