"""Where a board is reached."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from adfc.errors import InputError

UPLOAD_PORT = 69
"""TFTP's."""

INFERENCE_PORT = 49500
"""WIRE_PORT of rtpm/network/wire.h."""


@dataclass(frozen=True)
class Address:
    """A host's name or IPv4 address, and a UDP port."""

    host: str
    port: int

    @staticmethod
    def parse(text: str, port: int) -> Address:
        """Read HOST or HOST:PORT; `port` where there is none. Raises InputError."""
        host, colon, number = text.partition(":")
        if colon:
            if not number.isdecimal() or not 0 < int(number) < 65536:
                raise InputError(f"'{text}': no such port", hint="write HOST or HOST:PORT")
            port = int(number)
        if not host:
            raise InputError(f"'{text}' names no host", hint="write HOST or HOST:PORT")
        return Address(host, port)

    def resolve(self) -> tuple[str, int]:
        """The IPv4 address and the port. Raises InputError for an unknown host."""
        try:
            return (socket.gethostbyname(self.host), self.port)
        except OSError as error:
            raise InputError(f"there is no host '{self.host}': {error}") from error

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
