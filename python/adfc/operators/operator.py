"""What an operator is: the description that a package gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from adfc.errors import InputError
from adfc.operators.geometry import Filters, Resampling, Tiling, Windows
from adfc.operators.kernel import Composition, Kernel
from adfc.operators.library import LibraryKernel

Levels: TypeAlias = NDArray[np.int8]
"""Int8 values: real = scale * level, zero point 0."""


@dataclass(frozen=True)
class Call:
    """A quantized call of the operator, as `Operator.prepare` sees it.

    `arguments` are those of the PyTorch operator that are no tensors, by name. `length` is the
    length of the inputs' last axis, `shapes` are the inputs' as the kernel sees them. `parameters`
    are tensors that the model holds, such as weights: real numbers by the argument's name.
    """

    arguments: Mapping[str, Any]
    input_scales: tuple[float, ...]
    output_scale: float
    length: int
    shapes: tuple[tuple[int, ...], ...] = ()
    parameters: Mapping[str, NDArray[Any]] = field(default_factory=dict[str, NDArray[Any]])


@dataclass(frozen=True)
class Integers:
    """What a quantized call needs besides its inputs: all of it integers.

    `constant`: bytes that each kernel call reads (int8, uint8, or wider in little-endian order).
    `parameters`: numbers by name; a kernel sees them as macros (C) or `${NAME}` (MLIR).
    """

    constant: NDArray[Any] | None = None
    parameters: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def constant_bytes(self) -> NDArray[np.uint8] | None:
        """The constant as bytes."""
        if self.constant is None:
            return None
        little = np.ascontiguousarray(self.constant)
        little = little.astype(little.dtype.newbyteorder("<"), copy=False)
        return little.reshape(-1).view(np.uint8)


SLOTS = ("mac", "load_a", "load_b", "store", "move")
"""Instruction slots of a core, as spec/kernels/*.toml names them."""


@dataclass(frozen=True)
class Cost:
    """Instructions in each slot of a core for 32 bytes of the result (or of an input, if larger).

    A core issues one of each slot in a cycle: vector arithmetic (`mac`), loads of 32 bytes on two
    ports (`load_a`, `load_b`), a store of 32 bytes (`store`), moves, shuffles, comparisons
    (`move`). The kernel's cycles are those of the fullest slot, and the call's overhead. `source`
    says where the numbers come from, or begins with "assumed". `per_read`: instructions by slot
    that come on top for each value of a window that an element of the result needs.
    """

    source: str
    mac: float = 0.0
    load_a: float = 0.0
    load_b: float = 0.0
    store: float = 0.0
    move: float = 0.0
    per_read: Mapping[str, float] = field(default_factory=dict[str, float])

    def slots(self, reads: int = 1) -> dict[str, float]:
        """Instructions by slot, where an element of the result needs so many values of an input."""
        return {
            name: float(getattr(self, name)) + reads * float(self.per_read.get(name, 0.0))
            for name in SLOTS
        }


@dataclass(frozen=True)
class ProductCost:
    """The cost of a product of matrices, which the compiler knows (adfc.planner.kernel_cost): it
    depends on how the product is cut into blocks. `source` as in `Cost`."""

    source: str


@dataclass(frozen=True)
class Case:
    """A call to test: shapes of the inputs (as PyTorch sees them) and further arguments.

    `others`: shapes of the inputs behind the first, where they differ. `parameters`: tensors that
    the model holds, by the argument's name.
    """

    shape: tuple[int, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    others: tuple[tuple[int, ...], ...] = ()
    parameters: Mapping[str, NDArray[Any]] = field(default_factory=dict[str, NDArray[Any]])


def _nothing(_call: Call) -> Integers:
    return Integers()


TilingOf: TypeAlias = Callable[[Mapping[str, Any], tuple[tuple[int, ...], ...]], Tiling]


@dataclass(frozen=True, eq=False)
class Operator:
    """An operator that a package adds.

    `name` is the PyTorch operator's, "namespace::name" or "namespace::name.overload", as
    torch.library has it; its fake implementation gives the result's shape. `aliases` are further
    ones that compile to the same kernel: in-place forms, other overloads. `reference` computes the
    result from int8 inputs in numpy: it says what is right. Inputs come as the kernel sees them:
    the last axis last; images for `Windows` as (1, H, W, C).

    `output_scale`: "own" comes from calibration, "input" is the first input's, a number is fixed.
    `input_scale`: "any", or a number that inputs are brought to.
    `prepare` makes the constant and the parameters of a quantized call.
    `tiling` may depend on the call; then it is a function of its arguments and of shapes as PyTorch
    sees them: its inputs', then those of the tensors that the model holds.
    `scratch` is the bytes of memory that a kernel call may use as it likes (from the length of the
    last axis, where it is a function).
    `tolerance` is by how many levels a result may differ from the reference; 0: not at all.
    `float_levels` is by how many levels the reference may differ from the float operator.
    A `Composition` needs no reference and no cost: adfc knows them.
    `cases` are calls that the admission test makes, besides those it finds itself; with `sizes` of
    "given" it finds none, as not every shape goes with the arguments. `variant` says which calls of
    the PyTorch operator these are, where several descriptions share them.
    """

    name: str
    tiling: Tiling | TilingOf
    kernel: Kernel
    cases: tuple[Case, ...]
    reference: Callable[[tuple[Levels, ...], Integers], Levels] | None = None
    cost: Cost | ProductCost | None = None
    output_scale: Literal["own", "input"] | float = "own"
    input_scale: Literal["any"] | float = "any"
    prepare: Callable[[Call], Integers] = _nothing
    scratch: int | Callable[[int], int] = 0
    tolerance: int = 0
    float_levels: float = 1.0
    aliases: tuple[str, ...] = ()
    sizes: Literal["any", "given"] = "any"
    variant: str = ""

    def __post_init__(self) -> None:
        """Raises InputError where something is missing."""
        if "::" not in self.name:
            raise InputError(f"'{self.name}' is no operator's name", hint="use NAMESPACE::NAME")
        needs = not isinstance(self.kernel, Composition)
        if needs and (self.reference is None or self.cost is None):
            raise InputError(f"the operator '{self.name}' needs a reference and a cost")
        if not self.cases:
            raise InputError(f"the operator '{self.name}' has no cases to test it on")
        if isinstance(self.cost, ProductCost) and not isinstance(self.kernel, LibraryKernel):
            raise InputError(
                f"the operator '{self.name}' must say what its kernel costs", hint="Cost"
            )

    @property
    def title(self) -> str:
        """The name, and which calls of it are meant."""
        return f"{self.name} ({self.variant})" if self.variant else self.name

    @property
    def target(self) -> str:
        """The PyTorch operator as graphs name it: "namespace.name.overload"."""
        return _target(self.name)

    @property
    def targets(self) -> tuple[str, ...]:
        """The PyTorch operator and its aliases, as graphs name them."""
        return (self.target, *(_target(name) for name in self.aliases))

    def tiling_of(
        self, arguments: Mapping[str, Any], shapes: tuple[tuple[int, ...], ...]
    ) -> Tiling:
        """How a call with these arguments, of inputs of these shapes, may be cut."""
        return self.tiling(arguments, shapes) if callable(self.tiling) else self.tiling

    def scratch_of(self, length: int) -> int:
        """Bytes of scratch memory for a last axis of `length` elements."""
        return self.scratch(length) if callable(self.scratch) else self.scratch


def _target(name: str) -> str:
    namespace, _, rest = name.partition("::")
    return f"{namespace}.{rest}" if "." in rest else f"{namespace}.{rest}.default"


def reads_of(tiling: Tiling) -> int:
    """How many values of a channel an element of the result needs."""
    if isinstance(tiling, Resampling):
        return 4
    return tiling.kernel[0] * tiling.kernel[1] if isinstance(tiling, Windows | Filters) else 1


def table_of(function: Callable[[NDArray[np.float64]], NDArray[Any]], call: Call) -> Integers:
    """The 256 results of a function of one real number, as int8 levels of the output's scale.

    Element x + 128 is the result for level x. Results are rounded half to even and saturate.
    """
    real = function(np.arange(-128, 128, dtype=np.float64) * call.input_scales[0])
    levels = np.clip(np.rint(np.asarray(real) / call.output_scale), -128, 127)
    return Integers(levels.astype(np.int8))


def apply_table(inputs: tuple[Levels, ...], integers: Integers) -> Levels:
    """The reference of an operator that looks each value up in a table of 256."""
    table = integers.constant_bytes
    assert table is not None
    return table.view(np.int8)[inputs[0].astype(np.int16) + 128]
