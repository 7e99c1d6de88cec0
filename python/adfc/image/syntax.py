"""The words of the assembly text: tokens, and how each kind of operand is written and read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adfc.errors import ImageError
from adfc.image.core_program import WINDOW_BIT
from adfc.image.isa import rcb_isa

_TOKEN = re.compile(
    r"\s*(?:(?P<word>[A-Za-z_]\w*)|(?P<number>-?(?:0[xX][0-9a-fA-F]+|\d+))|(?P<mark>[(),\[\]+]))"
)
_COLUMN_SHIFT, _ROW_SHIFT = 25, 20  # spec/registers/aieml.toml: column_shift, row_shift
_MAX_COLUMN, _MAX_ROW, _MAX_OFFSET = 127, 31, 0xF_FFFF


@dataclass
class Tokens:
    """The tokens of one line, read from left to right."""

    items: Sequence[str]
    at: int = 0

    @staticmethod
    def of(line: str) -> Tokens:
        """The tokens of `line`; a semicolon begins a comment. Raises ImageError for other marks."""
        text = line.split(";", 1)[0].rstrip()
        items: list[str] = []
        position = 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise ImageError(f"'{text[position:].strip()}' is not understood")
            items.append(match[0].strip())
            position = match.end()
        return Tokens(items)

    @property
    def done(self) -> bool:
        """Whether all tokens are read."""
        return self.at == len(self.items)

    def peek(self) -> str:
        """The next token, "" at the end."""
        return "" if self.done else self.items[self.at]

    def next(self) -> str:
        """Reads a token. Raises ImageError at the end."""
        if self.done:
            raise ImageError("the line ends too early")
        self.at += 1
        return self.items[self.at - 1]

    def expect(self, token: str) -> None:
        """Reads exactly `token`. Raises ImageError for another one."""
        found = self.next()
        if found != token:
            raise ImageError(f"'{found}' stands where '{token}' should")

    def number(self) -> int:
        """Reads a decimal or hexadecimal number. Raises ImageError for anything else."""
        token = self.next()
        try:
            return int(token, 0)
        except ValueError:
            raise ImageError(f"'{token}' stands where a number should") from None

    def end(self) -> None:
        """Raises ImageError unless all tokens are read."""
        if not self.done:
            raise ImageError(f"'{self.peek()}' is too much")


def _bounded(value: int, limit: int, what: str) -> int:
    if not 0 <= value <= limit:
        raise ImageError(f"{what} {value} is not 0 to {limit}")
    return value


def _read_place(tokens: Tokens) -> tuple[int, int]:
    tokens.expect("(")
    column = _bounded(tokens.number(), _MAX_COLUMN, "column")
    tokens.expect(",")
    row = _bounded(tokens.number(), _MAX_ROW, "row")
    tokens.expect(")")
    return column, row


def read_value(kind: str, tokens: Tokens) -> int:
    """Reads one operand of `kind`. Raises ImageError."""
    if kind == "address":
        column, row = _read_place(tokens)
        offset = _bounded(tokens.number(), _MAX_OFFSET, "offset")
        return column << _COLUMN_SHIFT | row << _ROW_SHIFT | offset
    if kind == "tile":
        column, row = _read_place(tokens)
        return column << 8 | row
    if kind in ("direction", "buffer"):
        name = tokens.next()
        for case in rcb_isa().enumeration(kind).cases:
            if case.name == name:
                return case.value
        names = ", ".join(case.name for case in rcb_isa().enumeration(kind).cases)
        raise ImageError(f"'{name}' is no {kind}: {names}")
    return tokens.number()


def write_value(kind: str, value: int) -> str:
    """The text of one operand of `kind`."""
    if kind == "address":
        column, row = value >> _COLUMN_SHIFT, value >> _ROW_SHIFT & _MAX_ROW
        return f"({column}, {row}) {value & _MAX_OFFSET:#x}"
    if kind == "tile":
        return f"({value >> 8}, {value & 0xFF})"
    if kind in ("direction", "buffer"):
        return rcb_isa().enumeration(kind).cases[value].name
    return f"{value:#x}" if kind in ("hex", "bytes", "offset") else str(value)


_BRACKETS = {"buffer": "()"}


def read_list(kind: str, tokens: Tokens) -> tuple[int, ...]:
    """Reads a list: (window 0, 0x40) for kind `buffer`, else [1, -2]. Raises ImageError."""
    begin, end = _BRACKETS.get(kind, "[]")
    tokens.expect(begin)
    values: list[int] = []
    while tokens.peek() != end:
        if values:
            tokens.expect(",")
        if kind == "buffer" and tokens.peek() == "window":
            tokens.next()
            values.append(WINDOW_BIT | tokens.number())
        else:
            values.append(tokens.number())
    tokens.expect(end)
    return tuple(values)


def write_list(kind: str, values: Sequence[int]) -> str:
    """The text of a list."""
    if kind == "buffer":
        texts = [f"window {v & ~WINDOW_BIT}" if v & WINDOW_BIT else f"{v:#x}" for v in values]
    elif kind == "words":
        texts = [f"{v:#x}" for v in values]
    else:
        texts = [str(v) for v in values]
    begin, end = _BRACKETS.get(kind, "[]")
    return f"{begin}{', '.join(texts)}{end}"


def join(parts: Sequence[str]) -> str:
    """Tokens as a line: a comma is glued to what stands before it."""
    return " ".join(parts).replace(" ,", ",")
