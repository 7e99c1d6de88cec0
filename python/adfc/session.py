"""The deployment API: the five steps of adfc.h, in Python and over the same C code.

session = adfc.Session.load("m.rimfs")
session.register_operators()
session.set_input(0, x)
session.set_output(0, y)
session.run()
print(y, session.counters().cost.cycles)
"""

from __future__ import annotations

import ctypes
import mmap
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from adfc.driver.files import read_file
from adfc.errors import AdfcError, ExecutionError, ImageError, InputError
from adfc.image.parts import read_image
from adfc.metadata import Metadata
from adfc.model_io import TensorSpec
from adfc.runtime import Cost
from adfc.runtime import library as lib
from adfc.runtime.session_library import (
    CountersStruct,
    OperatorFunction,
    PhaseCountersStruct,
    session_library,
)

Operator: TypeAlias = Callable[[Sequence[NDArray[np.int8]], Sequence[int]], None]
"""Code of a kernel: its buffers as int8 arrays that it may write to, and its immediates."""


@dataclass(frozen=True)
class Counters:
    """What the latest run cost; `struct adfc_counters` says what is what.

    `load` is what the load program cost that was played in that run, None where none was.
    """

    cost: Cost
    load: Cost | None
    kernel_calls: int
    core_cycles: int
    cores: int
    instructions: int
    phases: int
    clock_mhz: int

    @property
    def milliseconds(self) -> float:
        """Modelled time of the inference at the device's clock."""
        return self.cost.cycles / self.clock_mhz / 1e3


@dataclass(frozen=True)
class PhaseCounters:
    """One phase of the latest run; `start_cycle` counts from the inference's start."""

    id: int
    start_cycle: int
    cost: Cost


