"""The schedule as data: what the planner decides, what a user may edit, what the passes obey."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adfc.errors import InputError

VERSION = 1


@dataclass(frozen=True)
class LayerSchedule:
    """How one layer is split over cores and time.

    `grid` = (spatial groups, channel groups) of cores; `tile` = (rows, columns, output channels,
    input channels) of one kernel call; `depth` = buffers of the (activation, weights, output)
    windows' rings; `memtiles` = (slabs, joins): over how many memtiles input and output are spread;
    `rounds`: phases that the layer's rows are done in; `cycles`: modelled AIE cycles of one call.
    """

    grid: tuple[int, int]
    tile: tuple[int, int, int, int]
    depth: tuple[int, int, int]
    memtiles: tuple[int, int]
    rounds: int
    cycles: int

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` gives back an equal LayerSchedule."""
        return {
            "grid": list(self.grid),
            "tile": list(self.tile),
            "depth": list(self.depth),
            "memtiles": list(self.memtiles),
            "rounds": self.rounds,
            "cycles": self.cycles,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> LayerSchedule:
        """The schedule that `to_json` described; ValueError or KeyError where it is malformed."""
        gs, gc = _integers(data, "grid", 2)
        rows, columns, out_channels, in_channels = _integers(data, "tile", 4)
        act, weights, out = _integers(data, "depth", 3)
        slabs, joins = _integers(data, "memtiles", 2)
        return LayerSchedule(
            grid=(gs, gc),
            tile=(rows, columns, out_channels, in_channels),
            depth=(act, weights, out),
            memtiles=(slabs, joins),
            rounds=int(data.get("rounds", 1)),
            cycles=int(data["cycles"]),
        )


def _integers(data: Mapping[str, Any], key: str, count: int) -> list[int]:
    values: list[Any] = data[key]
    if len(values) != count or not all(isinstance(v, int) and v > 0 for v in values):
        raise ValueError(f'"{key}" must hold {count} positive whole numbers')
    return values


@dataclass(frozen=True)
class Schedule:
    """Schedules of all layers of a graph, by name, for a number of core tiles of a device."""

    device: str
    tiles: int
    avoid: tuple[tuple[int, int], ...]
    layers: Mapping[str, LayerSchedule]

    def to_json(self) -> str:
        """The schedule file's text, layers in the graph's order."""
        return json.dumps(
            {
                "version": VERSION,
                "device": self.device,
                "tiles": self.tiles,
                "avoid": [list(tile) for tile in self.avoid],
                "layers": {name: layer.to_json() for name, layer in self.layers.items()},
            },
            indent=1,
        )

    @staticmethod
    def from_json(text: str, origin: str = "schedule") -> Schedule:
        """Read a schedule file's text. Raises InputError that names `origin` and the bad layer."""
        name = ""
        try:
            data = json.loads(text)
            if data["version"] != VERSION:
                raise ValueError(f"version {data['version']}, expected {VERSION}")
            layers: dict[str, LayerSchedule] = {}
            for name, layer in data["layers"].items():
                layers[name] = LayerSchedule.from_json(layer)
            return Schedule(
                device=str(data["device"]),
                tiles=int(data["tiles"]),
                avoid=tuple((int(c), int(r)) for c, r in data["avoid"]),
                layers=layers,
            )
        except KeyError as error:
            raise InputError(f"{origin}: {_place(name)}{error} is missing") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise InputError(f"{origin}: {_place(name)}{error}") from error

    @staticmethod
    def load(path: Path) -> Schedule:
        """Read a schedule file. Raises InputError."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"schedule {path} cannot be read: {error}") from error
        return Schedule.from_json(text, str(path))


def _place(layer: str) -> str:
    return f'layer "{layer}": ' if layer else ""
