"""What a board's program is built with: runtime/rtpm/options.h and network/network.h."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import IntEnum

from adfc.boards.board import Network
from adfc.errors import InputError
from adfc.signing import PublicKey


class LogLevel(IntEnum):
    """Which lines for people a program writes: those of this level and below (rtpm/log.h)."""

    error = 1
    warn = 2
    info = 3
    debug = 4


@dataclass(frozen=True)
class BuildOptions:
    """`inference_ms`: what an inference may take by the board's clock before the watchdog fires."""

    log_level: LogLevel = LogLevel.info
    inference_ms: int = 600_000

    def assembly(self) -> str:
        """The constant `rtpm_options`."""
        return _constant("rtpm_options", f".long {self.log_level.value}, {self.inference_ms}")


@dataclass(frozen=True)
class NetworkOptions:
    """A board's place in its network: IPv4 `address` with its prefix, and the `gateway`.

    With `key` the board takes images that are signed with it, and no others.
    Defaults are those of QEMU's user network.
    """

    address: str = "10.0.2.15/24"
    gateway: str = "10.0.2.2"
    key: PublicKey | None = None

    def assembly(self, network: Network) -> str:
        """The constant `network_options` for a board. Raises InputError for what is no address."""
        try:
            address = ipaddress.IPv4Interface(self.address)
            gateway = ipaddress.IPv4Address(self.gateway)
        except ValueError as error:
            raise InputError(
                f"no IPv4 address: {error}", hint="write one like 192.168.1.20/24"
            ) from error
        fields = address.ip.packed + address.netmask.packed + gateway.packed + network.mac
        data = ", ".join(map(str, fields + bytes(2)))
        text = _constant("network_options", f".byte {data}\n.long {network.slot_bytes}")
        if self.key is not None:
            text += _constant("trust_modulus", f".byte {', '.join(map(str, self.key.modulus))}")
            text += _constant("trust_id", f".byte {', '.join(map(str, self.key.id))}")
        return text


def _constant(name: str, data: str) -> str:
    """A constant for any of the boards' assemblers."""
    return f'.section .rodata.{name}, "a", %progbits\n.balign 8\n.global {name}\n{name}:\n{data}\n'
