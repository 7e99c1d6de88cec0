"""The report as one HTML file: its scripts, styles, pictures and data are all in it."""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files

from adfc.html.array import array_svg
from adfc.html.charts import REASON_CLASS, REASON_TITLE, roofline_svg
from adfc.html.payload import payload
from adfc.html.view import LayerView, View
from adfc.insight.attribution import BETWEEN

_SCRIPTS = ("state", "array", "timeline", "layers", "roofline", "memory", "details", "start")


def _asset(name: str) -> str:
    return (files("adfc.html") / "assets" / name).read_text(encoding="utf-8")


def html_page(view: View) -> bytes:
    """The page; equal runs give equal bytes."""
    data = json.dumps(payload(view), separators=(",", ":")).replace("</", "<\\/")
    scripts = "\n".join(_asset(f"{name}.js") for name in _SCRIPTS)
    values = {
        "title": f"{escape(view.model)} on {escape(view.device.name)}",
        "style": _asset("report.css"),
        "figures": _figures(view),
        "verdict": _verdict(view),
        "legend": _legend(),
        "array": array_svg(view),
        "array_note": _array_note(view),
        "roofline": roofline_svg(view),
        "data": data,
        "scripts": scripts,
    }
    page = _asset("report.html")
    for key, value in values.items():
        page = page.replace(f"{{{{{key}}}}}", value)
    return page.encode()


def _figures(view: View) -> str:
    moved = sum(layer.ddr_bytes for layer in view.layers)
    cores = {tile for layer in view.layers for tile in layer.time.cores}
    used = view.macs / (view.timeline.cycles * view.peak_macs) if view.timeline.cycles else 0.0
    entries = (
        (f"{view.milliseconds:.3f} ms", f"modelled, {view.timeline.cycles:,} cycles"),
        (f"{view.macs / 1e6:,.1f} M", "multiply-accumulates"),
        (f"{used:.1%}", f"of {view.tiles} tiles' int8 peak"),
        (_size(moved), "moved over DDR"),
        (f"{len(cores)}", f"core tiles busy of {view.tiles}"),
        (_size(view.image_bytes), "program image"),
    )
    return "".join(
        f"<div><dt>{escape(what)}</dt><dd>{escape(value)}</dd></div>" for value, what in entries
    )


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.1f} kB"


def _verdict(view: View) -> str:
    if not view.layers:
        return "<p>The program has no layers.</p>"
    slowest = max(view.layers, key=lambda layer: layer.time.cycles)
    share = slowest.time.cycles / max(view.timeline.cycles, 1)
    return (
        f"<p>The slowest layer is {_button(slowest)}: {slowest.time.cycles:,} cycles, "
        f"{share:.0%} of all. {_reasons(slowest)}{_between(view)}</p>"
    )


def _between(view: View) -> str:
    """What else there is to know where much time belongs to no layer."""
    share = view.between_layers / max(view.timeline.cycles, 1)
    return f" For {share:.0%} of the time {BETWEEN}." if share >= 0.05 else ""


def _button(layer: LayerView) -> str:
    name = escape(layer.info.name)
    return f'<button type="button" class="link" data-layer="{layer.phase}">{name}</button>'


def _reasons(layer: LayerView) -> str:
    """What its core tiles' time goes into, and what to do about the largest part."""
    if not layer.time.cores:
        return ""
    parts = [
        f"{share:.0%} {REASON_TITLE[reason]}"
        for reason, share in layer.time.shares.items()
        if share >= 0.1
    ]
    return escape(f"Of its core tiles' time: {', '.join(parts)}; {layer.advice}.")


def _legend() -> str:
    return "".join(
        f'<li><span class="swatch {css}"></span>{escape(REASON_TITLE[name])}</li>'
        for name, css in REASON_CLASS.items()
    )


def _array_note(view: View) -> str:
    columns = [tile[0] for tile in view.used_tiles] or [0]
    return escape(
        f"{len(view.used_tiles)} tiles in use, columns {min(columns)} to {max(columns)} of "
        f"{view.device.columns} x {view.device.rows}; in core tiles: % of the time in kernels"
    )
