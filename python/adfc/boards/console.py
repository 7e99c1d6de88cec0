"""What a board's program says on its console, read: docs/bare-metal.md describes the lines."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from adfc.errors import ExecutionError

_PEOPLE = "adfc: "


@dataclass(frozen=True)
class RunLine:
    """One run: cycles of the board's processor and of the array, CRC-32 of the output block."""

    processor_cycles: int
    array_cycles: int
    output_crc: int


@dataclass
class Report:
    """What has been said so far.

    `kept` is the fault record of an earlier boot; `ended` the program's own end code, None before
    the end.
    """

    on_say: Callable[[str], None]
    counters: dict[str, int] = field(default_factory=dict[str, int])
    runs: list[RunLine] = field(default_factory=list["RunLine"])
    faults: list[str] = field(default_factory=list[str])
    kept: list[str] = field(default_factory=list[str])
    output: bytearray = field(default_factory=bytearray)
    ended: int | None = None
    _expected: tuple[int, int] = (0, 0)

    def line(self, text: str) -> None:
        """Take one line. Raises ExecutionError for one that cannot be what the program wrote."""
        word, _, rest = text.strip().partition(" ")
        try:
            match word:
                case "@counter":
                    name, value = rest.split()
                    self.counters[name] = int(value)
                case "@run":
                    processor, array, crc = rest.split()
                    self.runs.append(RunLine(int(processor), int(array), int(crc, 16)))
                case "@fault":
                    self.faults.append(rest)
                case "@kept":
                    self.kept.append(rest)
                case "@output":
                    size, crc = rest.split()
                    self._expected = (int(size), int(crc, 16))
                case "@data":
                    offset, data = rest.split()
                    if int(offset, 16) != len(self.output):
                        raise ValueError("a line of the output is missing")
                    self.output += bytes.fromhex(data)
                case "@end":
                    self.ended = int(rest)
                case _ if text.startswith(_PEOPLE):
                    self.on_say(text.strip().removeprefix(_PEOPLE))
                case _:
                    pass
        except ValueError as error:
            raise ExecutionError(f"the board's console: '{text.strip()}': {error}") from error

    def checked_output(self) -> bytes:
        """The output block. Raises ExecutionError where it did not arrive whole."""
        size, crc = self._expected
        if len(self.output) != size or zlib.crc32(self.output) != crc:
            raise ExecutionError("the board's console: the output did not arrive whole")
        return bytes(self.output)
