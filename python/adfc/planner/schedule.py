"""The schedule as data: what the planner decides, what a user may edit, what the passes obey."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from adfc.errors import InputError

VERSION = 1

LAYER_KEYS = (
    "grid",
    "tile",
    "depth",
    "memtiles",
    "rounds",
    "cycles",
    "chained",
    "first",
    "members",
    "later",
    "early",
    "handover",
    "unpadded",
    "stage",
)


@dataclass(frozen=True)
class Stage:
    """Where a pipelined program has a layer. Tiles are (column, row).

    The result leaves in `lanes` streams; a slab of each operand holds as many images as `depths`
    says. `cores`: one for each core of the grid; `joins`: for each of them the memtile that gathers
    what it sends, none where each lane has one core; `slabs`: one for each part of each operand;
    `weights`: one for each group of channels. Through so many memtiles on the way as `relays` says
    an operand comes, each with room for two images; `relay_tiles`: for each part of it in turn.

    With a `cascade` of so many neighbours, `cores` has them for each core of the grid, each with as
    many of the input channels: one hands its sums on over the cascade to the next, and the last
    sends the result. Where sums are in memory, calls of `handover` cycles copy them.

    With `bands`, an image of each operand comes in so many bands of rows, and `depths` counts them;
    without, an image is one. The layers of a `segment` are on the array together; what a later one
    reads goes through DDR. `gathered`: inputs of the network come to each group of rows in a stream
    of its own, window by window, each of which is a band. `paired`: the second of every two cores
    of a lane writes to memory of the first, its southern, western or northern neighbour, which
    sends what both make.
    """

    lanes: int
    depths: tuple[int, ...]
    cores: tuple[tuple[int, int], ...]
    joins: tuple[tuple[int, int], ...]
    slabs: tuple[tuple[int, int], ...]
    weights: tuple[tuple[int, int], ...]
    relays: tuple[int, ...] = ()
    relay_tiles: tuple[tuple[int, int], ...] = ()
    cascade: int = 1
    handover: int = 0
    bands: tuple[int, ...] = ()
    segment: int = 0
    gathered: bool = False
    paired: bool = False

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` gives back an equal Stage."""
        return {
            "lanes": self.lanes,
            "depths": list(self.depths),
            "cores": [list(tile) for tile in self.cores],
            "joins": [list(tile) for tile in self.joins],
            "slabs": [list(tile) for tile in self.slabs],
            "weights": [list(tile) for tile in self.weights],
            **({"relays": list(self.relays)} if self.relays else {}),
            **(
                {"relay_tiles": [list(tile) for tile in self.relay_tiles]}
                if self.relay_tiles
                else {}
            ),
            **({"cascade": self.cascade} if self.cascade > 1 else {}),
            **({"handover": self.handover} if self.handover else {}),
            **({"bands": list(self.bands)} if self.bands else {}),
            **({"segment": self.segment} if self.segment else {}),
            **({"gathered": True} if self.gathered else {}),
            **({"paired": True} if self.paired else {}),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Stage:
        """What `to_json` described; ValueError or KeyError where it is malformed."""
        _check_keys(data, [field.name for field in fields(Stage)])
        return Stage(
            lanes=_integer(data, "lanes"),
            depths=tuple(_integers(data, "depths", len(data["depths"]))),
            cores=tuple(_tile(tile, "cores") for tile in data["cores"]),
            joins=tuple(_tile(tile, "joins") for tile in data["joins"]),
            slabs=tuple(_tile(tile, "slabs") for tile in data["slabs"]),
            weights=tuple(_tile(tile, "weights") for tile in data["weights"]),
            relays=tuple(_count(number) for number in data.get("relays", ())),
            relay_tiles=tuple(_tile(tile, "relay_tiles") for tile in data.get("relay_tiles", ())),
            cascade=_integer(data, "cascade") if "cascade" in data else 1,
            handover=_integer(data, "handover") if "handover" in data else 0,
            bands=tuple(_integers(data, "bands", len(data["depths"]))) if "bands" in data else (),
            segment=_count(data.get("segment", 0)),
            gathered=_flag(data, "gathered"),
            paired=_flag(data, "paired"),
        )


@dataclass(frozen=True)
class LayerSchedule:
    """How one layer is split over cores and time.

    `grid` = (spatial groups, channel groups) of cores; `tile` = (rows, columns, output channels,
    input channels) of one kernel call; `depth` = buffers of the (activation, weights, output)
    windows' rings; `memtiles` = (slabs, joins): over how many memtiles input and output are spread;
    `rounds`: phases that the layer's rows are done in; `cycles`: modelled AIE cycles of one call;
    `chained`: done tile by tile by the cores that compute its operand; `first`: the set of a group
    of rows that has the first channels; `members`: of each set so many cores do the layer, 0: all;
    `later`: cycles of a call for a tile behind another, whose core keeps the rows that windows of
    the chained layer share, 0: it computes all; `early`: tiles that can be done before the layer
    before has ended come first; `handover`: cycles of a call that hands sums on to a neighbour,
    where two cores share the input channels, 0: none do; `unpadded`: the pixels of the input that
    it reads lie without padding (these seven for resident programs, which do not look at depth,
    memtiles and rounds); `stage`: where it is, in a pipelined program.
    """

    grid: tuple[int, int]
    tile: tuple[int, int, int, int]
    depth: tuple[int, int, int]
    memtiles: tuple[int, int]
    rounds: int
    cycles: int
    chained: bool = False
    first: int = 0
    members: int = 0
    later: int = 0
    early: bool = False
    handover: int = 0
    unpadded: bool = False
    stage: Stage | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` gives back an equal LayerSchedule."""
        return {
            "grid": list(self.grid),
            "tile": list(self.tile),
            "depth": list(self.depth),
            "memtiles": list(self.memtiles),
            "rounds": self.rounds,
            "cycles": self.cycles,
            **({"chained": True} if self.chained else {}),
            **({"first": self.first} if self.first else {}),
            **({"members": self.members} if self.members else {}),
            **({"later": self.later} if self.later else {}),
            **({"early": True} if self.early else {}),
            **({"handover": self.handover} if self.handover else {}),
            **({"unpadded": True} if self.unpadded else {}),
            **({"stage": self.stage.to_json()} if self.stage else {}),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> LayerSchedule:
        """The schedule that `to_json` described; ValueError or KeyError where it is malformed."""
        _check_keys(data, LAYER_KEYS)
        gs, gc = _integers(data, "grid", 2)
        rows, columns, out_channels, in_channels = _integers(data, "tile", 4)
        act, weights, out = _integers(data, "depth", 3)
        slabs, joins = _integers(data, "memtiles", 2)
        return LayerSchedule(
            grid=(gs, gc),
            tile=(rows, columns, out_channels, in_channels),
            depth=(act, weights, out),
            memtiles=(slabs, joins),
            rounds=_integer(data, "rounds") if "rounds" in data else 1,
            cycles=_integer(data, "cycles"),
            chained=_flag(data, "chained"),
            first=_integer(data, "first") if "first" in data else 0,
            members=_integer(data, "members") if "members" in data else 0,
            later=_integer(data, "later") if "later" in data else 0,
            early=_flag(data, "early"),
            handover=_integer(data, "handover") if "handover" in data else 0,
            unpadded=_flag(data, "unpadded"),
            stage=Stage.from_json(data["stage"]) if "stage" in data else None,
        )


def _is_whole(value: Any) -> bool:
    """Whether JSON's `value` is a whole number above 0; Python takes true for 1."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError('"relays" must hold whole numbers')
    return value


def _flag(data: Mapping[str, Any], key: str) -> bool:
    value: Any = data.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f'"{key}" must be true or false')
    return value


def _integer(data: Mapping[str, Any], key: str) -> int:
    value: Any = data[key]
    if not _is_whole(value):
        raise ValueError(f'"{key}" must be a positive whole number')
    return value


def _integers(data: Mapping[str, Any], key: str, count: int) -> list[int]:
    values: Any = data[key]
    if not isinstance(values, list) or len(values) != count or not all(map(_is_whole, values)):
        raise ValueError(f'"{key}" must hold {count} positive whole numbers')
    return values


def _tile(value: Any, key: str = "avoid") -> tuple[int, int]:
    """The tile [column, row]; its row is above 0, as row 0 holds the shims."""
    if not isinstance(value, list) or len(value) != 2 or type(value[0]) is not int:
        raise ValueError(f'"{key}" holds {json.dumps(value)}, expected [column, row]')
    column, row = value
    if column < 0 or not _is_whole(row):
        raise ValueError(f'"{key}" holds {json.dumps(value)}, which is no core tile')
    return column, row


def _check_keys(data: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse a key that would be passed over, such as a misspelt one."""
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise ValueError(f'"{unknown[0]}" is unknown; known are {", ".join(known)}')


@dataclass(frozen=True)
class ResidentSchedule:
    """How a program that keeps weights and activations on the array shares the cores' memory.

    `sets` sets of `cores` core tiles each, served by `hubs` memtiles; of every core's memory
    `activations` bytes for each of `buffers` buffers, `weights` = (bytes, count) for a ring of
    weights, `output` bytes for its output. `streamed`: weights come from DDR for each inference,
    instead of staying in memtiles. `divided`: each hub keeps only those rows of a result that its
    sets read.
    `stack`: core tiles of a column that receive the same weights, each for rows of its own.
    `shared`: outputs are gathered in memtiles that weights pass through.
    """

    sets: int
    cores: int
    hubs: int
    activations: int
    weights: tuple[int, int]
    output: int
    streamed: bool = False
    divided: bool = False
    stack: int = 1
    shared: bool = False
    buffers: int = 2

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` gives back an equal ResidentSchedule."""
        return {
            "sets": self.sets,
            "cores": self.cores,
            "hubs": self.hubs,
            "activations": self.activations,
            "weights": list(self.weights),
            "output": self.output,
            **({"streamed": True} if self.streamed else {}),
            **({"divided": True} if self.divided else {}),
            **({"stack": self.stack} if self.stack > 1 else {}),
            **({"shared": True} if self.shared else {}),
            **({"buffers": self.buffers} if self.buffers != 2 else {}),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ResidentSchedule:
        """What `to_json` described; ValueError or KeyError where it is malformed."""
        _check_keys(data, [field.name for field in fields(ResidentSchedule)])
        size, count = _integers(data, "weights", 2)
        return ResidentSchedule(
            sets=_integer(data, "sets"),
            cores=_integer(data, "cores"),
            hubs=_integer(data, "hubs"),
            activations=_integer(data, "activations"),
            weights=(size, count),
            output=_integer(data, "output"),
            streamed=_flag(data, "streamed"),
            divided=_flag(data, "divided"),
            stack=_integer(data, "stack") if "stack" in data else 1,
            shared=_flag(data, "shared"),
            buffers=_integer(data, "buffers") if "buffers" in data else 2,
        )


MOST_BATCH = 256
"""Images of an inference at most: a shim's queue holds four tasks, of which each counts 64 (AM025).
"""


def check_batch(batch: object) -> int:
    """`batch`, images of an inference; ValueError where it is none."""
    if isinstance(batch, int) and _is_whole(batch) and batch <= MOST_BATCH:
        return batch
    raise ValueError(f"batch is {batch}: it must be a whole number from 1 to {MOST_BATCH}")


@dataclass(frozen=True)
class Schedule:
    """Schedules of all layers of a graph, by name, for a number of core tiles of a device.

    With `resident` weights and activations stay on the array; with `batch` an inference is of so
    many images, and each layer has its own tiles (`LayerSchedule.stage`); with neither, layers run
    one after the other through DDR.
    """

    device: str
    tiles: int
    avoid: tuple[tuple[int, int], ...]
    layers: Mapping[str, LayerSchedule]
    resident: ResidentSchedule | None = None
    batch: int | None = None

    @property
    def streams_weights(self) -> bool:
        """Whether tensors stay on the array, but weights come from DDR for each inference."""
        return self.resident is not None and self.resident.streamed

    @property
    def form(self) -> str:
        """In words: where tensors and weights are from layer to layer."""
        if self.batch is not None:
            return f"pipelined: {self.batch} images, each layer on its own tiles"
        if self.resident is None:
            return "layer after layer through DDR"
        if self.resident.streamed:
            return "activations stay on the array, weights come from DDR"
        return "weights and activations stay on the array"

    def to_json(self) -> str:
        """The schedule file's text, layers in the graph's order."""
        return json.dumps(
            {
                "version": VERSION,
                "device": self.device,
                "tiles": self.tiles,
                "avoid": [list(tile) for tile in self.avoid],
                **({"resident": self.resident.to_json()} if self.resident else {}),
                **({"batch": self.batch} if self.batch is not None else {}),
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
            _check_keys(
                data, ("version", "device", "tiles", "avoid", "resident", "batch", "layers")
            )
            device, tiles = str(data["device"]), _integer(data, "tiles")
            avoid = tuple(_tile(tile) for tile in data["avoid"])
            layers: dict[str, LayerSchedule] = {}
            for name, layer in data["layers"].items():
                layers[name] = LayerSchedule.from_json(layer)
            name = next((n for n, layer in layers.items() if layer.stage), "")
            if name and "batch" not in data:
                raise ValueError('"stage" is of a pipelined program: "batch" is missing')
            name, resident = "", data.get("resident")
            if resident is not None and "batch" in data:
                raise ValueError('"resident" and "batch" are of two forms of programs')
            return Schedule(
                device,
                tiles,
                avoid,
                layers,
                ResidentSchedule.from_json(resident) if resident is not None else None,
                check_batch(data["batch"]) if "batch" in data else None,
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
