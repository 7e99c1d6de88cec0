"""What the commands say of pipelines: models of which the host computes a part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from adfc.cli.console import messages, output, print_json, print_table, progress_steps
from adfc.driver.files import write_atomically
from adfc.driver.tensors import npy_bytes
from adfc.errors import InputError, UnsupportedOp
from adfc.pipeline.archive import ArraySegment
from adfc.pipeline.pipeline import Pipeline, SegmentRun

if TYPE_CHECKING:
    from adfc.pipeline.check import PipelineCheck


def tell_compiled(path: Path, pipeline: Pipeline, *, json_output: bool) -> None:
    """What was written, and which operators are the host's."""
    host_ops = [op for segment in pipeline.host_segments for op in segment.ops]
    if json_output:
        print_json(
            {
                "model": pipeline.name,
                "programs": [segment.program.summary() for segment in pipeline.array_segments],
                "host_operators": [vars(op) for op in host_ops],
            }
        )
        return
    messages.print(
        f"wrote {path}: {len(pipeline.array_segments)} programs, and {len(host_ops)} operators "
        "that the host runs in float32:",
        markup=False,
    )
    _tell_ops(host_ops)


def _tell_ops(ops: Sequence[UnsupportedOp]) -> None:
    for op in ops:
        messages.print(f"  {op}", markup=False)


def run_pipeline(
    image: Path,
    input_files: Sequence[Path],
    output_files: Sequence[Path],
    *,
    repeat: int,
    json_output: bool,
) -> None:
    """`adfc run` of a pipeline."""
    pipeline = Pipeline.load(image)
    inputs = [_read(path) for path in input_files] if input_files else pipeline.noise()
    if output_files and len(output_files) != len(pipeline.parts.outputs):
        count = len(pipeline.parts.outputs)
        raise InputError(f"{len(output_files)} --output files for {count} outputs")
    with progress_steps(f"running {pipeline.name}"):
        runs = [pipeline.run_detailed(*inputs, keep_state=i > 0) for i in range(repeat)]
    for path, values in zip(output_files, runs[0].outputs, strict=False):
        write_atomically(path, npy_bytes(values))
    last = runs[-1]
    if json_output:
        print_json(
            {
                "model": pipeline.name,
                "cycles": last.cycles,
                "host_ms": last.host_milliseconds,
                "segments": [segment.to_json() for segment in last.segments],
            }
        )
        return
    print_table(_table(f"{pipeline.name}: one inference", last.segments))
    messages.print(_total(last.segments), markup=False)


def report_pipeline(image: Path, *, json_output: bool) -> None:
    """`adfc report` of a pipeline."""
    pipeline = Pipeline.load(image)
    with progress_steps(f"running {image}"):
        segments, reports = pipeline.report()
    host_ops = [op for segment in pipeline.host_segments for op in segment.ops]
    if json_output:
        print_json(
            {
                "model": pipeline.name,
                "segments": [segment.to_json() for segment in segments],
                "host_operators": [vars(op) for op in host_ops],
                "programs": [report.to_json() for report in reports],
            }
        )
        return
    print_table(_table(f"{pipeline.name}: steady inferences", segments))
    output.print(_total(segments), markup=False)
    output.print("on the host:", markup=False)
    for op in host_ops:
        output.print(f"  {op}", markup=False)
    images = [s for s in pipeline.parts.segments if isinstance(s, ArraySegment)]
    for segment, report in zip(images, reports, strict=True):
        output.print(
            f"{report.model}: {report.macs:,} MACs, {report.modelled_cycles:,} cycles steady, "
            f"{report.first.modelled_cycles:,} from a cold array, {report.ddr_bytes:,} bytes over "
            f"DDR, image {len(segment.program.image):,} bytes",
            markup=False,
        )


def print_check(check: PipelineCheck) -> None:
    """What `adfc check --allow-host` adds to the tables of the parts."""
    output.print(
        f"{check.name} as a whole against float: SQNR {check.sqnr_db:.1f} dB, cosine "
        f"{check.cosine:.4f}, top-1 agreement {check.top1_agreement:.0%} over {check.inputs} "
        f"inputs; the host ran {', '.join(check.host_operators)}",
        markup=False,
    )


def _table(title: str, segments: Sequence[SegmentRun]) -> Table:
    table = Table(box=None, title=title)
    for name in ("segment", "runs on"):
        table.add_column(name, no_wrap=True)
    for name in ("cycles", "ms", "bytes in and out"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("operators", overflow="fold", max_width=60)
    for segment in segments:
        table.add_row(
            segment.name,
            segment.side,
            f"{segment.cycles:,}" if segment.side == "array" else "-",
            f"{segment.milliseconds:.3f}",
            f"{segment.bytes:,}",
            ", ".join(segment.operators),
        )
    return table


def _total(segments: Sequence[SegmentRun]) -> str:
    array = [segment for segment in segments if segment.side == "array"]
    host = [segment for segment in segments if segment.side == "host"]
    count = sum(len(segment.operators) for segment in host)
    return (
        f"array: {sum(s.cycles for s in array):,} modelled cycles, "
        f"{sum(s.milliseconds for s in array):.3f} ms modelled; "
        f"host: {count} operators, {sum(s.milliseconds for s in host):.3f} ms measured on this "
        "machine's processor"
    )


def _read(path: Path) -> NDArray[Any]:
    try:
        values: Any = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path} is no .npy file: {error}") from error
    return values
