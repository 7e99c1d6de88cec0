"""In what order a layer's result comes, and what a memtile keeps of it.

The same as lib/Transforms/Pipeline/PipelineStore.cpp does with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from adfc.planner.graph import WORD, round_up
from adfc.planner.pipeline.options import Option

MOST_PIXELS = 1023
"""What a field of a memtile's buffer descriptors can count to (AM025: 10 bits)."""


@dataclass(frozen=True)
class Message:
    """Rows and channels of a tensor that come together, with all columns."""

    row: int
    rows: int
    channel: int
    channels: int


@dataclass(frozen=True)
class Part:
    """Rows and channels [first, end) of a tensor."""

    rows: tuple[int, int]
    channels: tuple[int, int]

    def concerns(self, message: Message, height: int) -> bool:
        """Whether some of the message is in it; what is below the tensor's last row is not."""
        return (
            message.row < min(height, self.rows[1])
            and message.row + message.rows > self.rows[0]
            and message.channel < self.channels[1]
            and message.channel + message.channels > self.channels[0]
        )


def cores_of_lane(option: Option, lanes: int, lane: int) -> list[tuple[int, int]]:
    """(group of rows, group of channels) of the cores in the order in which they send."""
    share = option.channel_groups // lanes
    return [(s, lane * share + c) for s in range(option.groups) for c in range(share)]


def messages_of(
    option: Option, channels: int, lanes: int, lane: int, message: int = 0
) -> list[Message]:
    """What a lane brings of an image; `channels` of the result, without padding; `message`: of each
    message, 0: all that a core makes."""
    stored = round_up(channels, WORD)
    each = option.call.out_channels
    size = message or each
    return [
        Message(
            (tile * option.groups + s) * option.call.rows,
            option.call.rows,
            first,
            min(size, stored - first),
        )
        for tile in range(option.tiles)
        for s, c in cores_of_lane(option, lanes, lane)
        for first in range(c * each, min((c + 1) * each, stored), size)
    ]


def rows_as_messages(height: int, channels: int, lanes: int = 1) -> list[list[Message]]:
    """An image from DDR, in so many lanes with as many channels each."""
    each = round_up(channels, WORD) // lanes
    return [[Message(row, 1, lane * each, each) for row in range(height)] for lane in range(lanes)]


def whole_rows(part: Part, messages: Iterable[Message], height: int) -> tuple[int, int]:
    """The part's rows, grown to whole messages."""
    first, end = part.rows
    for message in messages:
        if part.concerns(message, height):
            first, end = min(first, message.row), max(end, message.row + message.rows)
    return first, end


def descriptors(part: Part, messages: Iterable[Message], height: int, width: int) -> int:
    """Buffer descriptors that store a part of a tensor of so many rows and columns, and drop what
    else comes."""
    return sum(1 for _ in _runs(part, messages, height, width))


def _runs(part: Part, messages: Iterable[Message], height: int, width: int) -> Iterator[bool]:
    dropping = False
    block: _Block | None = None
    for message in messages:
        if not part.concerns(message, height):
            if not dropping:
                yield False
            dropping, block = True, None
            continue
        dropping = False
        if block is None or not block.append(message):
            block = _Block(message, width, message.rows)
            yield True


@dataclass
class _Block:
    """Messages of equal width that one descriptor stores: parts of the channels of the same rows,
    and again of those below; or rows that follow one another."""

    first: Message
    width: int
    rows: int
    parts: int = 1
    tiles: int = 1
    parts_of_last: int = 1

    def append(self, message: Message) -> bool:
        """Add a message; False where it is another block's."""
        if message.channels != self.first.channels:
            return False
        last_row = self.first.row + (self.tiles - 1) * self.rows
        beside = self.first.channel + self.parts_of_last * self.first.channels
        if (message.row, message.rows, message.channel) == (last_row, self.rows, beside):
            return self._append_beside()
        below = (last_row + self.rows, self.first.channel)
        if (message.row, message.channel) != below or self.parts_of_last != self.parts:
            return False
        return self._append_below(message.rows)

    def _append_beside(self) -> bool:
        if self.tiles > 1 and self.parts_of_last == self.parts:
            return False
        self.parts_of_last += 1
        if self.tiles == 1:
            self.parts = self.parts_of_last
        return True

    def _append_below(self, rows: int) -> bool:
        if self.parts == 1:
            self.rows += rows
            return True
        if rows != self.rows or rows * self.width > MOST_PIXELS:
            return False
        self.tiles += 1
        self.parts_of_last = 1
        return True
