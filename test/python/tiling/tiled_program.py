"""Reads what adf-tile prints: the tiled form of `dialects/ADF/ADFProgramOps.td` as plain data."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Bytes = NDArray[np.uint8]


@dataclass
class Op:
    """One operation's line, and the operations in its region."""

    line: str
    body: list["Op"] = field(default_factory=list["Op"])

    def match(self, pattern: str) -> re.Match[str]:
        found = re.match(pattern, self.line)
        assert found is not None, f"{self.line} is not of the form {pattern}"
        return found

    def find(self, pattern: str) -> str | None:
        found = re.search(pattern, self.line)
        return found[1] if found else None


@dataclass(frozen=True)
class Descriptor:
    """adf.bd; `memory` is %window or @ddr. All sizes in words, innermost dimension first."""

    memory: str
    offset: int
    dims: list[tuple[int, int]]
    pads: list[tuple[int, int]]
    iteration: tuple[int, int]

    @staticmethod
    def read(op: Op) -> "Descriptor":
        memory, offset, dims = op.match(r"adf\.bd (\S+) offset (\d+) dims \[(.*?)\]").groups()
        wrap, step = _pairs(op.find(r"iteration (<.*?>)") or "<1 x 0>")[0]
        pads = _pairs(op.find(r"pad \[(.*?)\]") or "")
        return Descriptor(memory, int(offset), _pairs(dims), pads, (wrap, step))

    def words(self, run: int) -> NDArray[np.int64]:
        """The word index of each word on the stream in the given run; -1 where it is padding."""
        indices = np.zeros(1, np.int64)
        for i, (count, step) in enumerate(self.dims):
            before, after = self.pads[i] if i < len(self.pads) else (0, 0)
            inner = indices[None, :]
            rows = np.where(inner < 0, -1, inner + step * np.arange(count)[:, None])
            indices = np.pad(rows, ((before, after), (0, 0)), constant_values=-1).reshape(-1)
        wrap, step = self.iteration
        return np.where(indices < 0, -1, indices + self.offset + run % wrap * step)


def _pairs(text: str) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in re.findall(r"<(\d+)(?: x |, )(\d+)>", text)]


@dataclass(frozen=True)
class Task:
    """adf.dma."""

    tile: str
    direction: str
    stream: str
    repeat: int
    chain: list[Descriptor]

    @staticmethod
    def read(op: Op) -> "Task":
        pattern = r"adf\.dma on (\S+) (\w+)(?: channel \d+)? stream @(\S+)(?: repeat (\d+))?"
        tile, direction, stream, repeat = op.match(pattern).groups()
        chain = [Descriptor.read(bd) for bd in op.body]
        return Task(tile, direction, stream, int(repeat or 1), chain)

    def runs(self) -> Iterator[tuple[Descriptor, NDArray[np.int64]]]:
        """Each descriptor in the order in which they run, with its word indices."""
        for run in range(self.repeat):
            for descriptor in self.chain:
                yield descriptor, descriptor.words(run)


def read_program(text: str) -> tuple[list[Op], dict[str, Bytes]]:
    """The operations in the one adf.program, and the bytes of its resources by name."""
    operations, _, resources = text.partition("{-#")
    stack: list[Op] = [Op("")]
    for line in map(str.strip, operations.splitlines()):
        if line == "}":
            stack.pop()
        elif line:
            op = Op(line)
            stack[-1].body.append(op)
            if line.endswith("{"):
                stack.append(op)
    module = stack[0].body[0] if stack[0].body[0].line.startswith("module") else stack[0]
    (program,) = module.body
    # A resource's text is its alignment, 4 bytes, and its bytes.
    found = re.findall(r'"?([\w.$]+)"?: "0x([0-9A-F]+)"', resources)
    return program.body, {
        name: np.frombuffer(bytes.fromhex(digits)[4:], np.uint8) for name, digits in found
    }
