"""A compiled program: save it, load it, run it on the emulated array, ask what it costs."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from adfc.driver.adf_text import AdfText, compile_adf_image
from adfc.driver.compile import HOST_ISAS, PassWatch, Progress, compile_image
from adfc.driver.files import read_file, write_atomically
from adfc.driver.graph import compile_graph_image
from adfc.driver.ir import decode
from adfc.driver.options import CompileOptions
from adfc.driver.passes import NATIVE
from adfc.errors import ExecutionError, ImageError, InputError, ToolError
from adfc.explain import explain_fault
from adfc.external_tool import failure_text, find_tool, run_tool
from adfc.frontend.tosa_model import TosaModel
from adfc.graph import Graph
from adfc.image import ImageParts, read_image
from adfc.insight.replay import Replay, replay
from adfc.insight.run import timeline_of
from adfc.insight.throughput import Throughput, throughput
from adfc.metadata import Metadata
from adfc.planner import Schedule
from adfc.planner.why import Why, explain_layer
from adfc.report import Report, make_report
from adfc.runtime import MAX_EVENTS, EventKind, LoadedProgram, NativeProgram, Run

Backend = Literal["emu", "trace"]
Engine = Literal["rcb", "native"]
Levels = NDArray[np.int8]

_ARCHIVE = b"PK\x03\x04"
"""How a pipeline's file begins (adfc.pipeline.archive)."""


@dataclass(frozen=True)
class RunResult:
    """One inference: float outputs in the user's shapes, modelled cycles, emulation wall time."""

    outputs: tuple[NDArray[np.float32], ...]
    run: Run
    wall_ms: float

    @property
    def cycles(self) -> int:
        """Modelled AIE cycles from the inference's first control block to its last."""
        return self.run.cost.cycles


class Program:
    """A program image and what it says of itself.

    Make one with `adfc.compile` or `Program.load`. The array is set up on the first run and kept
    for the next ones. `notes` are what quantization told of the model, where it was compiled just
    now, `batch` the images of an inference of a pipelined program. Raises ImageError for a damaged
    image.
    """

    def __init__(self, image: bytes, notes: tuple[str, ...] = ()) -> None:
        self.image = image
        self.notes = notes
        self.parts: ImageParts = read_image(image)
        self.metadata = Metadata.of(self.parts)
        self.name = self.metadata.model
        self.device = self.metadata.device.name
        self.tiles = self.metadata.tiles
        self.inputs = self.metadata.inputs
        self.outputs = self.metadata.outputs
        self.layers = self.metadata.layers
        self.batch = self.metadata.batch

    @staticmethod
    def load(path: Path | str) -> Program:
        """Read an image. Raises InputError for a missing file, ImageError for a damaged one."""
        content = read_file(Path(path))
        if content.startswith(_ARCHIVE):
            raise ImageError(
                f"{path} is a pipeline, of which the host computes a part",
                hint="adfc run and adfc report take it; for all else, and for boards, compile a "
                "model that needs no --allow-host",
            )
        try:
            return Program(content)
        except ImageError as error:
            raise ImageError(f"{path}: {error.message}", hint=error.hint) from error

    def save(self, path: Path | str) -> None:
        """Write the image to `path`, whole or not at all. Raises InputError."""
        write_atomically(Path(path), self.image)

    @cached_property
    def loaded(self) -> LoadedProgram:
        """The program, verified and with an array to run on."""
        return LoadedProgram(self.image)

    @cached_property
    def replay(self) -> Replay:
        """The control program, played on paper."""
        return replay(self.parts, self.metadata)

    @cached_property
    def native(self) -> NativeProgram:
        """The control blocks compiled to RHAL calls for this processor.

        Raises ToolError where the linker is missing, CompileError where a pass fails.
        """
        return native_program(self.parts)

    def quantize(self, inputs: Sequence[NDArray[Any]]) -> list[Levels]:
        """Float inputs in the user's shapes -> int8 in array order. Raises InputError."""
        if len(inputs) != len(self.inputs):
            names = ", ".join(spec.name for spec in self.inputs)
            raise InputError(f"{len(inputs)} inputs given, {self.name} has {names}")
        return [spec.quantize(x) for spec, x in zip(self.inputs, inputs, strict=True)]

    def dequantize(self, outputs: Sequence[Levels]) -> tuple[NDArray[np.float32], ...]:
        """Int8 outputs in array order -> float32 in the user's shapes."""
        return tuple(s.dequantize(o) for s, o in zip(self.outputs, outputs, strict=True))

    def execute(
        self,
        inputs: Sequence[Levels],
        *,
        backend: Backend = "emu",
        engine: Engine = "rcb",
        on_line: Callable[[str], None] | None = None,
        keep_state: bool = False,
        threads: int = 1,
    ) -> Run:
        """Run once on int8 inputs in array order.

        `keep_state`: on the array as the run before left it, loaded, instead of on a cold one.
        `backend` "trace" makes a digest of all register accesses (and hands each to `on_line`).
        `threads` as in LoadedProgram.run.
        Raises InputError, and ExecutionError where the program stops with a fault.
        """
        with self.explaining():
            return self.loaded.run(
                inputs,
                native=self.native if engine == "native" else None,
                trace=backend == "trace",
                on_line=on_line,
                keep_state=keep_state,
                threads=threads,
            )

    @contextmanager
    def explaining(self) -> Generator[None]:
        """Faults of this program that are raised here, wherever it runs, also say what the word
        they name is for: its task, stream or core, its layer, and the model's line."""
        try:
            yield
        except ExecutionError as error:
            raise ExecutionError(
                explain_fault(self.replay, self.parts.kernels, error.message),
                cycles=error.cycles,
                control_cycles=error.control_cycles,
            ) from error

    def run_detailed(
        self,
        *inputs: NDArray[Any],
        backend: Backend = "emu",
        engine: Engine = "rcb",
        on_line: Callable[[str], None] | None = None,
        keep_state: bool = False,
        threads: int = 1,
    ) -> RunResult:
        """Run once on float inputs in the user's shapes; raises as `execute`."""
        levels = self.quantize(inputs)
        start = time.perf_counter()
        run = self.execute(
            levels,
            backend=backend,
            engine=engine,
            on_line=on_line,
            keep_state=keep_state,
            threads=threads,
        )
        wall_ms = (time.perf_counter() - start) * 1e3
        return RunResult(self.dequantize(run.outputs), run, wall_ms)

    def run(self, *inputs: NDArray[Any]) -> NDArray[np.float32] | tuple[NDArray[np.float32], ...]:
        """Run once on float inputs; the output, or a tuple where there are several.

        The array is loaded before the first run, and kept for the next ones.
        """
        outputs = self.run_detailed(*inputs, keep_state=True).outputs
        return outputs[0] if len(outputs) == 1 else outputs

    def report(self) -> Report:
        """What the program costs, from two runs of it (costs do not depend on the input)."""
        zeros = [np.zeros(spec.array_shape, np.int8) for spec in self.inputs]
        first = self.execute(zeros)
        with self.explaining():
            steady = self.loaded.run(zeros, max_events=MAX_EVENTS, keep_state=True)
        report = make_report(self, timeline_of(self, steady), first, steady)
        return replace(report, why_through_ddr=self.metadata.why_through_ddr)

    def throughput(self) -> Throughput:
        """How fast images leave a pipelined program; what `report` says of that, with less memory.
        Raises InputError for a program of one image."""
        batch = self.metadata.batch
        if batch is None:
            raise InputError(
                f"{self.name} does one image at a time", hint="compile it with --batch"
            )
        run = self._steady((EventKind.BD,))
        assert run.events is not None
        clock = self.metadata.device.clock_mhz
        return throughput(self.replay, run.events, run.cost.cycles, batch, clock)

    def explain_layer(self, name: str) -> Why:
        """Why a layer is scheduled as it is. Raises InputError where there is no such layer, and
        ImageError where the image does not say what it was planned from."""
        graph = self.metadata.graph
        if graph is None:
            raise ImageError(f"{self.name}: the image has no graph", hint="compile it again")
        metadata = self.metadata
        schedule = Schedule.from_json(self.schedule)
        return explain_layer(graph, schedule, metadata.device, name, metadata.why_through_ddr)

    def observe(self) -> Run:
        """A steady inference on zeros, the second on the same array, with all that happens there in
        `events`; raises as `execute`."""
        return self._steady(())

    def _steady(self, kinds: Sequence[EventKind]) -> Run:
        zeros = [np.zeros(spec.array_shape, np.int8) for spec in self.inputs]
        self.execute(zeros)
        with self.explaining():
            return self.loaded.run(zeros, max_events=MAX_EVENTS, event_kinds=kinds, keep_state=True)

    @property
    def schedule(self) -> str:
        """The schedule that was obeyed, as a schedule file's text."""
        return json.dumps(self.metadata.schedule, indent=1)

    def summary(self) -> dict[str, Any]:
        """The program in short, for `--json`."""
        return {
            "model": self.name,
            "device": self.device,
            "tiles": self.tiles,
            "phases": len(self.layers),
            "image_bytes": len(self.image),
            "rcb_bytes": len(self.parts.program),
            "load_rcb_bytes": len(self.parts.load_program),
            "weight_bytes": len(self.parts.weights),
            "notes": list(self.notes),
            "why_through_ddr": self.metadata.why_through_ddr,
        }


