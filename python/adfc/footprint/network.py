"""How much code a board's platform manager takes, measured in the program as it is linked."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adfc.boards import NetworkOptions, build_elf, load_board
from adfc.image import ImageParts, IoTable, IoTensor, assemble, write_image
from adfc.signing import PublicKey

BOARDS = ("versal", "virt")
"""Boards with a network."""

LIMIT = 32 * 1024
"""Bytes of code that must not be reached, with signatures or without."""

_NOT_COUNTED = ("engine-", "rimfs-", "rhal-", "emulator-", "blobs.o")
_LINE = re.compile(r"^\s*[0-9a-f]+\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+\s+(\S+):\((\.\w+)[^)]*\)$")
_KINDS = {".text": "code", ".start": "code", ".data": "data", ".bss": "data"}


@dataclass(frozen=True)
class NetworkFootprint:
    """Bytes in a program with a network, but for engine, RHAL, emulator and kernels.

    Start-up code, drivers, console, RTPM and lwIP: `text` is their code on a board without a key,
    `signed` on one with a key, BearSSL included. `data` are variables of the latter, buffers of
    frames included.
    """

    text: int
    signed: int
    data: int

    def problems(self, name: str) -> list[str]:
        """What exceeds its limit, a line each."""
        return [
            f"{name}: {size} bytes of code with a network{what}, the limit is {LIMIT}"
            for size, what in ((self.text, ""), (self.signed, " and signatures"))
            if size >= LIMIT
        ]

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return {"text": self.text, "signed": self.signed, "data": self.data, "heap": 0}


def measure_network(name: str) -> NetworkFootprint:
    """The footprint on the board `name`, from the linker's own account of two programs.

    Raises ToolError where clang, the linker or a source package is missing.
    """
    plain = _sizes(name, NetworkOptions())
    signed = _sizes(name, NetworkOptions(key=PublicKey(bytes(384))))
    return NetworkFootprint(text=plain["code"], signed=signed["code"], data=signed["data"])


def _sizes(name: str, network: NetworkOptions) -> Mapping[str, int]:
    """Bytes of `code` and of `data` that a program takes on the board `name`."""
    with tempfile.TemporaryDirectory(prefix="adfc-") as scratch:
        elf, link_map = Path(scratch) / "elf", Path(scratch) / "map"
        build_elf(_nothing(), load_board(name), elf, network=network, link_map=link_map)
        return _counted(link_map.read_text())


def _nothing() -> bytes:
    """An image whose program does nothing."""
    made = assemble("program device 1 buffers 2\nend\ncore_programs bytes 0")
    io = IoTable((IoTensor("x", 0, (1, 64), 64),), (IoTensor("y", 0, (1, 64), 64),), 64, 64, 0)
    return write_image(ImageParts(made.program, made.core_programs, b"", (), {}, io, {}))


def _counted(link_map: str) -> Mapping[str, int]:
    """Sums over the object files that count, from lld's map."""
    found: Counter[str] = Counter()
    for line in link_map.splitlines():
        match = _LINE.match(line)
        if match and match[3] in _KINDS and not Path(match[2]).name.startswith(_NOT_COUNTED):
            found[_KINDS[match[3]]] += int(match[1], 16)
    return found
