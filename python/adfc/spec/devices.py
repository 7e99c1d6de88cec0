"""The devices of spec/devices/*.toml in typed form.

    from adfc.spec import devices
    device = devices.load("ve2802")

What the register map of the device's architecture says (channels, buffer descriptors, locks, switch
ports) is taken from there: each fact stands once. Standard library only.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adfc.errors import DeviceError
from adfc.spec import registers
from adfc.spec.paths import spec_folder
from adfc.spec.registers import RegisterMap, TileRegisters
from adfc.suggest import did_you_mean


@dataclass(frozen=True)
class TileKind:
    """One kind of tile. Sizes in bytes; *_bits: widths of buffer descriptor fields.

    dimensions: address dimensions without the iteration. masters, slaves: stream switch ports by
    port type (CORE, DMA, SOUTH, WEST, NORTH, EAST, ...) -> count.
    """

    kind: str
    data_bytes: int
    program_bytes: int
    banks: int
    locks: int
    bds: int
    bd_words: int
    s2mm_channels: int
    mm2s_channels: int
    dimensions: int
    length_bits: int
    step_bits: int
    wrap_bits: int
    iteration_wrap_bits: int
    repeat_bits: int
    pad_bits: tuple[int, int, int]
    masters: dict[str, int]
    slaves: dict[str, int]


@dataclass(frozen=True)
class Constant:
    """A timing constant and where it comes from."""

    value: int
    source: str


@dataclass(frozen=True)
class MacRate:
    """Multiply-accumulates a cycle and core, and the native matrix shape (M, K, N)."""

    macs: int
    shape: tuple[int, int, int]


@dataclass(frozen=True)
class Device:
    """One array. Rows count from the shim row, 0; a row range is (first row, number of rows)."""

    name: str
    ordinal: int
    title: str
    architecture: str
    columns: int
    rows: int
    mem_rows: tuple[int, int]
    core_rows: tuple[int, int]
    noc_columns: tuple[int, ...]
    core: TileKind
    mem: TileKind
    shim: TileKind
    macs: dict[str, MacRate]
    load_bytes: int
    store_bytes: int
    timing: dict[str, Constant]

    @property
    def core_tiles(self) -> int:
        """How many core tiles the array has."""
        return self.columns * self.core_rows[1]

    @property
    def clock_mhz(self) -> int:
        """The array's clock in MHz."""
        return self.timing["clock_mhz"].value

    def kind(self, row: int) -> str:
        """ "shim", "mem" or "core": what the tiles of that row are."""
        if row == 0:
            return "shim"
        first, count = self.mem_rows
        return "mem" if first <= row < first + count else "core"

    def tile(self, row: int) -> TileKind:
        """The kind of the tiles of that row."""
        return {"core": self.core, "mem": self.mem, "shim": self.shim}[self.kind(row)]

    def cycles(self, name: str) -> int:
        """A timing constant by its name in the file, such as `lock_cycles`."""
        return self.timing[name].value


def _tile_kind(tile: TileRegisters, data: int, program: int, banks: int) -> TileKind:
    bd = tile.register("DMA_BD")
    widths = {field.name: field.width for field in bd.fields}
    dimensions = max(d for d in range(4) if f"D{d}_STEPSIZE" in widths) + 1
    return TileKind(
        kind=tile.kind,
        data_bytes=data,
        program_bytes=program,
        banks=banks,
        locks=tile.register("LOCK").count,
        bds=bd.count,
        bd_words=bd.words,
        s2mm_channels=tile.register("DMA_S2MM_QUEUE").count,
        mm2s_channels=tile.register("DMA_MM2S_QUEUE").count,
        dimensions=dimensions,
        length_bits=widths["BUFFER_LENGTH"],
        step_bits=widths["D0_STEPSIZE"],
        wrap_bits=widths["D0_WRAP"],
        iteration_wrap_bits=widths["ITERATION_WRAP"],
        repeat_bits=tile.register("DMA_MM2S_QUEUE").field("REPEAT_COUNT").width,
        pad_bits=(
            widths.get("D0_ZERO_BEFORE", 0),
            widths.get("D1_ZERO_BEFORE", 0),
            widths.get("D2_ZERO_BEFORE", 0),
        ),
        masters={t: tile.masters.count(t) for t in registers.PORT_TYPES},
        slaves={t: tile.slaves.count(t) for t in registers.PORT_TYPES},
    )


def _device(raw: dict[str, Any], regs: RegisterMap) -> Device:
    geometry, memory, compute = raw["geometry"], raw["memory"], raw["compute"]
    mem_first, mem_count = geometry["mem_rows"]
    core_first, core_count = geometry["core_rows"]
    if mem_first != 1 or core_first != 1 + mem_count or core_first + core_count != geometry["rows"]:
        raise DeviceError(f"device {raw['name']}: shim, memtile and core rows do not fill the rows")
    return Device(
        name=raw["name"],
        ordinal=raw["ordinal"],
        title=raw["title"],
        architecture=raw["architecture"],
        columns=geometry["columns"],
        rows=geometry["rows"],
        mem_rows=(mem_first, mem_count),
        core_rows=(core_first, core_count),
        noc_columns=tuple(geometry["noc_columns"]),
        core=_tile_kind(
            regs.tiles["core"],
            memory["core_data_bytes"],
            memory["core_program_bytes"],
            memory["core_banks"],
        ),
        mem=_tile_kind(regs.tiles["mem"], memory["mem_data_bytes"], 0, memory["mem_banks"]),
        shim=_tile_kind(regs.tiles["shim"], 0, 0, 0),
        macs={
            name: MacRate(rate["macs"], (rate["shape"][0], rate["shape"][1], rate["shape"][2]))
            for name, rate in compute.items()
            if isinstance(rate, dict)
        },
        load_bytes=compute["load_bytes"],
        store_bytes=compute["store_bytes"],
        timing={name: Constant(c["value"], c["source"]) for name, c in raw["timing"].items()},
    )


def names(spec: Path | None = None) -> tuple[str, ...]:
    """The names of all devices, by their ordinals."""
    return tuple(device.name for device in load_all(spec))


def load_all(spec: Path | None = None) -> tuple[Device, ...]:
    """All devices, by their ordinals."""
    folder = spec or spec_folder()
    devices: list[Device] = []
    for path in sorted((folder / "devices").glob("*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        devices.append(_device(raw, registers.load(folder, raw["architecture"])))
    devices.sort(key=lambda d: d.ordinal)
    if len({d.ordinal for d in devices}) != len(devices):
        raise DeviceError("two devices of spec/devices have the same ordinal")
    return tuple(devices)


def load(name: str, spec: Path | None = None) -> Device:
    """The device of that name; DeviceError where there is none."""
    devices = load_all(spec)
    for device in devices:
        if device.name == name:
            return device
    known = ", ".join(device.name for device in devices)
    raise DeviceError(
        f"unknown device {name!r}", hint=did_you_mean(name, names(spec), f"known are {known}")
    )
