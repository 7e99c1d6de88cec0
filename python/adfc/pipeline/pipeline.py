"""A compiled pipeline: save it, load it, run it, ask what it costs."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from adfc.driver.files import read_file, write_atomically
from adfc.errors import ImageError, InputError
from adfc.pipeline.archive import (
    MAGIC,
    ArraySegment,
    HostSegment,
    PipelineParts,
    read_archive,
    write_archive,
)
from adfc.report import Report

if TYPE_CHECKING:
    import torch

Values: TypeAlias = "dict[str, torch.Tensor]"


@dataclass(frozen=True)
class SegmentRun:
    """What one segment took: modelled array cycles and milliseconds, or milliseconds of the host.

    `bytes` go in and out of it, as float32 on the host's side. `operators` are the host's.
    """

    side: str
    name: str
    cycles: int
    milliseconds: float
    bytes: int
    operators: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**vars(self), "operators": list(self.operators)}


@dataclass(frozen=True)
class PipelineRun:
    """One inference: float outputs, and what each segment took."""

    outputs: tuple[NDArray[Any], ...]
    segments: tuple[SegmentRun, ...]

    @property
    def cycles(self) -> int:
        """Modelled cycles of the array, all its segments together."""
        return sum(segment.cycles for segment in self.segments)

    @property
    def host_milliseconds(self) -> float:
        """Measured time of the host's operators on this machine."""
        return sum(s.milliseconds for s in self.segments if s.side == "host")


class Pipeline:
    """Programs of the array and operators of the host, in the order of their work."""

    def __init__(self, parts: PipelineParts) -> None:
        self.parts = parts
        self.name = parts.model

    @staticmethod
    def is_pipeline(path: Path) -> bool:
        """Whether a file is a pipeline, by its first bytes; False where it cannot be read."""
        try:
            with path.open("rb") as file:
                return file.read(len(MAGIC)) == MAGIC
        except OSError:
            return False

    @staticmethod
    def load(path: Path | str) -> Pipeline:
        """Read a pipeline. Raises InputError for a missing file, ImageError for a damaged one."""
        try:
            return Pipeline(read_archive(read_file(Path(path))))
        except ImageError as error:
            raise ImageError(f"{path}: {error.message}", hint=error.hint) from error

    def save(self, path: Path | str) -> None:
        """Write it to `path`, whole or not at all. Raises InputError."""
        write_atomically(Path(path), write_archive(self.parts))

    @property
    def host_segments(self) -> tuple[HostSegment, ...]:
        """The host's parts."""
        return tuple(s for s in self.parts.segments if isinstance(s, HostSegment))

    @property
    def array_segments(self) -> tuple[ArraySegment, ...]:
        """The array's parts."""
        return tuple(s for s in self.parts.segments if isinstance(s, ArraySegment))

    def run_detailed(self, *inputs: NDArray[Any], keep_state: bool = False) -> PipelineRun:
        """Run once on inputs in the user's shapes.

        Each program has an array of its own, which `keep_state` keeps loaded. Raises InputError for
        wrong inputs, and what running a program raises.
        """
        values = self._inputs(inputs)
        runs: list[SegmentRun] = []
        for index, segment in enumerate(self.parts.segments):
            run = (
                self._run_array(segment, values, keep_state)
                if isinstance(segment, ArraySegment)
                else self._run_host(index, segment, values)
            )
            runs.append(run)
        return PipelineRun(tuple(values[name].numpy() for name in self.parts.outputs), tuple(runs))

    def run(self, *inputs: NDArray[Any]) -> NDArray[Any] | tuple[NDArray[Any], ...]:
        """Run once; the output, or a tuple where there are several."""
        outputs = self.run_detailed(*inputs, keep_state=True).outputs
        return outputs[0] if len(outputs) == 1 else outputs

    def noise(self) -> list[NDArray[Any]]:
        """Inputs of a fixed seed: normal noise, or the index 0."""
        random = np.random.default_rng(0)
        return [
            np.zeros(t.shape, np.int64)
            if t.integer
            else random.normal(size=t.shape).astype(np.float32)
            for t in self.parts.inputs
        ]

    def report(self) -> tuple[tuple[SegmentRun, ...], tuple[Report, ...]]:
        """(steady costs of the segments, the programs' reports); host times: medians of 5 runs."""
        inputs = self.noise()
        self.run_detailed(*inputs)
        runs = [self.run_detailed(*inputs, keep_state=True).segments for _ in range(5)]
        steady = tuple(
            dataclasses.replace(same[-1], milliseconds=_median(same))
            if same[0].side == "host"
            else same[-1]
            for same in zip(*runs, strict=True)
        )
        return steady, tuple(segment.program.report() for segment in self.array_segments)

    def _inputs(self, inputs: Sequence[NDArray[Any]]) -> Values:
        import torch

        expected = self.parts.inputs
        if len(inputs) != len(expected):
            names = ", ".join(tensor.name for tensor in expected)
            raise InputError(f"{len(inputs)} inputs given, {self.name} has {names}")
        values: Values = {}
        for tensor, given in zip(expected, inputs, strict=True):
            kinds = "iu" if tensor.integer else "f"
            if given.shape != tensor.shape or given.dtype.kind not in kinds:
                what = "integers" if tensor.integer else "float32"
                raise InputError(
                    f"input '{tensor.name}' is {given.dtype} {given.shape}, "
                    f"expected {what} {tensor.shape}"
                )
            kind = np.int64 if tensor.integer else np.float32
            values[tensor.name] = torch.from_numpy(np.ascontiguousarray(given, kind))
        return values

    def _run_array(self, segment: ArraySegment, values: Values, keep_state: bool) -> SegmentRun:
        from adfc.pipeline.host_graph import as_tensor

        inputs = [values[name].contiguous().numpy() for name in segment.inputs]
        result = segment.program.run_detailed(*inputs, keep_state=keep_state)
        made = dict(zip(segment.outputs, map(as_tensor, result.outputs), strict=True))
        values.update(made)
        return SegmentRun(
            "array",
            segment.program.name,
            result.cycles,
            result.cycles / segment.program.loaded.clock_mhz / 1e3,
            _bytes(values, (*segment.inputs, *segment.outputs)),
            (),
        )

    def _run_host(self, index: int, segment: HostSegment, values: Values) -> SegmentRun:
        start = time.perf_counter()
        made = segment.graph.run(values)
        wall_ms = (time.perf_counter() - start) * 1e3
        values.update(made)
        return SegmentRun(
            "host",
            f"{self.name}.{index}",
            0,
            wall_ms,
            _bytes(values, (*segment.graph.inputs, *segment.graph.outputs)),
            tuple(op.op for op in segment.ops),
        )


def _median(runs: Sequence[SegmentRun]) -> float:
    return statistics.median(run.milliseconds for run in runs)


def _bytes(values: Values, names: Sequence[str]) -> int:
    return sum(values[name].numel() * values[name].element_size() for name in names)
