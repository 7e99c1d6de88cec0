"""Data-flow graphs: kernels, and what connects them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adfc.ckernel import ARRAY, SCALAR, SCRATCH, CKernel, Dtype, dependencies, dtype
from adfc.errors import InputError
from adfc.graph.access import Access
from adfc.graph.place import Place, caller
from adfc.graph.ports import PortType

_SCALAR_FORMS = (SCALAR, ARRAY)


@dataclass(frozen=True, eq=False)
class Port:
    """An argument of a kernel in a graph."""

    kernel: Kernel
    index: int

    @property
    def type(self) -> PortType:
        """What it takes."""
        return self.kernel.ports[self.index]

    @property
    def form(self) -> str:
        """The argument's form."""
        return self.type.argument.form

    def __str__(self) -> str:
        return f"{self.kernel.name}[{self.index}] ({self.form})"


@dataclass(frozen=True, eq=False)
class Kernel:
    """A kernel in a graph, on a core tile.

    `cycles` is what a call takes (modelled AIE cycles), `macs` its multiply-accumulates; `tile` is
    (column, row), or None where the placer chooses. `beside` is a kernel whose tile it shares;
    `ratio` is the part of the tile's time that it may take.
    """

    name: str
    code: CKernel
    ports: tuple[PortType, ...]
    cycles: int
    macs: int
    tile: tuple[int, int] | None
    place: Place
    beside: Kernel | None = None
    ratio: float = 1.0

    @property
    def host(self) -> Kernel:
        """The first kernel on its tile; itself where it is alone there."""
        return self if self.beside is None else self.beside.host

    def __getitem__(self, index: int) -> Port:
        """The port of argument `index`. Raises InputError where there is none."""
        if not 0 <= index < len(self.ports):
            raise InputError(f"{self.name} has {len(self.ports)} arguments, not one {index}")
        return Port(self, index)


