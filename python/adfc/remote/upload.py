"""Images sent to a board."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from adfc.errors import CapacityError, ExecutionError, ImageError, ToolError
from adfc.remote import tftp
from adfc.remote.address import Address

_REFUSED = "refused: "
_BUSY = "Only one connection at a time"  # what lwIP says
_ATTEMPTS = 3

T = TypeVar("T")


@dataclass(frozen=True)
class BoardStatus:
    """What a board says of itself (rtpm/network/status.c).

    `slot` is "A" or "B"; the image's version is 0 on a board without a key; `upload` tells how
    the last upload went; `fault` is the kept fault record, empty where there is none.
    """

    board: str
    isa: str
    slot: str
    slot_bytes: int
    image_bytes: int
    image_crc: int
    image_version: int
    needs_signature: bool
    upload: str
    fault: str

    @staticmethod
    def parse(text: str) -> BoardStatus:
        """Read the lines `name value`. Raises ExecutionError where one is missing."""
        values: dict[str, str] = {}
        for line in text.splitlines():
            name, _, value = line.partition(" ")
            values[name] = f"{values[name]}\n{value}" if name in values else value
        try:
            return BoardStatus(
                board=values["board"],
                isa=values["isa"],
                slot=values["slot"],
                slot_bytes=int(values["slot_bytes"]),
                image_bytes=int(values["image_bytes"]),
                image_crc=int(values["image_crc"]),
                image_version=int(values["image_version"]),
                needs_signature=values["needs_signature"] != "0",
                upload=values["upload"],
                fault=values.get("fault", ""),
            )
        except (KeyError, ValueError) as error:
            raise ExecutionError(f"the board's status cannot be read: {error}") from error


def _when_free(address: Address, time_limit: float, act: Callable[[], T]) -> T:
    """Do it as soon as no other transfer is under way. Raises ToolError past `time_limit`."""
    deadline = time.monotonic() + time_limit
    while True:
        try:
            return act()
        except tftp.TftpRefusedError as error:
            if _BUSY not in error.message:
                raise
            if time.monotonic() >= deadline:
                raise ToolError(f"{address} is busy with another upload") from error
        time.sleep(0.2)


def read_status(address: Address, *, time_limit: float) -> BoardStatus:
    """Ask a board how it is; raises ToolError where it does not answer, ExecutionError."""
    content = _when_free(
        address, time_limit, lambda: tftp.read(address, "status", time_limit=time_limit)
    )
    return BoardStatus.parse(content.decode("ascii", "replace"))


def upload(
    image: bytes,
    address: Address,
    *,
    time_limit: float,
    progress: Callable[[str], None] = lambda _: None,
) -> BoardStatus:
    """Send an image that has code for the board's processor; returns the status afterwards.

    `time_limit` bounds each answer, in seconds. Raises CapacityError where it exceeds a slot,
    ImageError with the board's reason where it is refused, ToolError where the board does not
    answer.
    """
    before = read_status(address, time_limit=time_limit)
    if len(image) > before.slot_bytes:
        raise CapacityError(
            f"{address}: the image has {len(image):,} bytes, a slot {before.slot_bytes:,}"
        )

    def send() -> None:
        tftp.write(
            address,
            "image",
            image,
            time_limit=time_limit,
            progress=lambda done: progress(f"{done:,} of {len(image):,} bytes"),
        )

    problem = ""
    for _ in range(_ATTEMPTS):
        try:
            _when_free(address, time_limit, send)
        except tftp.TftpRefusedError as error:
            problem = error.message  # the board tells more in its status
        status = read_status(address, time_limit=time_limit)
        if status.upload.startswith(_REFUSED) and "cut short" not in status.upload:
            reason = status.upload.removeprefix(_REFUSED)
            raise ImageError(
                f"{address} refused the image: {reason}",
                hint=f"the image in slot {status.slot} remains active",
            )
        if (status.image_bytes, status.image_crc) == (len(image), zlib.crc32(image)):
            return status
        time.sleep(1.0)  # another upload is under way
        problem = problem or status.upload
    raise ToolError(f"{address}: the upload failed: {problem}")
