"""A program image, opened and ready to run on an emulated array."""

from __future__ import annotations

import ctypes
import dataclasses
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adfc.errors import AdfcError, ExecutionError, ImageError, InputError
from adfc.image.parts import read_image
from adfc.runtime import library as lib
from adfc.runtime.blocks import Levels, pack_inputs, unpack_outputs
from adfc.runtime.events import EventKind, Events, copy_events
from adfc.runtime.faults import Fault
from adfc.runtime.native import NativeProgram

ISAS = ("x86_64-amx", "x86_64-vnni", "x86_64", "aarch64", "riscv64")
"""Instruction sets that kernel code may be for, of each processor the fastest first."""


@dataclass(frozen=True)
class Cost:
    """What a run, or one phase of it, took on the array. Cycles are modelled AIE cycles.

    `control_cycles`: register writes, and looks at registers. `exposed_cycles`: those of them
    during which nothing in the array was in progress.
    """

    cycles: int
    control_cycles: int
    exposed_cycles: int
    ddr_read_bytes: int
    ddr_write_bytes: int

    @property
    def ddr_bytes(self) -> int:
        """Read and written."""
        return self.ddr_read_bytes + self.ddr_write_bytes


@dataclass(frozen=True)
class Phase:
    """One phase of a run; `start_cycle` counts from the run's start."""

    id: int
    start_cycle: int
    cost: Cost


@dataclass(frozen=True)
class Core:
    """What one core tile did: kernel calls; cycles in kernels, lock requests and lock stalls."""

    column: int
    row: int
    calls: int
    busy_cycles: int
    lock_cycles: int
    stall_cycles: int


@dataclass(frozen=True)
class Timestamp:
    """A TIMESTAMP instruction: its id, and the array's time in cycles."""

    id: int
    cycle: int


@dataclass(frozen=True)
class Run:
    """One run: outputs in array order (channels without padding), and what it cost.

    `load` is what the load program cost that was played before the inference; None where none was.
    All else is about the inference alone, but for the trace, which has the calls of both.
    `instructions` is 0 for native programs. `trace_digest` is None for runs that were not traced,
    `events` (adfc.runtime.events.EVENT) for runs that were not observed.
    """

    outputs: tuple[Levels, ...]
    cost: Cost
    instructions: int
    phases: tuple[Phase, ...]
    cores: tuple[Core, ...]
    timestamps: tuple[Timestamp, ...]
    trace_digest: int | None
    trace_calls: int
    load: Cost | None
    events: Events | None = None

    @property
    def whole(self) -> Cost:
        """The inference, and the load program where one was played: on a cold array, both."""
        parts = [self.cost, *([self.load] if self.load else [])]
        return Cost(*(sum(part) for part in zip(*map(dataclasses.astuple, parts), strict=True)))


def supported_isas() -> tuple[str, ...]:
    """The instruction sets of kernel code that this machine runs, the fastest first."""
    loaded = lib.library()
    return tuple(isa for isa in ISAS if loaded.adfc_isa_supported(isa.encode()))


@dataclass(frozen=True)
class Bound:
    """What a program of an image never exceeds, however it ends.

    `instructions` are the engine's, `waits` those of them that wait; `words` are written to
    registers and memories of the array. `wait_cycles`, the sum of the waits' bounds, and
    `longest_wait` are array cycles; what control accesses take comes on top.
    """

    instructions: int
    rhal_calls: int
    words: int
    waits: int
    wait_cycles: int
    longest_wait: int


@dataclass(frozen=True)
class Bounds:
    """Of an image's load program (None: it has none), and of each inference."""

    load: Bound | None
    run: Bound


def _bound(raw: lib.BoundStruct) -> Bound:
    return Bound(
        raw.instructions, raw.rhal_calls, raw.words, raw.waits, raw.wait_cycles, raw.longest_wait
    )


def verify(image: bytes) -> Bounds:
    """Checks an image as the engine would before its first register write; tells its bounds.

    Raises ImageError, one line, for a damaged image, and for a program that breaks a rule.
    """
    text = ctypes.create_string_buffer(lib.TEXT_BYTES)
    load, run = lib.BoundStruct(), lib.BoundStruct()
    if lib.library().adfc_image_bound(
        image, len(image), ctypes.byref(load), ctypes.byref(run), text
    ):
        raise ImageError(_text(text.value))
    return Bounds(_bound(load) if load.instructions else None, _bound(run))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _cost(raw: lib.CostStruct) -> Cost:
    return Cost(
        raw.cycles, raw.control_cycles, raw.exposed_cycles, raw.ddr_read_bytes, raw.ddr_write_bytes
    )