PLIO_CLOCKS = {64: 2, 128: 4}
"""Ports of the programmable logic, by bits, and cycles of the array for one of theirs at which they
carry a stream of 32 bits a cycle (UG1483, "PLIO Attributes": 64 bits at half, 128 at a quarter of
the clock). One of 32 bits would need the array's own clock, which the logic does not reach."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """An input or output of the graph: a tensor in DDR, of integers or floats as they are.

    A complex type has a last axis of 2 that `shape` does not say. `plio_bits` is 0 for GMIO, else
    the width of the programmable logic's port.
    """

    name: str
    dtype: Dtype
    shape: tuple[int, ...]
    is_input: bool
    plio_bits: int
    place: Place

    @property
    def values(self) -> int:
        """How many values it has."""
        return math.prod(self.shape)

    def __str__(self) -> str:
        return f"{'input' if self.is_input else 'output'} {self.name}"


@dataclass(frozen=True, eq=False)
class Join:
    """Outputs of several kernels, one block of each after the other, by way of a memory tile."""

    name: str
    ports: tuple[Port, ...]
    place: Place

    def __str__(self) -> str:
        return f"join {self.name}"


Source = Tensor | Port | Join
Target = Tensor | Port


@dataclass(frozen=True)
class Connection:
    """Values from a source to targets; `access` where one end is a tensor."""

    name: str
    source: Source
    targets: tuple[Target, ...]
    access: Access | None
    place: Place


@dataclass
class Graph:
    """A data-flow graph.

    `iterations` is how often the kernels are called in a run where all are called equally often;
    where windows differ in size, how often the one is called that is called least.
    """

    name: str
    iterations: int = 1
    kernels: list[Kernel] = field(default_factory=list[Kernel])
    tensors: list[Tensor] = field(default_factory=list[Tensor])
    joins: list[Join] = field(default_factory=list[Join])
    connections: list[Connection] = field(default_factory=list[Connection])
    place: Place = field(default_factory=caller)

    def kernel(
        self,
        function: str,
        arguments: Sequence[PortType],
        *,
        source: str | Path,
        cycles: int,
        macs: int = 0,
        name: str | None = None,
        tile: tuple[int, int] | Kernel | None = None,
        ratio: float = 1.0,
    ) -> Kernel:
        """Add a kernel: a C++ function of the file `source`, with arguments in its order.

        A relative `source` is looked for beside the Python file that calls. `cycles` is what a call
        takes on the array, in its cycles. `tile` fixes its place: (column, row), or a kernel that
        is there already. Kernels on one tile are called in turn; `ratio`, above 0, is the part of
        the tile's time that one may take, and theirs together are 1 at most. Raises InputError for
        a missing file, a name that is taken, or a bad number; ToolError where clang is missing.
        """
        place = caller()
        label = name or _unique(function, {kernel.name for kernel in self.kernels})
        if any(kernel.name == label for kernel in self.kernels):
            raise InputError(f"{place}: there is a kernel '{label}' already", hint="name it")
        if cycles < 1 or macs < 0:
            raise InputError(f"{place}: kernel '{label}' of {cycles} cycles and {macs} MACs")
        if not function.isidentifier():
            raise InputError(f"{place}: '{function}' is no name of a function")
        if not 0 < ratio <= 1:
            raise InputError(f"{place}: kernel '{label}' has a ratio of {ratio:g}, not 0 to 1")
        beside = tile if isinstance(tile, Kernel) else self._at(tile)
        if beside is not None and beside not in self.kernels:
            raise InputError(f"{place}: kernel '{label}' is to lie beside one of another graph")
        code = CKernel(
            function,
            tuple(port.argument for port in arguments),
            _sources(Path(source), place, label),
        )
        own = None if isinstance(tile, Kernel) else tile
        kernel = Kernel(label, code, tuple(arguments), cycles, macs, own, place, beside, ratio)
        self.kernels.append(kernel)
        return kernel

    def input(self, name: str, kind: str, shape: int | Sequence[int], *, plio: int = 0) -> Tensor:
        """Add a tensor of `shape` that a run takes: by GMIO, or with `plio` by a port of the
        programmable logic of 64 or 128 bits (`PLIO_CLOCKS`). Raises InputError."""
        return self._tensor(name, kind, shape, plio, is_input=True)

    def output(self, name: str, kind: str, shape: int | Sequence[int], *, plio: int = 0) -> Tensor:
        """Add a tensor that a run gives; as `input`."""
        return self._tensor(name, kind, shape, plio, is_input=False)

    def join(self, name: str, ports: Sequence[Port]) -> Join:
        """Outputs of several kernels as one source: a block of each, in this order.

        They meet in a memory tile. Raises InputError for what is no output or differs in type.
        """
        place = caller()
        types = {port.type.argument.dtype for port in ports}
        if len(ports) < 2 or len(types) != 1 or any(not _moves_out(port) for port in ports):
            raise InputError(
                f"{place}: join '{name}' takes two or more output windows or streams of one type"
            )
        join = Join(name, tuple(ports), place)
        self.joins.append(join)
        return join

    def connect(self, source: Source, *targets: Target, access: Access | None = None) -> None:
        """Lead values from a source to one or more targets, which all get all of them.

        `access` says in which order a tensor at one of the ends is read or written; without it, in
        its own, or for a window with margin, overlapping. Raises InputError where the ends do not
        fit together.
        """
        place = caller()
        if not targets:
            raise InputError(f"{place}: {source} is connected to nothing")
        for target in targets:
            problem = _mismatch(source, target)
            if problem:
                raise InputError(f"{place}: {source} -> {target}: {problem}")
        if len(targets) > 1 and any(isinstance(target, Tensor) for target in targets):
            raise InputError(
                f"{place}: {source} goes to an output and elsewhere", hint="add a copy"
            )
        name = f"net{len(self.connections)}"
        self.connections.append(Connection(name, source, tuple(targets), access, place))

    def _at(self, tile: tuple[int, int] | None) -> Kernel | None:
        """The first kernel that was put on that tile."""
        if tile is None:
            return None
        return next((kernel for kernel in self.kernels if kernel.tile == tile), None)

    def _tensor(
        self, name: str, kind: str, shape: int | Sequence[int], plio: int, *, is_input: bool
    ) -> Tensor:
        place = caller()
        sizes = (shape,) if isinstance(shape, int) else tuple(shape)
        if any(tensor.name == name for tensor in self.tensors) or not name.isidentifier():
            raise InputError(f"{place}: '{name}' is no free name for a tensor")
        if any(size < 1 for size in sizes):
            raise InputError(
                f"{place}: tensor '{name}' of shape {list(sizes)}", hint="sizes start at 1"
            )
        if plio and plio not in PLIO_CLOCKS:
            raise InputError(
                f"{place}: tensor '{name}' by a port of {plio} bits, which cannot carry a whole "
                "stream of the array: cycles would be too few",
                hint="use plio=64 or plio=128, or GMIO without plio",
            )
        tensor = Tensor(name, dtype(kind), sizes, is_input, plio, place)
        self.tensors.append(tensor)
        return tensor


def _moves_out(port: Port) -> bool:
    return port.form in ("output_window", "output_stream")


def _type_of(end: Source | Target) -> Dtype:
    if isinstance(end, Tensor):
        return end.dtype
    return (end.ports[0] if isinstance(end, Join) else end).type.argument.dtype


_TARGETS: Mapping[str, tuple[str, ...]] = {
    "output_window": ("input_window", "input_stream"),
    "output_stream": ("input_window", "input_stream"),
    "output_cascade": ("input_cascade",),
}
"""What an output may lead to."""


def _mismatch(source: Source, target: Target) -> str:
    """Why the two cannot be connected, or ""."""
    if isinstance(source, Tensor) and not source.is_input:
        return "an output of the graph gives nothing"
    if isinstance(target, Tensor) and target.is_input:
        return "an input of the graph takes nothing"
    form = source.form if isinstance(source, Port) else "output_window"
    if form not in _TARGETS:
        return "the source is no output"
    if isinstance(target, Tensor):
        allowed = form != "output_cascade"
    elif isinstance(source, Tensor):
        allowed = target.form in (*_TARGETS[form], *_SCALAR_FORMS)
    else:
        allowed = target.form in _TARGETS[form]
    if not allowed or (isinstance(target, Port) and target.form == SCRATCH):
        return "they are of kinds that do not go together"
    if _type_of(source) != _type_of(target):
        return f"{_type_of(source).name} is not {_type_of(target).name}"
    return ""


def _unique(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    return next(f"{name}_{i}" for i in range(1, len(taken) + 1) if f"{name}_{i}" not in taken)


def _sources(source: Path, place: Place, name: str) -> tuple[tuple[str, str], ...]:
    """The file and those that it includes, by names relative to its folder."""
    path = source if source.is_absolute() else Path(place.file).parent / source
    if not path.is_file():
        raise InputError(f"{place}: kernel '{name}': {path} does not exist")
    files: list[tuple[str, str]] = []
    for file in dependencies(path.resolve(), name):
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{place}: kernel '{name}' includes {file}: {error}") from error
        folder = path.resolve().parent
        if file.name == "adf.h" or not file.is_relative_to(folder):
            continue
        files.append((str(file.relative_to(folder)), text))
    return tuple(files)
