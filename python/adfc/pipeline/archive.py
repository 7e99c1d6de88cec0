"""The file of a pipeline: a ZIP archive without compression, the same bytes for the same parts.

manifest.json      {"adfc pipeline": 1, "model", "inputs", "outputs", "segments": [...]}
0.rimfs            an image of the array
1.json, 1/NAME.npy a host segment and its constants
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from adfc.driver.tensors import npy_bytes
from adfc.errors import ImageError, UnsupportedOp
from adfc.program import Program

if TYPE_CHECKING:
    from adfc.pipeline.host_graph import HostGraph

MAGIC = b"PK\x03\x04"
"""How a ZIP archive begins (PKWARE's APPNOTE, 4.3.7)."""

_VERSION_KEY, VERSION = "adfc pipeline", 1
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that ZIP can express; files have no other."""


@dataclass(frozen=True)
class ArraySegment:
    """A program; the values it reads and makes, in the order of its inputs and outputs."""

    program: Program
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class HostSegment:
    """Operators that the host runs, and why."""

    graph: HostGraph
    ops: tuple[UnsupportedOp, ...]


@dataclass(frozen=True)
class TensorInfo:
    """An input of the model: its name, the user's shape, and whether it holds indices."""

    name: str
    shape: tuple[int, ...]
    integer: bool = False


@dataclass(frozen=True)
class PipelineParts:
    """What the file holds; `outputs` are names of values."""

    model: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[str, ...]
    segments: tuple[ArraySegment | HostSegment, ...]


def write_archive(parts: PipelineParts) -> bytes:
    """The file's bytes."""
    files: dict[str, bytes] = {}
    segments: list[dict[str, Any]] = []
    for index, segment in enumerate(parts.segments):
        if isinstance(segment, ArraySegment):
            files[f"{index}.rimfs"] = segment.program.image
            entry = {"inputs": list(segment.inputs), "outputs": list(segment.outputs)}
            segments.append({"array": entry})
        else:
            files[f"{index}.json"] = _json(segment.graph.to_json())
            for name, values in segment.graph.constants.items():
                files[f"{index}/{name}.npy"] = npy_bytes(values)
            segments.append({"host": [vars(op) for op in segment.ops]})
    manifest = {
        _VERSION_KEY: VERSION,
        "model": parts.model,
        "inputs": [vars(tensor) for tensor in parts.inputs],
        "outputs": list(parts.outputs),
        "segments": segments,
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in {"manifest.json": _json(manifest), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return stream.getvalue()


def read_archive(content: bytes) -> PipelineParts:
    """What `write_archive` wrote. Raises ImageError for a damaged file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(files["manifest.json"])
        if manifest.get(_VERSION_KEY) != VERSION:
            raise ImageError("it is no pipeline of this version of adfc")
        return PipelineParts(
            str(manifest["model"]),
            tuple(
                TensorInfo(str(t["name"]), tuple(map(int, t["shape"])), bool(t["integer"]))
                for t in manifest["inputs"]
            ),
            tuple(map(str, manifest["outputs"])),
            tuple(_segment(i, entry, files) for i, entry in enumerate(manifest["segments"])),
        )
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ImageError(f"the pipeline is damaged: {error}") from error


def _segment(
    index: int, entry: Mapping[str, Any], files: Mapping[str, bytes]
) -> ArraySegment | HostSegment:
    if "array" in entry:
        names = entry["array"]
        return ArraySegment(
            Program(files[f"{index}.rimfs"]), tuple(names["inputs"]), tuple(names["outputs"])
        )
    from adfc.pipeline.host_graph import HostGraph

    data = json.loads(files[f"{index}.json"])
    constants = {
        name: np.load(io.BytesIO(files[f"{index}/{name}.npy"]), allow_pickle=False)
        for name in data["constants"]
    }
    ops = tuple(UnsupportedOp(**op) for op in entry["host"])
    return HostSegment(HostGraph.from_json(data, constants), ops)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
