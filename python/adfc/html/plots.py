"""Single pictures for papers: SVG files that stand alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files

from adfc.html.array import array_svg
from adfc.html.charts import layers_svg, roofline_svg
from adfc.html.view import View

PLOTS: Mapping[str, Callable[[View], str]] = {
    "array": array_svg,
    "layers": layers_svg,
    "roofline": roofline_svg,
}
"""What can be plotted."""


def plot(view: View, name: str) -> bytes:
    """The picture `name` of PLOTS as an SVG file with its own style, on white."""
    style = (files("adfc.html") / "assets" / "plot.css").read_text(encoding="utf-8")
    svg = PLOTS[name](view)
    start = svg.index(">") + 1
    return f"{svg[:start]}<style>{style}</style>{svg[start:]}\n".encode()
