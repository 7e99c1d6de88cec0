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
"""Bytes of code that must not be reached, without signatures."""

_OURS = ("boards", "rtpm")
_SIGNATURES = ("bearssl", "rtpm-network-trust_key.c.o")
_LINE = re.compile(r"^\s*[0-9a-f]+\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+\s+(\S+):\((\.\w+)[^)]*\)$")


@dataclass(frozen=True)
class NetworkFootprint:
    """Bytes of code in a program with a network and a key, but for engine, RHAL, emulator, kernels.

    `ours`: start-up code, drivers, console, and the RTPM; `signatures`: BearSSL and its caller.
    `data` are variables, buffers of frames included.
    """

    ours: int
    lwip: int
    signatures: int
    data: int

    @property
    def text(self) -> int:
        """Code of a board without a key."""
        return self.ours + self.lwip

    def problems(self, name: str) -> list[str]:
        """What exceeds its limit, a line each."""
        if self.text < LIMIT:
            return []
        return [f"{name}: {self.text} bytes of code with a network, the limit is {LIMIT}"]

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "text": self.text,
            "ours": self.ours,
            "lwip": self.lwip,
            "signatures": self.signatures,
            "data": self.data,
            "heap": 0,
        }


def measure_network(name: str) -> NetworkFootprint:
    """The footprint on the board `name`, from the linker's own account of the program.

    Raises ToolError where clang, the linker or a source package is missing.
    """
    with tempfile.TemporaryDirectory(prefix="adfc-") as scratch:
        link_map = Path(scratch) / "map"
        network = NetworkOptions(key=PublicKey(bytes(384)))
        build_elf(
            _nothing(), load_board(name), Path(scratch) / "elf", network=network, link_map=link_map
        )
        sizes = _sizes(link_map.read_text())
    return NetworkFootprint(
        ours=_sum(sizes, "code", _OURS) - _sum(sizes, "code", _SIGNATURES[1:]),
        lwip=_sum(sizes, "code", ("lwip",)),
        signatures=_sum(sizes, "code", _SIGNATURES),
        data=_sum(sizes, "data", (*_OURS, "lwip", "bearssl")),
    )


def _nothing() -> bytes:
    """An image whose program does nothing."""
    made = assemble("program device 1 buffers 2\nend\ncore_programs bytes 0")
    io = IoTable((IoTensor("x", 0, (1, 64), 64),), (IoTensor("y", 0, (1, 64), 64),), 64, 64, 0)
    return write_image(ImageParts(made.program, made.core_programs, b"", (), {}, io, {}))


def _sizes(link_map: str) -> Mapping[tuple[str, str], int]:
    """Bytes of code and of variables by object file, from lld's map."""
    kinds = {".text": "code", ".start": "code", ".data": "data", ".bss": "data"}
    found: Counter[tuple[str, str]] = Counter()
    for line in link_map.splitlines():
        match = _LINE.match(line)
        if match and match[3] in kinds:
            found[kinds[match[3]], Path(match[2]).name] += int(match[1], 16)
    return found


def _sum(sizes: Mapping[tuple[str, str], int], kind: str, prefixes: tuple[str, ...]) -> int:
    return sum(n for (k, name), n in sizes.items() if k == kind and name.startswith(prefixes))
