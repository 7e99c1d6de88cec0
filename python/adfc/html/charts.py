"""The roofline, and the layers' times, as pictures."""

from __future__ import annotations

import math

from adfc.html.svg import element, picture, text
from adfc.html.view import LayerView, View

WIDTH, HEIGHT = 640.0, 360.0
LEFT, RIGHT, TOP, BOTTOM = 66.0, 20.0, 18.0, 46.0


_LETTER = 6.2  # the width of a letter of 11 pixels, of a wide font
_STRIP = 0.55  # of the width, where no layer moves anything over DDR


class _Log:
    """A logarithmic axis from `low` to `high`, both powers of ten, over pixels."""

    def __init__(self, values: list[float], first: float, last: float) -> None:
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.first, self.last = first, last

    def at(self, value: float) -> float:
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.first + part * (self.last - self.first)

    def ticks(self) -> list[int]:
        return list(range(self.low, self.high + 1))


def _power(exponent: int) -> str:
    value = 10.0**exponent
    return f"{value:,.0f}" if exponent >= 0 else f"{value:g}"


def roofline_svg(view: View) -> str:
    """Each layer by MACs a DDR byte and MACs a cycle, under the two roofs of the device.

    Layers that move nothing over DDR stand in a strip of their own at the right, in their order.
    """
    layers = [layer for layer in view.layers if layer.info.macs]
    over_ddr = [layer.intensity for layer in layers if layer.ddr_bytes]
    inside = [layer for layer in layers if not layer.ddr_bytes]
    right = WIDTH - RIGHT
    end = right - _STRIP * len(inside) / max(len(layers), 1) * (right - LEFT)
    bandwidth = view.ddr_bytes_per_cycle
    ridge = view.peak_macs / bandwidth
    x = _Log([1.0, ridge * 4, *over_ddr], LEFT, end)
    y = _Log(
        [float(view.peak_macs) * 1.2, *(layer.macs_per_cycle for layer in layers)],
        HEIGHT - BOTTOM,
        TOP,
    )
    body: list[str] = _strip(end, right) if inside else []
    for tick in x.ticks():
        at = x.at(10.0**tick)
        body.append(element("line", x1=at, x2=at, y1=TOP, y2=HEIGHT - BOTTOM, class_="grid"))
        body.append(text(_power(tick), at, HEIGHT - BOTTOM + 16, class_="tick mid"))
    for tick in y.ticks():
        at = y.at(10.0**tick)
        body.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at, class_="grid"))
        body.append(text(_power(tick), LEFT - 8, at + 4, class_="tick end"))
    low = max(10.0**x.low, 10.0**y.low / bandwidth)
    corners = [(low, low * bandwidth), (ridge, view.peak_macs), (10.0**x.high, view.peak_macs)]
    points = " ".join(f"{x.at(a):.1f},{y.at(b):.1f}" for a, b in corners)
    points += f" {right:.1f},{y.at(view.peak_macs):.1f}" if inside else ""
    body.append(element("polyline", points=points, class_="roof", fill="none"))
    body.append(
        text(
            f"{view.tiles} tiles: {view.peak_macs:,} MACs a cycle",
            WIDTH - RIGHT - 4,
            y.at(view.peak_macs) - 7,
            class_="note end",
        )
    )
    body.append(
        text(f"DDR: {bandwidth:.1f} bytes a cycle", x.at(low) + 10, TOP + 14, class_="note")
    )
    places = {layer.phase: (i + 0.5) / len(inside) for i, layer in enumerate(inside)}
    for layer in layers:
        at = x.at(layer.intensity) if layer.ddr_bytes else end + places[layer.phase] * (right - end)
        body.append(_point(view, layer, at, y.at(layer.macs_per_cycle)))
    body.append(text("MACs a byte over DDR", (LEFT + end) / 2, HEIGHT - 8, class_="axis mid"))
    body.append(
        text(
            "MACs a modelled cycle",
            0,
            0,
            class_="axis mid",
            transform=f"translate(14 {HEIGHT / 2:.0f}) rotate(-90)",
        )
    )
    return picture(
        body, WIDTH, HEIGHT, f"Roofline of {view.model}", class_="roofline", role="group"
    )


def _strip(start: float, end: float) -> list[str]:
    """The place of layers that move nothing over DDR."""
    height = HEIGHT - BOTTOM - TOP
    return [
        element("rect", x=start, y=TOP, width=end - start, height=height, class_="strip"),
        text("nothing over DDR,", (start + end) / 2, HEIGHT - BOTTOM + 16, class_="tick mid"),
        text("in the layers' order", (start + end) / 2, HEIGHT - BOTTOM + 30, class_="tick mid"),
    ]


def _point(view: View, layer: LayerView, x: float, y: float) -> str:
    moved = f"{layer.intensity:.1f} MACs a byte" if layer.ddr_bytes else "nothing over DDR"
    label = f"{layer.info.name}: {moved}, {layer.macs_per_cycle:,.0f} MACs a cycle"
    share = layer.time.cycles / max(view.timeline.cycles, 1)
    return element(
        "g",
        element("circle", cx=x, cy=y, r=4 + 14 * math.sqrt(share)) + element("title", label),
        class_="point",
        data_layer=layer.phase,
        tabindex=-1,
        role="button",
        aria_label=label,
    )


_REASONS = (
    ("kernel", "kernel"),
    ("other kernel", "waits: other kernel"),
    ("stream bandwidth", "waits: stream"),
    ("DDR bandwidth", "waits: DDR bandwidth"),
    ("DDR latency", "waits: DDR latency"),
    ("DMA set-up", "waits: DMA set-up"),
    ("control", "waits: control"),
    ("a circle of waits", "waits in a circle"),
    ("lock requests", "lock requests"),
    ("not running", "not running"),
)
REASON_CLASS = {name: f"r{index}" for index, (name, _) in enumerate(_REASONS)}
REASON_TITLE = dict(_REASONS)


def layers_svg(view: View) -> str:
    """Each layer's modelled cycles, split by what its core tiles spend them on."""
    height = 40.0 + 22.0 * len(view.layers) + 30.0
    name_width = 20.0 + _LETTER * max((len(x.info.name) for x in view.layers), default=0)
    longest = max((layer.time.cycles for layer in view.layers), default=1)
    whole = name_width + WIDTH - 170.0
    scale = (whole - name_width - 90.0) / longest
    body: list[str] = []
    for index, layer in enumerate(view.layers):
        y = 20.0 + 22.0 * index
        x = name_width
        body.append(text(layer.info.name, name_width - 8, y + 12, class_="tick end"))
        for reason, share in layer.time.shares.items():
            width = layer.time.cycles * scale * share
            body.append(
                element("rect", x=x, y=y, width=width, height=15, class_=REASON_CLASS[reason])
            )
            x += width
        body.append(text(f"{layer.time.cycles:,}", x + 6, y + 12, class_="tick"))
    used = [r for r in REASON_CLASS if any(r in layer.time.spent for layer in view.layers)]
    x = 10.0
    for reason in used:
        body.append(
            element("rect", x=x, y=height - 22, width=11, height=11, class_=REASON_CLASS[reason])
        )
        body.append(text(REASON_TITLE[reason], x + 15, height - 12, class_="tick"))
        x += 24 + 5.6 * len(REASON_TITLE[reason])
    return picture(body, max(whole, x), height, f"Layers of {view.model}", class_="layers")