def native_program(parts: ImageParts) -> NativeProgram:
    """An image's control programs compiled to RHAL calls for this processor.

    Raises ToolError where the linker is missing, CompileError where a pass fails.
    """
    module = decode(parts)
    module.run(NATIVE)
    with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
        object_file, library = Path(folder) / "native.o", Path(folder) / "native.so"
        object_file.write_bytes(module.native_object())
        linker = find_tool(("ld.lld-22", "ld.lld"), hint="install lld 22 (Debian: lld-22)")
        linked = run_tool(linker, ["-shared", "-o", str(library), str(object_file)])
        if linked.returncode:
            raise ToolError(f"{linker.name}: {failure_text(linked)}")
        return NativeProgram(library)


def compile_graph(
    graph: Graph,
    options: CompileOptions | None = None,
    *,
    progress: Progress = lambda _: None,
    isas: Sequence[str] = HOST_ISAS,
) -> Program:
    """Compile a data-flow graph; raises as `adfc.driver.graph.compile_graph_image`."""
    options = options or CompileOptions()
    return Program(compile_graph_image(graph, options, progress=progress, isas=isas))


def compile_adf(
    source: AdfText,
    options: CompileOptions | None = None,
    *,
    progress: Progress = lambda _: None,
    isas: Sequence[str] = HOST_ISAS,
) -> Program:
    """Compile text in the dialect adf; raises as `adfc.driver.adf_text.compile_adf_image`."""
    options = options or CompileOptions()
    return Program(compile_adf_image(source, options, progress=progress, isas=isas))


def compile_tosa(
    tosa: TosaModel,
    options: CompileOptions,
    *,
    name: str,
    progress: Progress = lambda _: None,
    isas: Sequence[str] = HOST_ISAS,
    watch: PassWatch = lambda _name, _module: None,
) -> Program:
    """Compile TOSA to a program; raises as `adfc.driver.compile.compile_image`."""
    return Program(
        compile_image(tosa, options, name=name, progress=progress, isas=isas, watch=watch),
        tosa.notes,
    )