class LoadedProgram:
    """An image, opened: its sections checked, its program verified, its kernels loaded.

    `isa` forces an instruction set of the kernel code; without it, the best that this machine runs
    is taken. Use it from one thread at a time; `close` (or leaving a `with`) frees its memory.

    Raises ImageError for a damaged image, AdfcError where the image has no code for this machine.
    """

    def __init__(self, image: bytes, *, isa: str | None = None) -> None:
        self._library = lib.library()
        handle = ctypes.c_void_p()
        text = ctypes.create_string_buffer(lib.TEXT_BYTES)
        status = self._library.adfc_program_open(
            image, len(image), isa.encode() if isa else None, ctypes.byref(handle), text
        )
        if status:
            raise (ImageError if status == lib.BAD_IMAGE else AdfcError)(_text(text.value))
        self._handle = handle
        self._close = weakref.finalize(self, self._library.adfc_program_close, handle)
        self.io = read_image(image).io
        info = lib.Info()
        self._library.adfc_program_info(handle, ctypes.byref(info))
        self.device = _text(info.device)
        self.isa = _text(info.isa)
        self.clock_mhz = int(info.clock_mhz)
        self.program_words = int(info.program_words)
        self.load_words = int(info.load_words)

    def __enter__(self) -> LoadedProgram:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives back the program's memory; it cannot run any more."""
        self._close()

    def inject(self, faults: Sequence[Fault]) -> None:
        """From the next run on, the array has these faults and no others. Raises InputError."""
        structs = (lib.InjectionStruct * len(faults))(*(fault.to_struct() for fault in faults))
        if self._library.adfc_program_inject(self._handle, structs, len(faults)):
            raise InputError(f"{len(faults)} faults are too many")

    def run(
        self,
        inputs: Sequence[Levels],
        *,
        native: NativeProgram | None = None,
        trace: bool = False,
        on_line: Callable[[str], None] | None = None,
        keep_state: bool = False,
        max_events: int = 0,
        event_kinds: Sequence[EventKind] = (),
        threads: int = 1,
    ) -> Run:
        """Runs the program once.

        `inputs` are int8 in array order, channels without padding, one for each input. `native`
        runs in place of the engine. `trace` (or `on_line`, which gets each RHAL call as a line)
        makes the digest of all calls. `keep_state` starts with the array as the run before left it,
        loaded, instead of as after power-on; after a fault the array is powered on in any case.
        `max_events`, where not 0, keeps what happens in the array during the inference, or of that
        the `event_kinds`. With 2
        `threads` one keeps the array's time while the other moves data and computes: the run is the
        same, and sooner done. Raises
        InputError for inputs of a wrong number, shape or dtype, and ExecutionError where the
        program stops with a fault.
        """
        if not self._close.alive:
            raise InputError("the program is closed")
        block = pack_inputs(self.io, inputs)
        output = ctypes.create_string_buffer(self.io.output_bytes)
        failures: list[BaseException] = []

        def line(_: int | None, text: bytes) -> None:
            try:
                if on_line and not failures:
                    on_line(_text(text))
            except BaseException as error:  # must not cross the C code; raised below
                failures.append(error)

        options = lib.Options(
            native=native.entry if native else lib.NativeFunction(),
            native_load=native.load if native else lib.NativeFunction(),
            trace=int(trace or on_line is not None),
            keep_state=int(keep_state),
            line=lib.LineFunction(line) if on_line else lib.LineFunction(),
            max_events=max_events,
            event_kinds=sum(1 << kind for kind in event_kinds),
        )
        if self._library.adfc_program_set_threads(self._handle, threads):
            raise InputError(f"a program runs with 1 or 2 threads, not {threads}")
        result = lib.Result()
        self._library.adfc_program_run(
            self._handle, options, block, len(block), output, len(output), result
        )
        if failures:
            raise failures[0]
        self._check(result)
        if result.events > max_events > 0:
            raise AdfcError(
                f"{result.events:,} events happened; at most {max_events:,} are kept",
                hint="compile it for a smaller batch, where layers do the same for each image; "
                "adfc report --images needs fewer",
            )
        events = copy_events(self._library, self._handle) if max_events else None
        run = self._run(result, output.raw, traced=bool(options.trace))
        return dataclasses.replace(run, events=events)

    def _check(self, result: lib.Result) -> None:
        if result.status == lib.OK:
            return
        text, details = _text(result.text), _text(result.details).rstrip()
        if result.status != lib.FAULTED:
            raise AdfcError(text)
        if not result.fault_pc:
            # A native program knows no words; how far it came is known from its calls.
            if result.trace_calls:
                text += f" at RHAL call {result.trace_calls - 1}"
            if result.fault_phase != lib.NOWHERE:
                text += f" in phase {result.fault_phase}"
            text += " of the load program" if result.fault_load else ""
        raise ExecutionError(
            f"{text}\n{details}" if details else text,
            cycles=result.load_cost.cycles + result.cost.cycles,
            control_cycles=result.load_cost.control_cycles + result.cost.control_cycles,
        )

    def _run(self, result: lib.Result, output: bytes, *, traced: bool) -> Run:
        return Run(
            outputs=unpack_outputs(self.io, output),
            cost=_cost(result.cost),
            instructions=result.instructions,
            phases=tuple(
                Phase(p.id, p.start_cycle, _cost(p.cost))
                for p in self._table("phases", lib.PhaseStruct, result.phases)
            ),
            cores=tuple(
                Core(c.column, c.row, c.calls, c.busy_cycles, c.lock_cycles, c.stall_cycles)
                for c in self._table("cores", lib.CoreStruct, result.cores)
            ),
            timestamps=tuple(
                Timestamp(t.id, t.cycle)
                for t in self._table("timestamps", lib.TimestampStruct, result.timestamps)
            ),
            trace_digest=result.trace_digest if traced else None,
            trace_calls=result.trace_calls,
            load=_cost(result.load_cost) if result.loaded else None,
        )

    def _table(self, name: str, kind: type[ctypes.Structure], count: int) -> Sequence[Any]:
        table = (kind * count)()
        getattr(self._library, f"adfc_program_{name}")(self._handle, table, count)
        return list(table)