class Session:
    """A loaded program, its operators and the buffers of its tensors.

    Use it from one thread at a time; `close` (or leaving a `with`) gives its memory back.
    """

    def __init__(self, image: bytes) -> None:
        self._library = session_library()
        self._metadata = Metadata.of(read_image(image))
        self.inputs: tuple[TensorSpec, ...] = self._metadata.inputs
        self.outputs: tuple[TensorSpec, ...] = self._metadata.outputs
        self._kernels = read_image(image).kernels
        self._set_inputs: list[NDArray[Any] | None] = [None] * len(self.inputs)
        self._set_outputs: list[NDArray[Any] | None] = [None] * len(self.outputs)
        self._levels = [np.zeros(s.array_shape, np.int8) for s in (*self.inputs, *self.outputs)]
        self._callbacks: dict[str, Any] = {}
        self._failures: list[BaseException] = []
        self._image = _pages(len(image))
        self._image.write(image)
        needed = ctypes.c_size_t()
        address = ctypes.addressof(ctypes.c_char.from_buffer(self._image))
        status = self._library.adfc_arena_bytes(address, len(image), ctypes.byref(needed))
        self._arena = _pages(needed.value if status == lib.OK else mmap.PAGESIZE * 4)
        arena = ctypes.addressof(ctypes.c_char.from_buffer(self._arena))
        handle = ctypes.c_void_p()
        status = self._library.adfc_load(
            address, len(image), arena, len(self._arena), ctypes.byref(handle)
        )
        self._handle = handle
        # The pages are the finalizer's too: a session lies in them.
        self._close = weakref.finalize(self, _close, handle, (self._image, self._arena))
        self._check(status)
        self._use_buffers()

    # ---- 1. load

    @staticmethod
    def load(image: bytes | Path | str) -> Session:
        """A session for an image, or for the image in a file.

        Raises ImageError for a damaged image, InputError for a missing file.
        """
        return Session(image if isinstance(image, bytes) else read_file(Path(image)))

    def close(self) -> None:
        """Gives the memory back; nothing else can be done with the session then."""
        self._close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- 2. register operators

    @property
    def operators(self) -> tuple[str, ...]:
        """Names of the kernels that the program calls."""
        return tuple(kernel.name for kernel in self._kernels)

    def register_operators(self, isa: str | None = None) -> None:
        """Takes the code of all kernels that have none yet from the image.

        `isa` forces an instruction set; without it, the best that this machine runs is taken.
        Raises AdfcError where the image has no code for this machine.
        """
        self._alive()
        name = isa.encode() if isa else None
        self._check(self._library.adfc_register_operators(self._handle, name))

    def register_operator(self, name: str, operator: Operator) -> None:
        """Makes `operator` the code of kernel `name`. Raises InputError for an unknown one."""
        self._alive()
        found = [kernel for kernel in self._kernels if kernel.name == name]
        if not found:
            raise InputError(f"the image calls no kernel {name}", hint="see Session.operators")
        kernel = found[0]

        def call(buffers: Any, immediates: Any) -> None:
            try:
                operator(
                    [
                        np.ctypeslib.as_array(buffers[i], (size,)).view(np.int8)
                        for i, size in enumerate(kernel.buffers)
                    ],
                    [int(immediates[i]) for i in range(kernel.immediates)],
                )
            except BaseException as error:  # must not cross the C code; raised by `run`
                self._failures.append(error)

        callback = OperatorFunction(call)
        self._check(self._library.adfc_register_operator(self._handle, name.encode(), callback))
        self._callbacks[name] = callback  # alive as long as the session may call it

    # ---- 3. set buffers

    def set_input(self, index: int, values: NDArray[Any]) -> None:
        """Where each run reads input `index`: the array itself, not a copy of it.

        int8 in array order is taken as it is; floats (or indices) in the user's shape are quantized
        by each run. Raises InputError for another shape or dtype.
        """
        spec = _at(self.inputs, index, "input")
        if values.dtype == np.int8 and not spec.index_rows:
            _check_shape(spec, values, spec.array_shape)
        else:
            spec.quantize(values)  # raises
        self._set_inputs[index] = values

    def set_output(self, index: int, values: NDArray[Any]) -> None:
        """Where each run writes output `index`: int8 in array order, or float32 as the user's.

        Raises InputError for another shape or dtype.
        """
        spec = _at(self.outputs, index, "output")
        if values.dtype == np.int8:
            _check_shape(spec, values, spec.array_shape)
        elif values.dtype == np.float32:
            _check_shape(spec, values, spec.shape)
        else:
            raise InputError(f"tensor '{spec.name}' is {values.dtype}, expected int8 or float32")
        if not values.flags.writeable:
            raise InputError(f"the array for tensor '{spec.name}' cannot be written to")
        self._set_outputs[index] = values

    # ---- 4. run

    def run(self) -> None:
        """One inference; the array is loaded before the first one, and kept from run to run.

        Raises InputError where a buffer is not set, AdfcError where a kernel has no code, and
        ExecutionError where the program stops with a fault.
        """
        self._alive()
        self._failures.clear()
        for spec, values, levels in zip(self.inputs, self._set_inputs, self._levels, strict=False):
            if values is None:
                raise InputError(f"no buffer is set for input '{spec.name}'", hint="set_input()")
            taken = values.dtype == np.int8 and not spec.index_rows
            levels[...] = values if taken else spec.quantize(values)
        for spec, values in zip(self.outputs, self._set_outputs, strict=True):
            if values is None:
                raise InputError(f"no buffer is set for output '{spec.name}'", hint="set_output()")
        status = self._library.adfc_run(self._handle)
        if self._failures:
            self.reset()
            raise self._failures[0]
        self._check(status)
        outputs = self._levels[len(self.inputs) :]
        for spec, values, levels in zip(self.outputs, self._set_outputs, outputs, strict=True):
            assert values is not None
            values[...] = levels if values.dtype == np.int8 else spec.dequantize(levels)

    def reset(self) -> None:
        """Powers the array off and on: the next run is one on a cold array."""
        self._alive()
        self._library.adfc_reset(self._handle)

    # ---- 5. read results

    def counters(self) -> Counters:
        """What the latest run cost. Raises AdfcError where nothing has run."""
        self._alive()
        raw = CountersStruct()
        self._check(self._library.adfc_counters(self._handle, ctypes.byref(raw)))
        return Counters(
            cost=_cost(raw.cost),
            load=_cost(raw.load) if raw.load.cycles else None,
            kernel_calls=raw.kernel_calls,
            core_cycles=raw.core_cycles,
            cores=raw.cores,
            instructions=raw.instructions,
            phases=raw.phases,
            clock_mhz=raw.clock_mhz,
        )

    def phase(self, index: int) -> PhaseCounters:
        """One phase of the latest run, below counters().phases. Raises AdfcError."""
        self._alive()
        raw = PhaseCountersStruct()
        self._check(self._library.adfc_phase(self._handle, index, ctypes.byref(raw)))
        return PhaseCounters(raw.id, raw.start_cycle, _cost(raw.cost))

    # ---- below the steps

    def _alive(self) -> None:
        if not self._close.alive:
            raise InputError("the session is closed")

    def _use_buffers(self) -> None:
        n_inputs = len(self.inputs)
        for i, levels in enumerate(self._levels):
            place = levels.ctypes.data_as(ctypes.c_void_p)
            set_buffer = self._library.adfc_set_input
            index = i
            if i >= n_inputs:
                set_buffer, index = self._library.adfc_set_output, i - n_inputs
            self._check(set_buffer(self._handle, index, place, levels.nbytes))

    def _check(self, status: int) -> None:
        """Raises what a status means."""
        if status == lib.OK:
            return
        said = self._library.adfc_error(self._handle).decode("utf-8", "replace").rstrip()
        text = said or self._library.adfc_status_text(status).decode()
        if status == lib.FAULTED:
            raise ExecutionError(text)
        raise (ImageError if status == lib.BAD_IMAGE else AdfcError)(text)


def _pages(size: int) -> mmap.mmap:
    """Memory of the operating system's: aligned to a page."""
    return mmap.mmap(-1, max(size, 1))


def _close(handle: ctypes.c_void_p, _memory: tuple[mmap.mmap, ...]) -> None:
    if handle:
        session_library().adfc_close(handle)


def _cost(raw: Any) -> Cost:
    return Cost(
        raw.cycles, raw.control_cycles, raw.exposed_cycles, raw.ddr_read_bytes, raw.ddr_write_bytes
    )


def _at(specs: Sequence[TensorSpec], index: int, what: str) -> TensorSpec:
    if not 0 <= index < len(specs):
        raise InputError(f"there is no {what} {index}", hint=f"the program has {len(specs)}")
    return specs[index]


def _check_shape(spec: TensorSpec, values: NDArray[Any], shape: tuple[int, ...]) -> None:
    if values.shape != shape:
        raise InputError(f"tensor '{spec.name}' has shape {values.shape}, expected {shape}")
