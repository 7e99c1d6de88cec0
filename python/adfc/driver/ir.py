"""The compiler's IR from Python: text in, passes over it, bytes out; diagnostics become errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from adfc import ckernel
from adfc._native import _adfc
from adfc.driver.passes import Stage
from adfc.errors import CapacityError, CompileError, UnroutableError
from adfc.image import ImageParts, IoTable, Kernel
from adfc.planner import Graph, Schedule


@contextmanager
def compile_errors(what: str) -> Generator[None]:
    """Turn an MLIRError of the body into a CompileError, with one line for each diagnostic.

    Where something does not fit it is a CapacityError, where streams found no way an
    UnroutableError.
    """
    try:
        yield
    except _adfc.MLIRError as error:
        lines = [_line(diagnostic) for diagnostic in error.diagnostics] or [str(error) or "failed"]
        text = f"{what}: " + "\n  ".join(lines)
        for diagnostic in error.diagnostics:
            if diagnostic.code == _UNROUTABLE:
                raise UnroutableError(text, segment=diagnostic.segment) from error
        kind = CapacityError if "bytes over" in text else CompileError
        raise kind(text) from error


_UNROUTABLE = "unroutable"
"""The code of the placer's diagnostic (lib/Transforms/Place/PlacePass.cpp)."""


def _line(diagnostic: _adfc.Diagnostic) -> str:
    """MESSAGE (LAYER, FILE:LINE)."""
    place = [*diagnostic.names[-1:]]
    if diagnostic.file:
        place.append(f"{diagnostic.file}:{diagnostic.line}")
    return diagnostic.message + (f" ({', '.join(place)})" if place else "")


@dataclass(frozen=True)
class Encoded:
    """A compiled program as the parts of an image; `contents` holds bytes and JSON tables."""

    contents: _adfc.ImageContents

    @property
    def program(self) -> bytes:
        """RCB bytes."""
        return self.contents.program

    @property
    def load_program(self) -> bytes:
        """RCB bytes of the load program; empty where there is none."""
        return self.contents.load_program

    @property
    def core_programs(self) -> bytes:
        """The core programs that LOAD_CORE copies."""
        return self.contents.core_programs

    @property
    def weights(self) -> bytes:
        """The DDR buffer of constants."""
        return self.contents.weights

    @cached_property
    def kernels(self) -> list[dict[str, Any]]:
        """What the kernels compute, by id: name, kind and config."""
        return json.loads(self.contents.kernels)

    @cached_property
    def kernel_table(self) -> list[Kernel]:
        """The kernels by id, with what their calls take. Raises CompileError."""
        return [_described(kernel) for kernel in self.kernels]

    @cached_property
    def io(self) -> IoTable:
        """The input and output blocks."""
        return IoTable.from_json(json.loads(self.contents.io))

    @cached_property
    def layers(self) -> list[dict[str, Any]]:
        """What is known of each phase: name, kind, MACs, cores, bytes, the user's line."""
        return json.loads(self.contents.layers)


def _described(kernel: Mapping[str, Any]) -> Kernel:
    """What calls of a kernel take. Raises CompileError."""
    name = str(kernel["name"])
    if kernel["kind"] == ckernel.KIND:
        arguments = ckernel.CKernel.read(name, kernel["config"]).arguments
        return Kernel(name, tuple(argument.bytes for argument in arguments))
    with compile_errors("kernels"):
        (call,) = json.loads(_adfc.describe_kernels(json.dumps([kernel])))
    extents = tuple(int(buffer["bytes"]) for buffer in call["buffers"])
    return Kernel(name, extents, len(call["immediates"]))


class Ir:
    """A module of IR in the middle of its way down."""

    def __init__(self, module: _adfc.Module) -> None:
        self._module = module

    def run(self, stage: Stage, before: Callable[[str], None] = lambda _: None) -> None:
        """Run a stage's passes one by one; `before` is told the name of each before it runs.

        Raises CompileError, CapacityError or UnroutableError with the layer and line.
        """
        for name in stage.passes:
            before(name)
            with compile_errors(stage.level):
                self._module.run(f"builtin.module({name})")

    def graph(self) -> Graph:
        """The fused graph, for the planner."""
        return Graph.from_json(self._module.graph_json())

    def apply_schedule(self, schedule: Schedule) -> None:
        """Set the schedule on the graph's kernel operations. Raises CompileError."""
        text = json.dumps(json.loads(schedule.to_json()), separators=(",", ":"))
        # A value in braces may hold any text; MLIR's option parser takes the outer pair off.
        options = f"schedule={{{text}}}"
        with compile_errors("schedule"):
            self._module.run(f"builtin.module(adf-apply-schedule{{{options}}})")

    def text(self) -> str:
        """The IR as text, without locations."""
        return self._module.text()

    def encode(self) -> Encoded:
        """The parts of an image. Raises CompileError."""
        with compile_errors("encoding"):
            return Encoded(self._module.encode())

    def native_object(self) -> bytes:
        """Object code of the native program for this processor. Raises CompileError."""
        with compile_errors("native program"):
            return self._module.native_object()


def parse(text: str, name: str = "tosa") -> Ir:
    """Parse IR text in a context of its own. Raises CompileError."""
    with compile_errors(name):
        return Ir(_adfc.Context().parse(text, name))


def decode(parts: ImageParts) -> Ir:
    """The control programs of an image as IR. Raises CompileError for one that is not valid."""
    io = parts.io
    sizes = (io.input_bytes, io.output_bytes, io.arena_bytes, len(parts.weights))
    with compile_errors("image"):
        module = _adfc.Context().decode(
            parts.program, parts.core_programs, sizes, parts.load_program
        )
    return Ir(module)
