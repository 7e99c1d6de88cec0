"""Bands of rows in which an image of an operand comes to its slabs.

Each band is handed on as soon as it is complete, and given back when no window reads it any more.
The same as lib/Transforms/Pipeline/PipelineBands.cpp does, and PipelineInputs.cpp where an input
comes window by window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from adfc.planner.fit import BUFFER_ALIGNMENT
from adfc.planner.graph import Axis, Layer, ceil_div, round_up
from adfc.planner.pipeline.options import LEAST_DEPTH, Option

MOST_BANDS = 8
"""Bands of an image that have places of their own: each takes descriptors, of which channels of a
parity share 24 (AM020)."""

MOST_SENDS = 14
"""Descriptors that send windows, of those 24, where bands take some (assumed: others need some)."""

ONE_IMAGE_BANDS = 4
"""Of so many bands or more, one image is enough: while some are read, others come (assumed)."""

SMALL_BYTES = 32 * 1024
"""Of what is no larger, a slab holds two images whatever its bands are (assumed: it is little)."""


@dataclass(frozen=True)
class Bands:
    """`count` of an image, each with `rows` of the tensor, the last with fewer perhaps. In a `ring`
    all are read alike, and no window reads two of them: a slab holds any number of them, else whole
    images."""

    count: int
    rows: int
    ring: bool = False

    @property
    def chains(self) -> int:
        """Chains of descriptors: one for each band but in a ring."""
        return 1 if self.ring else self.count

    def band(self, row: int) -> int:
        """The one that has a row."""
        return min(row // self.rows, self.count - 1)

    def end(self, band: int, height: int) -> int:
        """The row behind a band."""
        return height if band == self.count - 1 else (band + 1) * self.rows


@dataclass(frozen=True)
class Source:
    """How a tensor comes: so many rows, `message` of them at a time; `exact`: and no more."""

    height: int
    message: int = 1
    exact: bool = True


@dataclass(frozen=True)
class Window:
    """Rows [first, end) of the image that a tile reads, and padding above and below."""

    first: int
    end: int
    before: int = 0
    after: int = 0

    def alike(self, other: Window) -> bool:
        """Whether one descriptor could send both."""
        mine = (self.end - self.first, self.before, self.after)
        return mine == (other.end - other.first, other.before, other.after)


@dataclass(frozen=True)
class Deal:
    """How a layer's tiles of rows are dealt out: each group gets `tiles` of so many `rows` of the
    `outputs`; `chunked`: each with several parts of its channels."""

    axis: Axis
    outputs: int
    rows: int
    groups: int
    tiles: int
    chunked: bool

    def windows(self, group: int) -> tuple[Window, ...]:
        """What a group reads of an image, tile by tile."""
        return _windows(self, group)


def deal_of(layer: Layer, option: Option) -> Deal:
    """The deal of a layer on these cores."""
    return Deal(
        layer.rows,
        layer.output[0],
        option.call.rows,
        option.groups,
        option.tiles,
        option.chunks > 1,
    )


def source_of(maker: Layer, option: Option) -> Source:
    """How the result of a layer comes."""
    made = option.call.rows * option.groups * option.tiles
    return Source(maker.output[0], option.call.rows, made == maker.output[0])


@cache
def _windows(deal: Deal, group: int) -> tuple[Window, ...]:
    last_valid = (deal.outputs - 1) // deal.rows * deal.rows
    found: list[Window] = []
    for tile in range(deal.tiles):
        begin = deal.axis.first(min((tile * deal.groups + group) * deal.rows, last_valid))
        end, size = begin + deal.axis.extent(deal.rows), deal.axis.size
        found.append(Window(max(begin, 0), min(end, size), max(-begin, 0), max(end - size, 0)))
    return tuple(found)


def bands_of(layer: Layer, option: Option, shape: tuple[int, int], source: Source) -> Bands:
    """The bands in which a layer gets an operand of so many rows and columns: the smallest of a
    ring, or as many as descriptors can have; one where it reads it in another shape."""
    if layer.input[:2] != shape:
        return whole(source)
    return _bands_of(deal_of(layer, option), source)


def gathered_bytes(deal: Deal, size: int) -> int:
    """Bytes of the windows of one image that a group of rows reads at most, `size` for a row."""
    rows = (
        sum(tile.end - tile.first for tile in deal.windows(group)) for group in range(deal.groups)
    )
    return max(rows) * size


def windows_of(option: Option) -> Bands:
    """Bands of an input that comes window by window."""
    return Bands(option.tiles, 1)


def whole(source: Source) -> Bands:
    """An image as one band."""
    return Bands(1, source.height)


@cache
def _bands_of(deal: Deal, source: Source) -> Bands:
    ring = _ring(deal, source)
    if ring:
        return ring
    for count in range(min(MOST_BANDS, deal.tiles), 1, -1):
        rows = round_up(ceil_div(source.height, count), source.message)
        bands = Bands(count, rows)
        if ceil_div(source.height, rows) == count and _can_be_sent(deal, bands):
            return bands
    return whole(source)


def _ring(deal: Deal, source: Source) -> Bands | None:
    """The smallest bands that are read alike, where no window reads two of them."""
    axis, each = deal.axis, deal.groups * deal.rows
    apart = axis.first(each) - axis.first(0)
    fits = apart * deal.tiles == source.height and source.exact
    if not fits or axis.first(0) < 0 or axis.extent(each) > apart:
        return None
    for rounds in range(1, deal.tiles):
        if deal.tiles % rounds == 0 and rounds * apart % source.message == 0:
            return Bands(deal.tiles // rounds, rounds * apart, ring=True)
    return None


def _can_be_sent(deal: Deal, bands: Bands) -> bool:
    """Whether each group of rows reads rows of every band, with few descriptors."""
    for group in range(deal.groups):
        tiles = deal.windows(group)
        inside = (
            bands.band(tiles[0].first) == 0 and bands.band(tiles[-1].end - 1) + 1 == bands.count
        )
        if not inside or windows_sent(deal, group, bands) > MOST_SENDS:
            return False
    return True


def windows_sent(deal: Deal, group: int, bands: Bands) -> int:
    """Buffer descriptors that send a group of rows its windows of one operand: one for tiles that
    follow one another, have as many rows of the image, and between which no band is waited for
    or given back; with several chunks one for each tile."""
    tiles = deal.windows(group)
    if bands.ring:
        tiles = tiles[: len(tiles) // bands.count]
    if deal.chunked:
        return len(tiles)
    found, taken, given, i = 0, 0, 0, 0
    while i < len(tiles):
        taken = max(taken, bands.band(tiles[i].end - 1) + 1)
        end = i + 1
        apart = tiles[end].first - tiles[i].first if end < len(tiles) else 0
        while (
            apart > 0
            and end < len(tiles)
            and tiles[end].alike(tiles[i])
            and tiles[end].first - tiles[end - 1].first == apart
            and bands.band(tiles[end].end - 1) < taken
            and bands.band(tiles[end].first) <= given
        ):
            end += 1
        if end < len(tiles):
            given = max(given, bands.band(tiles[end].first))
        found, i = found + 1, end
    return found


def part_rows(deal: Deal, group: int, bands: Bands) -> tuple[int, int]:
    """Rows [first, end) that a group of rows reads: of an image, or of a ring's first band."""
    tiles = deal.windows(group)
    if bands.ring:
        tiles = tiles[: len(tiles) // bands.count]
    return min(tile.first for tile in tiles), max(tile.end for tile in tiles)


def least_depth(bands: Bands, size: int) -> int:
    """Bands that a slab has at least; `size`: bytes of an image, or of a ring's band."""
    if bands.ring:
        return LEAST_DEPTH
    one = bands.count >= ONE_IMAGE_BANDS and size > SMALL_BYTES
    return bands.count * (1 if one else LEAST_DEPTH)


def slab_bytes(bands: Bands, depth: int, size: int) -> int:
    """Bytes of a slab of so many bands; `size` as for `least_depth`."""
    each = size if bands.chains == 1 else ceil_div(size, bands.count)
    return depth * round_up(each, BUFFER_ALIGNMENT)


def rows_read(name: str, reader: Layer) -> str:
    """What is in a slab, for errors."""
    tensor = f"input {name[1:]}" if name.startswith("%") else f"'{name}'"
    return f"the rows of {tensor} that layer '{reader.name}' reads"


def least_slabs(layer: Layer, option: Option) -> Iterator[int]:
    """Bytes of the slabs of what a layer reads at least, where it comes row by row: for each group
    of rows."""
    deal, source = deal_of(layer, option), Source(layer.input[0])
    bands = bands_of(layer, option, layer.input[:2], source)
    channels = (
        option.call.out_channels if layer.channelwise else layer.in_channels // option.cascade
    )
    for group in range(option.groups):
        first, end = part_rows(deal, group, bands)
        size = (end - first) * layer.columns.size * channels
        yield slab_bytes(bands, least_depth(bands, size), size)
