"""TFTP, the client's side (RFC 1350, mode octet): whole files of any length, one block at a time.

Block numbers have 16 bits and begin again at 0.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable

from adfc.errors import ToolError
from adfc.remote.address import Address

BLOCK_BYTES = 512

_READ, _WRITE, _DATA, _ACK, _ERROR = range(1, 6)
_WRONG_BLOCK = 5
_RETRY_SECONDS = 0.5


class TftpRefusedError(ToolError):
    """The other side answered with an error of its own."""


class _Transfer:
    """One transfer: what was sent last is sent again until it is answered."""

    def __init__(self, address: Address, time_limit: float) -> None:
        self._address = address
        self._peer = address.resolve()
        self._time_limit = time_limit
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def __enter__(self) -> _Transfer:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, packet: bytes) -> None:
        """Send what needs no answer."""
        self._socket.sendto(packet, self._peer)

    def exchange(self, packet: bytes, operation: int, block: int | None) -> bytes:
        """Send `packet` until `operation` for `block` is answered; returns what follows them.

        Raises TftpRefusedError for an error, ToolError where no answer comes in time.
        """
        deadline = time.monotonic() + self._time_limit
        sent = 0
        while time.monotonic() < deadline:
            self.send(packet)
            sent += 1
            answer = self._answer(operation, block, min(deadline, time.monotonic() + _retry(sent)))
            if answer is not None:
                return answer
        raise ToolError(
            f"no answer from {self._address} within {self._time_limit:g} s",
            hint="check that the board runs, and host and port; --time-limit waits longer",
        )

    def _answer(self, operation: int, block: int | None, until: float) -> bytes | None:
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                packet, sender = self._socket.recvfrom(4 + BLOCK_BYTES + 1)
            except TimeoutError:
                return None
            except OSError:  # nobody listens there, so far
                time.sleep(max(0.0, min(0.1, until - time.monotonic())))
                return None
            if sender[0] != self._peer[0] or len(packet) < 4:
                continue
            code, number = struct.unpack_from(">2H", packet)
            if code == _ERROR and number == _WRONG_BLOCK:
                continue  # of a packet that came twice; the transfer goes on
            if code == _ERROR:
                text = packet[4:].split(b"\0")[0].decode("ascii", "replace")
                raise TftpRefusedError(f"{self._address}: {text}")
            if code == operation and (block is None or number == block):
                return packet[4:]
        return None


def _retry(sent: int) -> float:
    """Seconds to wait for an answer to the `sent`th packet."""
    return _RETRY_SECONDS * min(sent, 4)


def _request(operation: int, name: str) -> bytes:
    return struct.pack(">H", operation) + name.encode("ascii") + b"\0octet\0"


def write(
    address: Address,
    name: str,
    content: bytes,
    *,
    time_limit: float,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Write the file `name`; `progress` hears the bytes that have arrived.

    Raises TftpRefusedError where the other side refuses it, ToolError where it does not answer for
    `time_limit` seconds.
    """
    with _Transfer(address, time_limit) as transfer:
        transfer.exchange(_request(_WRITE, name), _ACK, 0)
        for number in range(len(content) // BLOCK_BYTES + 1):  # the last one is not full
            data = content[number * BLOCK_BYTES : (number + 1) * BLOCK_BYTES]
            block = (number + 1) % 65536
            transfer.exchange(struct.pack(">2H", _DATA, block) + data, _ACK, block)
            progress(number * BLOCK_BYTES + len(data))


def read(address: Address, name: str, *, time_limit: float) -> bytes:
    """Read the file `name`; raises as `write`."""
    content = bytearray()
    block = 1
    with _Transfer(address, time_limit) as transfer:
        packet = _request(_READ, name)
        while True:
            data = transfer.exchange(packet, _DATA, block % 65536)
            content += data
            packet = struct.pack(">2H", _ACK, block % 65536)
            if len(data) < BLOCK_BYTES:
                transfer.send(packet)
                return bytes(content)
            block += 1
