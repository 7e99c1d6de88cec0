"""What kernels cost on a core, from spec/kernels/*.toml, in typed form.

    from adfc.spec import kernels
    table = kernels.load("aieml")

Standard library only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from adfc.errors import DeviceError
from adfc.spec.paths import spec_folder

SLOTS = ("mac", "load_a", "load_b", "store", "move")
"""Instruction slots of a core that bound a loop; each is issued once a cycle at most."""


@dataclass(frozen=True)
class Slots:
    """Instructions in each slot; of a loop, of a tile of results, of a whole kernel call."""

    mac: float = 0
    load_a: float = 0
    load_b: float = 0
    store: float = 0
    move: float = 0

    def __add__(self, other: Slots) -> Slots:
        return Slots(
            self.mac + other.mac,
            self.load_a + other.load_a,
            self.load_b + other.load_b,
            self.store + other.store,
            self.move + other.move,
        )

    def times(self, factor: float) -> Slots:
        """The slots of `factor` repetitions."""
        return Slots(
            self.mac * factor,
            self.load_a * factor,
            self.load_b * factor,
            self.store * factor,
            self.move * factor,
        )

    @property
    def most(self) -> float:
        """Cycles that the fullest slot takes."""
        return max(self.mac, self.load_a, self.load_b, self.store, self.move)

    @property
    def bound(self) -> str:
        """The fullest slot: "mac", "load", "store" or "move"; the first of these where equal."""
        fullest = self.most
        for name in SLOTS:
            if getattr(self, name) == fullest:
                return name.partition("_")[0]
        raise AssertionError("one slot is the fullest")


@dataclass(frozen=True)
class Elementwise:
    """Slots for 32 outputs: `fixed`, and `per_read` for each value that an output reads."""

    fixed: Slots
    per_read: Slots


@dataclass(frozen=True)
class KernelTable:
    """Instruction-level costs of one architecture's kernels. Latencies in cycles.

    `finish`: what follows the products, for one tile of results, by form. `elementwise`: kernels
    without a matrix product, by kind.
    """

    load_latency: int
    shuffle_latency: int
    move_latency: int
    mac_latency: int
    entry_cycles: int
    unrolled_bundles: int
    banks: int
    bank_bytes: int
    bank_width: int
    block_m: int
    block_n: int
    accumulators: int
    loads_b: int
    load_bytes: int
    shuffles_per_tile: int
    unaligned_loads: int
    finish: Mapping[str, Slots]
    elementwise: Mapping[str, Elementwise]


def _slots(raw: Mapping[str, Any], suffix: str = "") -> Slots:
    return Slots(**{name: raw.get(name + suffix, 0) for name in SLOTS})


@cache
def load(architecture: str, spec: Path | None = None) -> KernelTable:
    """The table of an architecture. Raises DeviceError where there is none."""
    path = (spec or spec_folder()) / "kernels" / f"{architecture}.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DeviceError(f"{path} cannot be read: {error}") from error
    latency, call, banks = raw["latency"], raw["call"], raw["banks"]
    product, window = raw["product"], raw["window"]
    return KernelTable(
        load_latency=latency["load"]["value"],
        shuffle_latency=latency["shuffle"]["value"],
        move_latency=latency["move"]["value"],
        mac_latency=latency["mac"]["value"],
        entry_cycles=call["entry_cycles"]["value"],
        unrolled_bundles=call["unrolled_bundles"]["value"],
        banks=banks["count"]["value"],
        bank_bytes=banks["bytes"]["value"],
        bank_width=banks["width_bytes"]["value"],
        block_m=product["block_m"]["value"],
        block_n=product["block_n"]["value"],
        accumulators=product["accumulators"]["value"],
        loads_b=product["loads_b"]["value"],
        load_bytes=window["load_bytes"]["value"],
        shuffles_per_tile=window["shuffles_per_tile"]["value"],
        unaligned_loads=window["unaligned_loads"]["value"],
        finish={name: _slots(entry) for name, entry in raw["finish"].items()},
        elementwise={
            kind: Elementwise(_slots(entry), _slots(entry, "_per_read"))
            for kind, entry in raw["elementwise"].items()
        },
    )
