"""When rows of an image come and go: how much of what passes by other layers waits for them.

A lane leads to all that read a tensor at once, and waits for each of them. So a slab must have room
for all rows that other readers need before its own layer gives some back: else nothing moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adfc.planner.graph import Layer
from adfc.planner.pipeline.balance import Chosen
from adfc.planner.pipeline.bands import Bands
from adfc.planner.pipeline.options import Option


@dataclass(frozen=True)
class Times:
    """`sent`: AIE cycles from the first image's beginning until so many rows of it have been sent;
    its first entry is when the first one begins. Each next image comes a `period` later."""

    sent: tuple[int, ...]
    period: int

    @property
    def height(self) -> int:
        """Rows of an image."""
        return len(self.sent) - 1


def of_input(height: int, period: int) -> Times:
    """An image from DDR, which takes the period."""
    return Times(tuple(row * period // height for row in range(height + 1)), period)


def begins(
    layer: Layer, chosen: Chosen, operands: Sequence[tuple[Times, Bands]], *, flat: bool = False
) -> list[int]:
    """When each round of tiles begins, one tile of each group of rows. `flat`: it reads its
    operand in another shape, all of it at once."""
    option = chosen.option
    found: list[int] = []
    for tile in range(option.tiles):
        at = 0
        for times, bands in operands:
            end = times.height if flat else _last_row(layer, chosen, tile)
            at = max(at, times.sent[bands.end(bands.band(end - 1), times.height)])
        found.append(max(at, found[-1] + option.stage_cycles // option.tiles) if found else at)
    return found


def of_result(layer: Layer, chosen: Chosen, begin: Sequence[int], period: int) -> Times:
    """A round's rows are sent when their windows have come, and the cores are done."""
    option, height = chosen.option, layer.output[0]
    lane = option.lane_cycles(chosen.lanes) // option.tiles
    takes = (option.stage_cycles + option.act_words) // option.tiles + _lag(layer, option) + lane
    rows = option.groups * option.call.rows
    sent = [begin[0] + takes - lane] + [begin[row // rows] + takes for row in range(height)]
    return Times(tuple(sent), period)


def waiting(
    layer: Layer,
    chosen: Chosen,
    begin: Sequence[int],
    times: Times,
    bands: Bands,
    *,
    flat: bool = False,
) -> int:
    """Bands of an operand that have begun to come before the oldest of them is given back."""
    option = chosen.option
    most = 1
    started = [times.sent[band * bands.rows] for band in range(bands.count)]
    for band in range(bands.count):
        last = option.tiles - 1
        while (
            not flat and last and _first_row(layer, chosen, last) >= bands.end(band, times.height)
        ):
            last -= 1
        freed = begin[last] + option.act_words // option.tiles + _lag(layer, option)
        found = band
        while started[found % bands.count] + found // bands.count * times.period < freed:
            found += 1
        most = max(most, found - band)
    return most


def _lag(layer: Layer, option: Option) -> int:
    """AIE cycles that the last core of a cascade is behind the first, where sums are in memory: a
    core takes them before its last chunk of a tile; those of 64 bits before its first."""
    if not option.handover:
        return 0
    tile = (option.cascade - 1) * option.stage_cycles // option.tiles
    return tile if layer.wide else tile // option.chunks


def _first_row(layer: Layer, chosen: Chosen, tile: int) -> int:
    option = chosen.option
    last_valid = (layer.output[0] - 1) // option.call.rows
    return max(0, layer.rows.first(min(tile * option.groups, last_valid) * option.call.rows))


def _last_row(layer: Layer, chosen: Chosen, tile: int) -> int:
    """The row behind the last that a round of tiles reads."""
    option = chosen.option
    last_valid = (layer.output[0] - 1) // option.call.rows
    tile_of_last = min((tile + 1) * option.groups - 1, last_valid)
    first = layer.rows.first(tile_of_last * option.call.rows)
    return max(1, min(layer.rows.size, first + layer.rows.extent(option.call.rows)))
