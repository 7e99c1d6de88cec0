"""The array as a picture: tiles with what they hold and do, and the streams between them."""

from __future__ import annotations

from html import escape

from adfc.html.svg import element, number, picture, text
from adfc.html.view import View
from adfc.insight.places import Tile
from adfc.insight.routes import Route

WIDTH = 960.0
"""The picture is no wider than the page's column, so that its text keeps its size."""

MARGIN, LABELS, HEADS = 8.0, 46.0, 20.0  # around it; for names of rows, and of columns
_WIDEST, _NARROWEST = 84.0, 17.0  # cells
_PORTS = 7  # per side: the most that any side has, plus one


class _Grid:
    """Where tiles and ports lie: the columns in use, one more on each side, all rows in use."""

    def __init__(self, view: View) -> None:
        tiles = view.used_tiles or ((0, 0),)
        columns = [tile[0] for tile in tiles]
        self.first = max(min(columns) - 1, 0)
        self.last = min(max(columns) + 1, view.device.columns - 1)
        self.top = min(max(tile[1] for tile in tiles) + 1, view.device.rows - 1)
        count = self.last - self.first + 1
        pitch = (WIDTH - 2 * MARGIN - LABELS) / count
        self.cell_w = min(max(0.76 * pitch, _NARROWEST), _WIDEST)
        self.gap = min(max(pitch - self.cell_w, 5.0), 22.0)
        self.cell_h = min(46.0, max(0.9 * self.cell_w, 30.0))
        self.row_gap = min(22.0, max(2 * self.gap, 12.0))
        self.roomy = self.cell_w >= 56
        self.width = 2 * MARGIN + LABELS + count * (self.cell_w + self.gap) - self.gap
        rows = self.top + 1
        self.height = 2 * MARGIN + HEADS + rows * (self.cell_h + self.row_gap) - self.row_gap

    def corner(self, tile: Tile) -> tuple[float, float]:
        x = MARGIN + LABELS + (tile[0] - self.first) * (self.cell_w + self.gap)
        return x, MARGIN + (self.top - tile[1]) * (self.cell_h + self.row_gap)

    def tiles(self) -> list[Tile]:
        columns = range(self.first, self.last + 1)
        return [(c, r) for r in range(self.top, -1, -1) for c in columns]

    def port(self, tile: Tile, name: str, outward: bool) -> tuple[float, float]:
        """The point of a switch port; streams that leave and enter a side lie apart."""
        side, index = name.split(" ")
        x, y = self.corner(tile)
        part = (int(index) + 1) / (_PORTS + 1) / 2
        # Northbound and eastbound streams on one half, the others on the other.
        leaving_first = side in ("NORTH", "EAST")
        part += 0.0 if outward == leaving_first else 0.5
        match side:
            case "NORTH":
                return x + self.cell_w * part, y
            case "SOUTH":
                return x + self.cell_w * part, y + self.cell_h
            case "EAST":
                return x + self.cell_w, y + self.cell_h * part
            case "WEST":
                return x, y + self.cell_h * part
            case _:
                return x + self.cell_w * (0.35 + 0.06 * int(index)), y + self.cell_h * 0.62


def array_svg(view: View) -> str:
    """The tiles in use and their neighbours, with a group for each stream of each phase."""
    grid = _Grid(view)
    memory = {m.tile: m for m in view.memories if m.tile is not None}
    used = set(view.used_tiles)
    body = [_heads(view, grid), _routes(view, grid)]
    for tile in grid.tiles():
        kind = view.device.kind(tile[1])
        share = view.busy.get(tile, 0) / max(view.timeline.cycles, 1)
        fill = memory[tile].peak() / memory[tile].capacity if tile in memory else 0.0
        body.append(_tile(grid, tile, kind, tile in used, share, fill))
    title = f"Columns {grid.first} to {grid.last} of {view.device.name}, rows 0 to {grid.top}"
    return picture(body, grid.width, grid.height, title, class_="array", role="group")


