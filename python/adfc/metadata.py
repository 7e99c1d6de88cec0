"""What an image says of itself to people and tools, read with the same care as the rest of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adfc.errors import AdfcError, ImageError
from adfc.image import ImageParts, boundary
from adfc.image.rcb import decode
from adfc.model_io import TensorSpec
from adfc.planner import Graph, Schedule
from adfc.planner.bounds import layer_bounds
from adfc.spec import devices
from adfc.spec.devices import Device


@dataclass(frozen=True)
class OpInfo:
    """One operator of a layer: as TOSA has it, its label, the PyTorch operators, the user's line.

    `aten` is empty for models that did not come from PyTorch, `file` where the line is not known.
    """

    tosa: str
    name: str
    aten: tuple[str, ...]
    file: str
    line: int

    @property
    def place(self) -> str:
        """FILE:LINE of the user's program, or ""."""
        return f"{self.file}:{self.line}" if self.file else ""

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> OpInfo:
        """The operator that a JSON object describes; KeyError or ValueError for another one."""
        return OpInfo(
            tosa=str(data["tosa"]),
            name=str(data["name"]),
            aten=tuple(str(name) for name in data["aten"]),
            file=str(data["file"]),
            line=_count(data, "line"),
        )


@dataclass(frozen=True)
class LayerInfo:
    """One phase: the layer it is, its multiply-accumulates, cores, bytes, the user's line,
    and the operators that it computes (none where an image does not say).

    `ddr_bytes` is what its shim DMAs move, `core_bytes` the fullest core tile's data memory; `file`
    is "" where the user's line is not known.
    """

    id: int
    name: str
    kind: str
    macs: int
    cores: int
    ddr_bytes: int
    core_bytes: int
    file: str
    line: int
    ops: tuple[OpInfo, ...] = ()

    @property
    def place(self) -> str:
        """FILE:LINE of the user's program, or ""."""
        return f"{self.file}:{self.line}" if self.file else ""

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> LayerInfo:
        """The layer that a JSON object describes; KeyError or ValueError for another one."""
        numbers = {
            key: _count(data, key)
            for key in ("id", "macs", "cores", "ddr_bytes", "core_bytes", "line")
        }
        return LayerInfo(
            name=str(data["name"]),
            kind=str(data["kind"]),
            file=str(data["file"]),
            ops=tuple(OpInfo.from_json(entry) for entry in data.get("ops", ())),
            **numbers,
        )


def _count(data: Mapping[str, Any], key: str) -> int:
    value = data[key]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f'"{key}" is {value!r}, not a count')
    return value


@dataclass(frozen=True)
class Metadata:
    """Section `meta.json`, checked against the program beside it.

    `graph`: what the planner planned `schedule` for; None in images that do not say.
    `why_through_ddr`: why the program is not resident, "" where it is or nothing says why.
    """

    model: str
    device: Device
    tiles: int
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    layers: tuple[LayerInfo, ...]
    schedule: Mapping[str, Any]
    graph: Graph | None
    why_through_ddr: str

    @staticmethod
    def of(parts: ImageParts) -> Metadata:
        """The metadata of an image.

        Raises ImageError where a field is missing or malformed, or says another device, other
        tensors or another number of phases than the program.
        """
        data = parts.metadata
        try:
            metadata = Metadata(
                model=str(data["model"]),
                device=devices.load(data["device"]),
                tiles=_count(data, "tiles"),
                inputs=tuple(TensorSpec.from_json(entry) for entry in data["inputs"]),
                outputs=tuple(TensorSpec.from_json(entry) for entry in data["outputs"]),
                layers=tuple(LayerInfo.from_json(entry) for entry in data["layers"]),
                schedule=dict(data["schedule"]),
                graph=Graph.of(data["graph"]) if "graph" in data else None,
                why_through_ddr=str(data.get("why_through_ddr", "")),
            )
        except (AdfcError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ImageError(f"section meta.json: {error}") from error
        metadata._agree(parts)
        return metadata

    @property
    def batch(self) -> int | None:
        """Images of an inference of a pipelined program; None for another one."""
        batch = self.schedule.get("batch")
        return batch if isinstance(batch, int) else None

    def bounds(self) -> dict[str, str]:
        """What bounds each layer (adfc.planner.bounds.layer_bounds); {} where the graph is not
        known, or the schedule is not one for it."""
        if self.graph is None:
            return {}
        try:
            schedule = Schedule.from_json(json.dumps(self.schedule))
            return layer_bounds(self.graph, schedule, self.device)
        except (AdfcError, KeyError):
            return {}

    def _agree(self, parts: ImageParts) -> None:
        program = decode(parts.program)
        phases = sum(i.mnemonic == "phase" for i in program.instructions)
        if not 1 <= self.tiles <= self.device.core_tiles:
            raise ImageError(f"section meta.json: {self.device.name} has no {self.tiles} tiles")
        load = decode(parts.load_program) if parts.load_program else program
        if not self.device.ordinal == program.device == load.device:
            raise ImageError(f"section meta.json: the program is not for {self.device.name}")
        if len(self.layers) != phases:
            raise ImageError(
                f"section meta.json: {len(self.layers)} layers, the program has {phases} phases"
            )
        for specs, tensors in ((self.inputs, parts.io.inputs), (self.outputs, parts.io.outputs)):
            shapes = [(*t.dims[:-1], t.valid) for t in tensors]
            if [spec.array_shape for spec in specs] != shapes:
                raise ImageError("section meta.json: its tensors are not those of section io")
        found = parts.extra.get(boundary.SECTION)
        if found not in (None, boundary.encode_boundary((*self.inputs, *self.outputs))):
            raise ImageError("section meta.json: its tensors are not those of section tensors")
