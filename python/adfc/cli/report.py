"""`adfc report`: what an image costs on the array, as a table, a page or a plot."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adfc.cli import arguments
from adfc.cli.console import messages, output, print_json, print_table, progress_steps
from adfc.cli.pipelines import report_pipeline
from adfc.cli.why import print_why
from adfc.driver.files import check_writable, write_atomically
from adfc.errors import InputError
from adfc.html import html_page, make_view, plot
from adfc.html.png import as_png
from adfc.insight.attribution import BETWEEN
from adfc.insight.throughput import Throughput
from adfc.pipeline.pipeline import Pipeline
from adfc.program import Program
from adfc.report import LayerReport, Report


class PlotChoice(StrEnum):
    """The pictures of adfc.html.PLOTS."""

    array = "array"
    layers = "layers"
    roofline = "roofline"


def report_command(
    image: arguments.Image,
    html: Annotated[
        Path | None,
        typer.Option(
            help="Write a page to look at: array, timeline, layers, roofline and memory, in one "
            "file that needs no network."
        ),
    ] = None,
    plot_name: Annotated[
        PlotChoice | None,
        typer.Option("--plot", help="Write one picture to the file of --output."),
    ] = None,
    output_file: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="With --plot: the .svg or .png file to write."),
    ] = None,
    why: Annotated[
        str | None,
        typer.Option(
            help="Tell why this layer is done as it is: the other ways, and their estimated cycles."
        ),
    ] = None,
    images: Annotated[
        bool,
        typer.Option(
            "--images",
            help="Tell only how fast images leave a program of a batch: of a large one, more "
            "happens than a report of its layers can hold.",
        ),
    ] = False,
    json_output: arguments.Json = False,
) -> None:
    """Tell what IMAGE costs on the array: cycles, utilisation, bytes, per layer and in all."""
    if (plot_name is None) != (output_file is None):
        raise InputError("--plot and --output go together", hint="add -o FILE.svg")
    pictures = html is not None or plot_name is not None
    if images and (pictures or why is not None):
        raise InputError("--images tells nothing else", hint="leave --html, --plot and --why out")
    for path in (html, output_file):
        check_writable(path)
    if Pipeline.is_pipeline(image):
        if pictures or images or why is not None:
            raise InputError(
                f"{image} is a pipeline: there is no page, plot, --images or --why of it"
            )
        report_pipeline(image, json_output=json_output)
        return
    program = Program.load(image)
    if why is not None:
        _tell_why(program, why, json_output=json_output)
    elif images:
        _tell_images(program, json_output=json_output)
    elif pictures:
        _draw(program, html, plot_name, output_file)
    else:
        _tell_all(program, json_output=json_output)


def _tell_why(program: Program, layer: str, *, json_output: bool) -> None:
    with progress_steps(f"planning {layer} again"):
        reason = program.explain_layer(layer)
    if json_output:
        print_json(dataclasses.asdict(reason))
    else:
        print_why(reason)


def _tell_images(program: Program, *, json_output: bool) -> None:
    with progress_steps(f"running {program.name}"):
        throughput = program.throughput()
    if json_output:
        print_json(dataclasses.asdict(throughput))
    else:
        output.print(_throughput_line(throughput), markup=False)


def _draw(
    program: Program, html: Path | None, plot_name: PlotChoice | None, output_file: Path | None
) -> None:
    with progress_steps(f"running {program.name}") as step:
        view = make_view(program, len(program.image))
        step("drawing")
        if html is not None:
            _write(html, html_page(view))
        if plot_name is not None and output_file is not None:
            picture = plot(view, plot_name.value)
            png = output_file.suffix.lower() == ".png"
            _write(output_file, as_png(picture) if png else picture)


def _tell_all(program: Program, *, json_output: bool) -> None:
    with progress_steps(f"running {program.name}"):
        report = program.report()
    if json_output:
        print_json(report.to_json())
        return
    print_table(_layer_table(report))
    _print_totals(report)


def _write(path: Path, content: bytes) -> None:
    write_atomically(path, content)
    messages.print(f"wrote {path}: {len(content):,} bytes", markup=False)


def _layer_table(report: Report) -> Table:
    title = f"{report.model} on {report.tiles} core tiles of {report.device}"
    table = Table(box=None, title=title, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("layer", "kind"):
        table.add_column(name, no_wrap=True)
    for name in ("cores", "MMACs", "cycles", "used", "control", "DDR kB", "core kB"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("mostly", "bound"):
        table.add_column(name, no_wrap=True)
    for layer in report.layers:
        table.add_row(
            layer.name,
            layer.kind,
            str(layer.cores),
            f"{layer.macs / 1e6:,.1f}",
            f"{layer.modelled_cycles:,}",
            f"{layer.utilisation:.1%}",
            f"{layer.control_cycles_exposed:,}",
            f"{layer.ddr_bytes / 1e3:,.0f}",
            f"{layer.core_bytes / 1e3:,.1f}",
            next((f"{part:.0%} {reason}" for reason, part in layer.time.items()), ""),
            layer.bound,
        )
    return table


def _print_totals(report: Report) -> None:
    exposed = report.control_cycles_exposed
    first, slowest = report.first, report.slowest
    loading = (
        f", {first.load_cycles:,} cycles and {first.load_ddr_bytes:,} bytes of them to load"
        if report.load_rcb_bytes
        else ""
    )
    for line in (
        "used: share of all tiles' int8 peak; control: cycles of register writes with nothing else "
        "in progress; core: the fullest core tile's data memory; mostly: what its core tiles spend "
        "most of their time on (a kernel, else what they wait for); bound: what takes longest by "
        "the planner's estimate, a kernel's slot (mac, load, store, move), a stream, DDR, control, "
        "or the way of the data (fill)",
        *([_slowest_line(report, slowest)] if slowest else []),
        f"modelled: {report.modelled_cycles:,} cycles, {report.milliseconds:.3f} ms at "
        f"{report.clock_mhz} MHz, {report.utilisation:.1%} of {report.tiles} tiles' int8 peak, "
        "steady: the second inference on the same array",
        *([_throughput_line(report.throughput)] if report.throughput else []),
        f"first:    {first.modelled_cycles:,} cycles, {report.first_milliseconds:.3f} ms from a "
        f"cold array, {first.ddr_bytes:,} bytes over DDR{loading}",
        f"control:  {report.control_cycles:,} cycles, of which {exposed:,} with nothing else "
        f"in progress; in {report.between_layers_cycles:,} cycles {BETWEEN}",
        f"moved:    {report.ddr_bytes:,} bytes over DDR for {report.macs:,} MACs",
        f"memory:   {report.weight_bytes:,} bytes of weights, {report.arena_bytes:,} of "
        f"activations in DDR; {report.rcb_bytes:,} bytes of control blocks and "
        f"{report.load_rcb_bytes:,} to load; "
        f"image {report.image_bytes:,} bytes",
        *_layout_lines(report),
        *([f"DDR:      {_DDR_FORM}: {report.why_through_ddr}"] if report.why_through_ddr else []),
    ):
        output.print(line, markup=False)


_DDR_FORM = "weights and activations go through DDR, layer after layer"
"""The form of a program that is not resident."""


def _throughput_line(throughput: Throughput) -> str:
    return (
        f"images:   {throughput.batch} in an inference, {throughput.cycles_per_image:,.0f} cycles "
        f"each: {throughput.images_per_second:,.0f} images/s modelled; in steady state one every "
        f"{throughput.period_cycles:,.0f} cycles: {throughput.steady_images_per_second:,.0f} "
        f"images/s; the first is done after {throughput.latency_cycles:,} cycles"
    )


def _slowest_line(report: Report, layer: LayerReport) -> str:
    share = layer.modelled_cycles / report.modelled_cycles if report.modelled_cycles else 0.0
    parts = [f"{part:.0%} {reason}" for reason, part in layer.time.items() if part >= 0.05]
    spent = f"; its core tiles' time: {', '.join(parts)}" if parts else ""
    help_ = f"; {layer.advice}" if layer.advice else ""
    place = f" ({layer.source})" if layer.source else ""
    return (
        f"slowest:  {layer.name}{place}, {layer.modelled_cycles:,} cycles, {share:.0%} of all"
        f"{spent}{help_}"
    )


def _layout_lines(report: Report) -> list[str]:
    used, least = report.wires.used, report.wires.least
    over = f" ({used / least - 1:.1%} above)" if least else ""
    lines = [
        f"routes:   {report.wires.streams:,} streams over {used:,} wires between switches; with "
        f"tiles placed so they need at least {least:,}{over}, in any places at least "
        f"{report.wires.least_anywhere:,}"
    ]
    if report.arena is not None:
        lines.append(
            f"arena:    {report.arena.used:,} bytes of activations in DDR, of which at most "
            f"{report.arena.least:,} are alive at a time: {report.arena.fragmentation:.1%} lost"
        )
    if report.memtile is not None:
        column, row = report.memtile.tile
        lines.append(
            f"memtiles: ({column},{row}) loses most: {report.memtile.used:,} bytes are ever in "
            f"use, of which at most {report.memtile.least:,} at a time: "
            f"{report.memtile.fragmentation:.1%} lost"
        )
    return lines
