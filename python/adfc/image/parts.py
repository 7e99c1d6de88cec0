"""A program image and its parts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adfc.errors import ImageError
from adfc.image import rimfs
from adfc.image.tables import IoTable, Kernel, decode_kernels, encode_kernels

_CODE = "code."
_LOAD = "load_program"
_NEEDED = ("program", "core_programs", "kernels", "io", "weights", "meta.json")


@dataclass(frozen=True)
class ImageParts:
    """What an image holds.

    `program` are RCB bytes, `load_program` too (empty: the image has none), `core_programs` the
    section LOAD_CORE copies from, `weights` raw DDR bytes, `kernels` the kernels by id, `code` the
    kernels' code for each instruction set, `metadata` a JSON object for people and tools. `extra`
    are further sections by name.
    """

    program: bytes
    core_programs: bytes
    weights: bytes
    kernels: Sequence[Kernel]
    code: Mapping[str, bytes]
    io: IoTable
    metadata: Mapping[str, Any]
    extra: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    load_program: bytes = b""


def write_image(parts: ImageParts) -> bytes:
    """The image's bytes; equal parts give equal bytes. Raises ImageError where they do not fit."""
    metadata = json.dumps(parts.metadata, sort_keys=True, separators=(",", ":")).encode()
    sections = [
        rimfs.Section("program", parts.program),
        *([rimfs.Section(_LOAD, parts.load_program)] if parts.load_program else ()),
        rimfs.Section("core_programs", parts.core_programs),
        rimfs.Section("kernels", encode_kernels(parts.kernels)),
        rimfs.Section("io", parts.io.encode()),
        rimfs.Section("weights", parts.weights),
        *(rimfs.Section(_CODE + isa, parts.code[isa]) for isa in sorted(parts.code)),
        rimfs.Section("meta.json", metadata),
        *(rimfs.Section(name, parts.extra[name]) for name in sorted(parts.extra)),
    ]
    return rimfs.write(sections)


def read_image(image: bytes) -> ImageParts:
    """The parts of an image. Raises ImageError, one line, for a damaged one."""
    sections = rimfs.read(image)
    missing = [name for name in _NEEDED if name not in sections]
    if missing:
        raise ImageError(f"the image has no section {missing[0]}")
    try:
        metadata = json.loads(bytes(sections["meta.json"]))
    except ValueError as error:
        raise ImageError(f"section meta.json: {error}") from error
    if not isinstance(metadata, dict):
        raise ImageError("section meta.json: not a JSON object")
    return ImageParts(
        program=bytes(sections["program"]),
        load_program=bytes(sections.get(_LOAD, b"")),
        core_programs=bytes(sections["core_programs"]),
        weights=bytes(sections["weights"]),
        kernels=decode_kernels(sections["kernels"]),
        code={n.removeprefix(_CODE): bytes(d) for n, d in sections.items() if n.startswith(_CODE)},
        io=IoTable.decode(sections["io"]),
        metadata=metadata,
        extra={
            name: bytes(data)
            for name, data in sections.items()
            if name not in (*_NEEDED, _LOAD) and not name.startswith(_CODE)
        },
    )
