"""What a user can choose about a compilation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CompileOptions:
    """Options of one compilation; the command line and `adfc.compile` share them.

    `tiles` is the number of core tiles that may be used (None: 28, or all that a smaller device
    has), `avoid_tiles` lists (column, row) pairs of tiles that must not be. `schedule` names a
    schedule file that replaces the planner's choice; it says its own tiles. `resident`: whether
    activations stay on the array, and weights where they fit (None: where that is faster).
    `batch`: a pipelined program, of which an inference is of so many images.
    `cache`: use the user's cache of kernel code (adfc.driver.kernel_cache), which changes no byte
    of an image.
    """

    device: str = "ve2802"
    tiles: int | None = None
    avoid_tiles: tuple[tuple[int, int], ...] = ()
    schedule: Path | None = None
    cache: bool = True
    resident: bool | None = None
    batch: int | None = None
