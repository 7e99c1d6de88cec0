"""Compares two programs."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from hashlib import sha256

from adfc.diff.describe import describe
from adfc.explain.facts import tile_name
from adfc.insight.places import Tile
from adfc.program import Program


@dataclass(frozen=True)
class Difference:
    """What differs in one place: a tile, or the program as a whole.

    `lines` begin with "-" for what only the old program has, "+" for what only the new one has,
    and " " for a line that shows where they stand.
    """

    place: str
    lines: tuple[str, ...]


def differences(old: Program, new: Program) -> list[Difference]:
    """What differs between two programs, the program as a whole first, then tile by tile."""
    found = _of(_whole(old), _whole(new), "program")
    before, after = _by_tile(old), _by_tile(new)
    for tile in sorted({*before, *after}):
        holder = old if tile in before else new
        place = tile_name(holder.metadata.device, tile)
        found += _of(before.get(tile, []), after.get(tile, []), place)
    return found


def _by_tile(program: Program) -> dict[Tile, list[str]]:
    parts = program.parts
    return describe(program.replay, parts.kernels, parts.metadata.get("kernels", []))


def _of(old: list[str], new: list[str], place: str) -> list[Difference]:
    if old == new:
        return []
    lines: list[str] = []
    heading = ""
    for line in difflib.ndiff(old, new):
        mark, text = line[:1], line[2:]
        if mark == "?":
            continue
        if mark == " " and text.startswith(("layer ", "before the ")):
            heading = text
        elif mark in "+-":
            if heading:
                lines.append(f"  {heading}")
                heading = ""
            lines.append(f"{mark} {text}")
    return [Difference(place, tuple(lines))]


def _whole(program: Program) -> list[str]:
    """The program as a whole: device, layers, kernels, sizes."""
    parts = program.parts
    layers = (f"layer {x.name}: {x.kind}, {x.cores} cores, {x.macs} MACs" for x in program.layers)
    kernels = (f"kernel {k.name}, buffers {', '.join(map(str, k.buffers))}" for k in parts.kernels)
    return [
        f"model {program.name} on {program.tiles} tiles of {program.device}",
        f"control program {len(parts.program)} bytes",
        f"load program {len(parts.load_program)} bytes",
        f"core programs {len(parts.core_programs)} bytes",
        f"weights {len(parts.weights)} bytes, SHA-256 {sha256(parts.weights).hexdigest()[:12]}",
        f"arena {parts.io.arena_bytes} bytes",
        *layers,
        *kernels,
    ]
