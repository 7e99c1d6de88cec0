"""Calls of an operator made concrete: shapes, scales, integers, and inputs to try."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from adfc.operators.checks.finding import CheckError, ensure
from adfc.operators.geometry import Products, Rows, Tiling, Windows, checked_shape, is_image
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
    shapes: tuple[Shape, ...]
    out_shape: Shape

    @property
    def inputs(self) -> int:
        """How many inputs there are."""
        return len(self.shapes)

    @property
    def in_shape(self) -> Shape:
        """The first input's shape."""
        return self.shapes[0]

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
        result = call_torch(self.operator, reals, self.case)
        return _kernel_order(result, self.tiling).double().numpy()

    @cached_property
    def patterns(self) -> list[tuple[str, tuple[Levels, ...]]]:
        """Named inputs: extremes, zeros, steps, every level, noise."""
        return list(patterns(self.shapes))


def patterns(shapes: Sequence[Shape]) -> Iterator[tuple[str, tuple[Levels, ...]]]:
    """Named tuples of int8 inputs of these shapes."""
    counts = [int(np.prod(shape)) for shape in shapes]
    named = [dict(_values(count)) for count in counts]
    random = np.random.default_rng(counts[0])
    for name, values in named[0].items():
        others = [np.roll(known[name][::-1], i) for i, known in enumerate(named[1:])]
        pairs = zip((values, *others), shapes, strict=True)
        yield name, tuple(x.reshape(shape) for x, shape in pairs)
    noise = [random.integers(-128, 128, count).astype(np.int8) for count in counts]
    yield "noise", tuple(x.reshape(shape) for x, shape in zip(noise, shapes, strict=True))


def _values(count: int) -> Iterator[tuple[str, NDArray[np.int8]]]:
    ramp = (np.arange(count) % 256 - 128).astype(np.int8)
    yield "-128", np.full(count, -128, np.int8)
    yield "127", np.full(count, 127, np.int8)
    yield "0", np.zeros(count, np.int8)
    yield "-1", np.full(count, -1, np.int8)
    yield "127 and -128 in turn", np.where(np.arange(count) % 2 == 0, 127, -128).astype(np.int8)
    yield "every level", ramp
    yield "every level, downwards", ramp[::-1].copy()


def torch_function(operator: Operator) -> Any:
    """The PyTorch operator itself. Raises CheckError where there is none."""
    namespace, separator, name = operator.name.partition("::")
    ensure(bool(separator), f"its name is '{operator.name}', not NAMESPACE::NAME")
    try:
        packet, _, overload = name.partition(".")
        return getattr(getattr(getattr(torch.ops, namespace), packet), overload or "default")
    except AttributeError as error:
        raise CheckError(f"PyTorch has no operator {operator.name}: define it on import") from error


def tensor_names(operator: Operator, case: Case) -> list[str]:
    """The tensors that the PyTorch operator takes as inputs, by the arguments' names."""
    schema = torch_function(operator)._schema
    names = [argument.name for argument in schema.arguments if str(argument.type) == "Tensor"]
    return [name for name in names if name not in case.parameters]


def call_torch(operator: Operator, tensors: Sequence[torch.Tensor], case: Case) -> torch.Tensor:
    """The operator on tensors, with the rest as in the case. Raises CheckError where it fails."""
    names = tensor_names(operator, case)
    device = tensors[0].device if tensors else None
    held = {name: torch.from_numpy(x).to(device) for name, x in case.parameters.items()}
    given = {**dict(zip(names, tensors, strict=True)), **held, **case.arguments}
    try:
        with torch.no_grad():
            result = torch_function(operator)(**given)
    except Exception as error:
        first = str(error).strip().splitlines()[:1]
        raise CheckError(f"the PyTorch operator raises {type(error).__name__}: {first}") from error
    ensure(isinstance(result, torch.Tensor), "the PyTorch operator returns no tensor")
    return result


def all_arguments(operator: Operator, case: Case) -> dict[str, Any]:
    """The arguments that are no tensors, defaults filled in, as a graph's call has them."""
    tensors = {*tensor_names(operator, case), *case.parameters}
    return {
        argument.name: case.arguments.get(argument.name, argument.default_value)
        for argument in torch_function(operator)._schema.arguments
        if argument.name not in tensors
    }


def input_shapes(operator: Operator, case: Case) -> tuple[Shape, ...]:
    """The shapes of a case's inputs, as PyTorch sees them. Raises CheckError."""
    inputs = len(tensor_names(operator, case))
    ensure(inputs >= 1, "the PyTorch operator takes no tensor")
    others = case.others or (case.shape,) * (inputs - 1)
    ensure(len(others) == inputs - 1, f"it takes {inputs} tensors, a case has {len(others) + 1}")
    return (case.shape, *others)


