"""What a program costs on the array: per layer and in all, in modelled AIE cycles and in bytes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LayerReport:
    """One layer (phase) of a program.

    `macs` are the model's own multiply-accumulates, `modelled_cycles` the phase from its first
    control block to its last wait, `utilisation` = macs / (cycles x tiles x peak MACs per cycle),
    `ddr_bytes` what its shim DMAs read and wrote, `core_bytes` the fullest core tile's data memory.
    """

    name: str
    kind: str
    source: str
    cores: int
    macs: int
    modelled_cycles: int
    utilisation: float
    ddr_bytes: int
    core_bytes: int


@dataclass(frozen=True)
class Report:
    """The whole program; in modelled AIE cycles, control included.

    `control_cycles` were spent on writing registers and polling, `control_cycles_exposed` is the
    part of them during which no core computed and no DMA moved data.
    """

    model: str
    device: str
    tiles: int
    clock_mhz: float
    macs: int
    modelled_cycles: int
    control_cycles: int
    control_cycles_exposed: int
    ddr_bytes: int
    rcb_bytes: int
    weight_bytes: int
    image_bytes: int
    layers: tuple[LayerReport, ...]

    @property
    def milliseconds(self) -> float:
        """Modelled time of one inference at the device's clock."""
        return self.modelled_cycles / self.clock_mhz / 1e3

    def to_json(self) -> dict[str, Any]:
        """The object that `adfc report --json` prints."""
        return {**dataclasses.asdict(self), "modelled_ms": self.milliseconds}
