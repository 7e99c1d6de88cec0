"""Datagrams of a board's inference service: rtpm/network/wire.h."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

PART_BYTES = 1024
HEADER_BYTES = 32
MAGIC = b"ADI1"
ANSWER = 0x80

_HEADER = struct.Struct("<4s7I")  # magic, check, type, request, index, total, crc, bytes


class Kind(IntEnum):
    """Questions; an answer's type is ANSWER | the question's, or `refused`."""

    read = 1
    input = 2
    state = 3
    output = 4
    refused = 0xFF


class State(IntEnum):
    """How a request stands."""

    receiving = 1
    running = 2
    done = 3
    fault = 4


@dataclass(frozen=True)
class Datagram:
    """Part `index`, `payload`, of something of `total` bytes whose CRC-32 is `crc`."""

    kind: int
    request: int
    index: int = 0
    total: int = 0
    crc: int = 0
    payload: bytes = b""

    def encode(self) -> bytes:
        """The datagram's bytes."""
        size = len(self.payload)
        rest = (self.kind, self.request, self.index, self.total, self.crc, size)
        check = zlib.crc32(_HEADER.pack(MAGIC, 0, *rest) + self.payload)
        return _HEADER.pack(MAGIC, check, *rest) + self.payload

    @staticmethod
    def decode(data: bytes) -> Datagram | None:
        """Read a datagram; None for one that is not as it was sent."""
        if len(data) < HEADER_BYTES:
            return None
        magic, check, kind, request, index, total, crc, size = _HEADER.unpack_from(data)
        payload = data[HEADER_BYTES:]
        made = Datagram(kind, request, index, total, crc, payload)
        good = magic == MAGIC and size == len(payload) and made.encode()[4:8] == data[4:8]
        return made if good and check is not None else None


def part_count(size: int) -> int:
    """How many parts `size` bytes have."""
    return -(-size // PART_BYTES)
