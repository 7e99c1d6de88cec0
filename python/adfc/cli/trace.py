"""`adfc trace`: a run as a timeline file."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Annotated

import typer

from adfc.cli import arguments
from adfc.cli.console import messages, print_json, progress_steps
from adfc.driver.files import check_writable, write_atomically
from adfc.errors import InputError
from adfc.insight.run import observe
from adfc.program import Program
from adfc.trace import Trace, build_trace, chrome_json, perfetto_bytes


def _packed(trace: Trace) -> bytes:
    return gzip.compress(chrome_json(trace), mtime=0)


_FORMATS = {
    ".json": chrome_json,
    ".json.gz": _packed,
    ".pftrace": perfetto_bytes,
}


def _suffix(path: Path) -> str:
    for suffix in _FORMATS:
        if path.name.endswith(suffix):
            return suffix
    raise InputError(
        f"{path}: no timeline format has this ending", hint=f"use one of {', '.join(_FORMATS)}"
    )


def trace_command(
    image: arguments.Image,
    output_file: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="The file to write: .json, .json.gz (Chrome) or .pftrace."
        ),
    ],
    json_output: arguments.Json = False,
) -> None:
    """Write the timeline of one run of IMAGE, for ui.perfetto.dev or chrome://tracing.

    Tracks: layers, control program, DDR, each tile's core and DMA channels, streams, and who waits
    for which lock. Whatever waits says for whom, and what that comes down to. Times are modelled.
    """
    suffix = _suffix(output_file)
    check_writable(output_file)
    program = Program.load(image)
    with progress_steps(f"tracing {program.name}") as step:
        step("running")
        timeline = observe(program)
        step("finding what waits are for")
        trace = build_trace(timeline, f"{program.name} on {program.device}")
        step("writing")
        content = _FORMATS[suffix](trace)
    write_atomically(output_file, content)
    figures = _figures(trace, content)
    if json_output:
        print_json(figures)
    else:
        messages.print(
            f"wrote {output_file}: {figures['slices']:,} slices on {figures['tracks']} tracks, "
            f"{timeline.cycles:,} modelled cycles, {len(content):,} bytes; "
            "open it at ui.perfetto.dev",
            markup=False,
        )


def _figures(trace: Trace, content: bytes) -> dict[str, int]:
    return {
        "tracks": len(trace.tracks) + len(trace.counters),
        "slices": sum(len(track.slices) for track in trace.tracks),
        "bytes": len(content),
    }
