"""The array as a picture: tiles with what they hold and do, and the streams between them."""

from __future__ import annotations

from adfc.html.svg import element, number, picture, text
from adfc.html.view import View
from adfc.insight.places import Tile
from adfc.insight.routes import Route

CELL_W, CELL_H, GAP, MARGIN = 84.0, 46.0, 22.0, 14.0
_PORTS = 7  # per side: the most that any side has, plus one


class _Grid:
    """Where tiles and ports lie: the columns in use, one more on each side, all rows in use."""

    def __init__(self, view: View) -> None:
        tiles = view.used_tiles or ((0, 0),)
        columns = [tile[0] for tile in tiles]
        self.first = max(min(columns) - 1, 0)
        self.last = min(max(columns) + 1, view.device.columns - 1)
        self.top = min(max(tile[1] for tile in tiles) + 1, view.device.rows - 1)
        self.width = 2 * MARGIN + (self.last - self.first + 1) * (CELL_W + GAP) - GAP
        self.height = 2 * MARGIN + (self.top + 1) * (CELL_H + GAP) - GAP

    def corner(self, tile: Tile) -> tuple[float, float]:
        x = MARGIN + (tile[0] - self.first) * (CELL_W + GAP)
        return x, MARGIN + (self.top - tile[1]) * (CELL_H + GAP)

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
                return x + CELL_W * part, y
            case "SOUTH":
                return x + CELL_W * part, y + CELL_H
            case "EAST":
                return x + CELL_W, y + CELL_H * part
            case "WEST":
                return x, y + CELL_H * part
            case _:
                return x + CELL_W * (0.35 + 0.06 * int(index)), y + CELL_H * 0.62


def array_svg(view: View) -> str:
    """The tiles in use and their neighbours, with a group for each stream of each phase."""
    grid = _Grid(view)
    memory = {m.tile: m for m in view.memories if m.tile is not None}
    layers: dict[Tile, list[int]] = {}
    for layer in view.layers:
        for tile in layer.time.cores:
            layers.setdefault(tile, []).append(layer.phase)
    used = set(view.used_tiles)
    body = [_routes(view, grid)]
    for tile in grid.tiles():
        kind = view.device.kind(tile[1])
        share = view.busy.get(tile, 0) / max(view.timeline.cycles, 1)
        fill = memory[tile].peak() / memory[tile].capacity if tile in memory else 0.0
        body.append(_tile(grid, tile, kind, tile in used, share, fill))
    title = f"Columns {grid.first} to {grid.last} of {view.device.name}, rows 0 to {grid.top}"
    return picture(body, grid.width, grid.height, title, class_="array", role="group")


def _tile(grid: _Grid, tile: Tile, kind: str, used: bool, share: float, fill: float) -> str:
    x, y = grid.corner(tile)
    name = {"mem": "memtile"}.get(kind, kind)
    parts = [element("rect", x=x, y=y, width=CELL_W, height=CELL_H, rx=6, class_="cell")]
    if used and kind == "core":
        opacity = f"{0.06 + 0.7 * share:.2f}"
        parts.append(
            element(
                "rect",
                x=x,
                y=y,
                width=CELL_W,
                height=CELL_H,
                rx=6,
                class_="heat",
                fill_opacity=opacity,
            )
        )
    parts.append(text(f"{tile[0]},{tile[1]}", x + 7, y + 16, class_="place"))
    if used and kind == "core":
        parts.append(text(f"{share:.0%}", x + CELL_W - 7, y + 16, class_="busy"))
    elif used:
        parts.append(text(kind, x + CELL_W - 7, y + 16, class_="busy"))
    if fill:
        parts.append(
            element("rect", x=x + 7, y=y + CELL_H - 12, width=CELL_W - 14, height=5, class_="tub")
        )
        parts.append(
            element(
                "rect",
                x=x + 7,
                y=y + CELL_H - 12,
                width=(CELL_W - 14) * fill,
                height=5,
                class_="fill",
            )
        )
    label = f"{name} {tile[0]},{tile[1]}"
    if used:
        label += f": memory {fill:.0%} full" if kind != "shim" else ""
        label += f", kernels {share:.0%} of the time" if kind == "core" else ""
    return element(
        "g",
        "".join(parts),
        class_=f"tile {kind}" + ("" if used else " unused"),
        data_tile=f"{tile[0]},{tile[1]}",
        **({"tabindex": -1, "role": "button", "aria-label": label} if used else {}),
    )


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