def tiling_of(operator: Operator, case: Case) -> Tiling:
    """How the case may be cut. Raises CheckError where the operator's function fails."""
    try:
        held = tuple(values.shape for values in case.parameters.values())
        shapes = (*input_shapes(operator, case), *held)
        return operator.tiling_of(all_arguments(operator, case), shapes)
    except CheckError:
        raise
    except Exception as error:
        raise CheckError(f"tiling raises {type(error).__name__}: {error}") from error


def specimen(operator: Operator, case: Case, input_scale: float, squeeze: float = 1.0) -> Specimen:
    """The case as a quantized call; `squeeze` makes the output's scale so much smaller.

    Raises CheckError where the operator's functions fail, or do not go together.
    """
    given = input_shapes(operator, case)
    tiling = tiling_of(operator, case)
    if operator.input_scale != "any":
        input_scale = float(operator.input_scale)
    shapes, out_shape = kernel_shapes(operator, case, tiling)
    scales = (input_scale,) * len(given)
    scale = _output_scale(operator, case, tiling, scales, shapes)
    call = Call(
        all_arguments(operator, case),
        scales,
        scale / squeeze,
        shapes[0][-1],
        shapes,
        dict(case.parameters),
    )
    return Specimen(operator, case, tiling, call, _integers(operator, call), shapes, out_shape)


def kernel_shapes(
    operator: Operator, case: Case, tiling: Tiling
) -> tuple[tuple[Shape, ...], Shape]:
    """(the inputs' shapes, the result's), as the kernel sees them. Raises CheckError."""
    empty = [torch.empty(shape, device="meta") for shape in input_shapes(operator, case)]
    out = call_torch(operator, empty, case)
    shapes = tuple(tuple(_kernel_order(tensor, tiling).shape) for tensor in empty)
    out_shape = tuple(_kernel_order(out, tiling).shape)
    try:
        checked_shape(tiling, shapes, out_shape)
    except Exception as error:
        raise CheckError(str(error)) from error
    return shapes, out_shape


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
    operator: Operator,
    case: Case,
    tiling: Tiling,
    scales: tuple[float, ...],
    shapes: Sequence[Shape],
) -> float:
    """The output's scale, as calibration on all patterns would give it."""
    if operator.output_scale == "input":
        return scales[0]
    if operator.output_scale != "own":
        return float(operator.output_scale)
    largest = 0.0
    for _, inputs in patterns(shapes):
        reals = [
            _user_order(torch.from_numpy(x.astype(np.float32)) * scale, tiling)
            for x, scale in zip(inputs, scales, strict=True)
        ]
        result = call_torch(operator, reals, case)
        ensure(bool(torch.isfinite(result).all()), "the PyTorch operator is not finite everywhere")
        largest = max(largest, float(result.abs().max()))
    return largest / 127 if largest > 0 else 1.0


def _user_order(tensor: torch.Tensor, tiling: Tiling) -> torch.Tensor:
    return tensor.permute(0, 3, 1, 2) if is_image(tiling) else tensor


def _kernel_order(tensor: torch.Tensor, tiling: Tiling) -> torch.Tensor:
    if is_image(tiling):
        ensure(tensor.dim() == 4, f"windows are of images (1, C, H, W), not {list(tensor.shape)}")
        return tensor.permute(0, 2, 3, 1)
    return tensor


def further_cases(operator: Operator) -> list[Case]:
    """The package's cases, and smaller and odder ones: one element, odd lengths, odd images."""
    cases = list(operator.cases)
    if operator.sizes == "given":
        return cases
    first = cases[0]
    rank = len(first.shape)
    tiling = tiling_of(operator, first)
    if isinstance(tiling, Windows):
        low = [max(1, k - b - a) for k, b, a in _spans(tiling)]
        sizes = [(1, *low), (3, low[0] + 6, low[1] + 4), (17, low[0] + 13, low[1] + 1)]
        shapes = [(1, channels, height, width) for channels, height, width in sizes]
    elif isinstance(tiling, Rows | Products):
        # Which lengths a row may have, the package knows: its cases tell.
        shapes = [(*(1,) * (rank - 1), first.shape[-1]), (1, 7, first.shape[-1])]
    else:
        shapes = [(1, 1), (1, 3), (1, 37), (1, 257), (1, 5, 7, 3)]
    return [*cases, *(replace(first, shape=shape) for shape in shapes)]


def _spans(tiling: Windows) -> list[tuple[int, int, int]]:
    return list(zip(tiling.kernel, tiling.padding[::2], tiling.padding[1::2], strict=True))