def _heads(view: View, grid: _Grid) -> str:
    """Names of the rows at the left, of the columns below."""
    parts: list[str] = []
    for row in range(grid.top + 1):
        kind = view.device.kind(row)
        y = grid.corner((grid.first, row))[1] + grid.cell_h / 2 + 4
        parts.append(text(f"{kind} {row}", MARGIN + LABELS - 9, y, class_="tick end"))
    for column in range(grid.first, grid.last + 1):
        x, y = grid.corner((column, 0))
        below = y + grid.cell_h + 15
        parts.append(text(str(column), x + grid.cell_w / 2, below, class_="tick mid"))
    return element("g", "".join(parts), aria_hidden="true")


def _tile(grid: _Grid, tile: Tile, kind: str, used: bool, share: float, fill: float) -> str:
    x, y = grid.corner(tile)
    name = {"mem": "memtile"}.get(kind, kind)
    box = {"x": x, "y": y, "width": grid.cell_w, "height": grid.cell_h, "rx": 4}
    parts = [element("rect", class_="cell", **box)]
    if share:
        opacity = f"{0.06 + 0.7 * share:.2f}"
        parts.append(element("rect", class_="heat", fill_opacity=opacity, **box))
        parts.append(_share(grid, tile, share))
    if grid.roomy:
        parts.append(text(f"{tile[0]},{tile[1]}", x + 7, y + 16, class_="place"))
    if fill:
        edge = 7.0 if grid.roomy else 3.0
        bar = {"x": x + edge, "y": y + grid.cell_h - edge - 5, "height": 5}
        width = grid.cell_w - 2 * edge
        parts.append(element("rect", width=width, class_="tub", **bar))
        parts.append(element("rect", width=max(width * fill, 1.0), class_="fill", **bar))
    label = f"{name} {tile[0]},{tile[1]}"
    if used:
        label += f": memory {fill:.0%} full" if fill else ": streams only"
        label += f", kernels {share:.0%} of the time" if share else ""
    return element(
        "g",
        "".join(parts) + element("title", escape(label)),
        class_=f"tile {kind}" + ("" if used else " unused"),
        data_tile=f"{tile[0]},{tile[1]}",
        **({"tabindex": -1, "role": "button", "aria-label": label} if used else {}),
    )


def _share(grid: _Grid, tile: Tile, share: float) -> str:
    """The share of time in kernels, in the corner or, where there is no room, in the middle."""
    x, y = grid.corner(tile)
    if grid.roomy:
        return text(f"{share:.0%}", x + grid.cell_w - 7, y + 16, class_="busy end")
    short = f"{100 * share:.0f}"
    return text(short, x + grid.cell_w / 2, y + grid.cell_h / 2 + 1, class_="busy mid")


def _routes(view: View, grid: _Grid) -> str:
    """Streams with the same connections are drawn once, with all their phases."""
    drawn: dict[str, tuple[set[int], str]] = {}
    for phase, route in view.routes:
        path = _path(grid, route)
        drawn.setdefault(path, (set(), str(route.source)))[0].add(phase)
    groups: list[str] = []
    for path, (phases, source) in drawn.items():
        on = " ".join(str(phase) for phase in sorted(phases))
        kind = "down" if source.startswith("S2MM") else "up"
        groups.append(element("path", d=path, class_=f"route {kind}", data_phases=on))
    return element("g", "".join(groups), class_="routes", aria_hidden="true")


_STEP = {"NORTH": (0, 1), "SOUTH": (0, -1), "EAST": (1, 0), "WEST": (-1, 0)}
_OPPOSITE = {"NORTH": "SOUTH", "SOUTH": "NORTH", "EAST": "WEST", "WEST": "EAST"}


def _path(grid: _Grid, route: Route) -> str:
    parts: list[str] = []
    for hop in route.hops:
        x1, y1 = grid.port(hop.tile, hop.slave, outward=False)
        x2, y2 = grid.port(hop.tile, hop.master, outward=True)
        parts.append(f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}")
        side, index = hop.master.split(" ")
        if side not in _STEP:
            continue
        neighbour = hop.tile[0] + _STEP[side][0], hop.tile[1] + _STEP[side][1]
        if neighbour[1] < 0:
            continue
        x3, y3 = grid.port(neighbour, f"{_OPPOSITE[side]} {index}", outward=False)
        parts.append(f"L{number(x3)} {number(y3)}")
    return "".join(parts)
