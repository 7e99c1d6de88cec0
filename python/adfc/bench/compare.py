"""Two records of `adfc bench --json`: what got worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adfc.bench.measure import FIGURES
from adfc.errors import InputError

CONVERSION = ("accuracy", "agreement", "sqnr_db", "cosine")
"""Of a conversion: figures of which more is better."""


@dataclass(frozen=True)
class Change:
    """A figure of one program that differs between two records; `worse` by more than allowed."""

    program: str
    figure: str
    old: float
    new: float
    worse: bool

    @property
    def relative(self) -> float:
        """(new - old) / old."""
        return (self.new - self.old) / self.old if self.old else float("inf")


def compare(old: Mapping[str, Any], new: Mapping[str, Any], tolerance: float = 0.0) -> list[Change]:
    """What differs between two records, programs that both have, figure by figure.

    A figure of FIGURES is worse where it grew by more than `tolerance` (a part of 1), one of
    CONVERSION where it fell by more; a program is where it is not deterministic any more, or gone.
    Figures that only one record has, and wall times, are not judged: machines differ.
    Raises InputError for what is no record, and for two that have no program in common.
    """
    before, after = _programs(old, "old"), _programs(new, "new")
    common = [key for key in before if key in after]
    if not common:
        raise InputError("the two records have no program in common")
    changes = [Change(key, "gone", 1, 0, True) for key in before if key not in after]
    for key in common:
        changes += _differences(key, before[key], after[key], tolerance)
    return changes


def _differences(
    key: str, old: Mapping[str, Any], new: Mapping[str, Any], tolerance: float
) -> list[Change]:
    changes: list[Change] = []
    for name in FIGURES:
        if name not in old["figures"] or name not in new["figures"]:
            continue
        was, is_now = float(old["figures"][name]), float(new["figures"][name])
        if was != is_now:
            changes.append(Change(key, name, was, is_now, is_now > was * (1 + tolerance)))
    for layer, figures in old["layers"].items():
        was, is_now = _cycles(figures), _cycles(new["layers"].get(layer, figures))
        if was != is_now:
            changes.append(Change(key, f"layer {layer}", was, is_now, False))
    changes += _conversion(key, old.get("conversion"), new.get("conversion"), tolerance)
    if old["deterministic"] and not new["deterministic"]:
        changes.append(Change(key, "deterministic", 1, 0, True))
    return changes


def _cycles(layer: Any) -> float:
    """Of a layer's figures, or the cycles alone, as in records before layers had more."""
    return float(layer["cycles"] if isinstance(layer, Mapping) else layer)


def _conversion(key: str, old: Any, new: Any, tolerance: float) -> list[Change]:
    """Accuracy and error, where both records have them of as many samples."""
    if not old or not new or old["samples"] != new["samples"]:
        return []
    changes: list[Change] = []
    for name in CONVERSION:
        was, is_now = old.get(name), new.get(name)
        if was is None or is_now is None or was == is_now:
            continue
        worse = is_now < was - tolerance * abs(was)
        changes.append(Change(key, name, float(was), float(is_now), worse))
    return changes


def _programs(record: Mapping[str, Any], which: str) -> dict[str, Mapping[str, Any]]:
    try:
        found: dict[str, Mapping[str, Any]] = {}
        for entry in record["programs"]:
            key = f"{entry['model']} on {entry['tiles']} tiles of {entry['device']}"
            if "modelled_cycles" not in entry["figures"]:
                raise KeyError("modelled_cycles")
            for figures in entry["layers"].values():
                _cycles(figures)
            found[key] = {"deterministic": True, **entry}
        return found
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(
            f"the {which} file is no record of adfc bench: {error}",
            hint="make one with adfc bench MODEL --json > FILE",
        ) from error
