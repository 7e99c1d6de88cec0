"""RIMFS: a read-only image of named, checksummed sections. docs/rimfs.md describes the format."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adfc.errors import ImageError

MAGIC = b"RIMF"
VERSION = 1
ALIGNMENT = 64
MAX_SECTIONS = 64

_HEADER = struct.Struct("<4s7I32x")  # magic, version, total, sections, directory, 2 CRCs, flags
_ENTRY = struct.Struct("<24s6I")  # name, type, flags, offset, bytes, CRC, reserved
_HEADER_CRC_OFFSET = 24
_MAX_NAME = 23

_TYPES = {"program": 1, "core_programs": 2, "weights": 3, "kernels": 4, "io": 6, "load_program": 8}
_CODE_TYPE, _DATA_TYPE = 5, 7


@dataclass(frozen=True)
class Section:
    """A named run of bytes."""

    name: str
    data: bytes


def section_type(name: str) -> int:
    """The type number that goes with a section's name (enum rimfs_type)."""
    return _CODE_TYPE if name.startswith("code.") else _TYPES.get(name, _DATA_TYPE)


def _padding(size: int) -> int:
    return -size % ALIGNMENT


def write(sections: Sequence[Section]) -> bytes:
    """The image with `sections` in this order; same sections, same bytes.

    Raises ImageError for a name that is empty, too long, not printable ASCII or there twice, and
    for an image of 4 GB or more.
    """
    names = [section.name for section in sections]
    for name in names:
        if not _is_name(name) or names.count(name) > 1:
            raise ImageError(
                f"{name!r} cannot name a section: 1 to {_MAX_NAME} printable ASCII bytes, once"
            )
    if len(sections) > MAX_SECTIONS:
        raise ImageError(f"{len(sections)} sections: an image has at most {MAX_SECTIONS}")
    directory = bytearray()
    body = bytearray()
    start = _HEADER.size + _ENTRY.size * len(sections)
    for section in sections:
        body += bytes(_padding(start + len(body)))
        fields = (section_type(section.name), 0, start + len(body), len(section.data))
        crc = zlib.crc32(section.data)
        if start + len(body) + len(section.data) > 0xFFFF_FF80:
            raise ImageError(f"section {section.name}: the image would exceed 4 GB")
        directory += _ENTRY.pack(section.name.encode(), *fields, crc, 0)
        body += section.data
    body += bytes(_padding(start + len(body)))
    total = start + len(body)
    fields = (MAGIC, VERSION, total, len(sections), _HEADER.size, zlib.crc32(directory))
    crc = zlib.crc32(_HEADER.pack(*fields, 0, 0))
    return _HEADER.pack(*fields, crc, 0) + directory + body


def _is_name(name: str) -> bool:
    """Whether a section can be called that; a line break in it would break messages."""
    return 1 <= len(name) <= _MAX_NAME and all("!" <= character <= "~" for character in name)


def read(image: bytes) -> Mapping[str, memoryview]:
    """The image's sections in order: name -> bytes, a view into `image`.

    Raises ImageError, naming the section, for anything that `write` would not have written.
    """
    total, count = _read_header(image)
    view = memoryview(image)
    end = _HEADER.size + _ENTRY.size * count
    found: dict[str, memoryview] = {}
    for index in range(count):
        raw, kind, flags, offset, size, crc, reserved = _ENTRY.unpack_from(
            image, _HEADER.size + _ENTRY.size * index
        )
        name = raw.rstrip(b"\0").decode("ascii", "replace")
        if not _is_name(name) or name in found:
            raise ImageError(f"section {index}: its name is empty, damaged, or there twice")
        expected = end + _padding(end)
        if offset != expected or offset + size > total or flags or reserved:
            raise ImageError(f"section {name}: it does not lie where it should")
        if kind != section_type(name):
            raise ImageError(f"section {name}: type {kind} is not that of its name")
        if any(view[end:offset]):
            raise ImageError(f"section {name}: the bytes before it are damaged")
        if zlib.crc32(view[offset : offset + size]) != crc:
            raise ImageError(f"section {name}: its bytes are damaged (checksum)")
        found[name] = view[offset : offset + size]
        end = offset + size
    if end + _padding(end) != total or any(view[end:total]):
        raise ImageError("the bytes after the last section are damaged")
    return found


def _read_header(image: bytes) -> tuple[int, int]:
    """Total bytes and number of sections of a checked header and directory."""
    if len(image) < _HEADER.size:
        raise ImageError(f"truncated: {len(image)} bytes, not even a header")
    magic, version, total, count, directory, directory_crc, crc, flags = _HEADER.unpack_from(image)
    if magic != MAGIC:
        raise ImageError("not a program image: it does not begin with RIMF")
    if version != VERSION:
        raise ImageError(
            f"image version {version}, this adfc reads {VERSION}", hint="compile the model again"
        )
    zeroed = image[:_HEADER_CRC_OFFSET] + bytes(4) + image[_HEADER_CRC_OFFSET + 4 : _HEADER.size]
    if zlib.crc32(zeroed) != crc or directory != _HEADER.size or flags or any(image[32:64]):
        raise ImageError("the image's header is damaged (checksum)")
    if total > len(image):
        raise ImageError(f"truncated: {len(image)} of {total} bytes")
    if total < len(image):
        raise ImageError(f"{len(image) - total} bytes too many after the end of the image")
    end = _HEADER.size + _ENTRY.size * count
    if count > MAX_SECTIONS or end > total:
        raise ImageError("the image's directory does not fit it")
    if zlib.crc32(image[_HEADER.size : end]) != directory_crc:
        raise ImageError("the image's directory is damaged (checksum)")
    return total, count
