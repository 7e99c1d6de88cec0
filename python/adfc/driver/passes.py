"""The whole compiler on one screen: every pass, in the order in which it runs.

The front end (`adfc.frontend`) hands TOSA text to `FUSE`; `adfc.planner` reads what `FUSE` made and
writes the schedule; `ARRAY` obeys it; `CONTROL` flattens the placed array to control blocks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """A named run of passes. `level` is the name of the IR that it leaves (`--emit LEVEL`)."""

    level: str
    passes: tuple[str, ...]

    @property
    def pipeline(self) -> str:
        """The stage as MLIR's textual pipeline."""
        return f"builtin.module({','.join(self.passes)})"


FUSE = Stage("adf", ("convert-tosa-to-adf", "canonicalize", "cse", "adf-legalize-views"))
ARRAY = Stage(
    "placed",
    ("adf-tile", "adf-place", "adf-route", "adf-allocate", "adf-verify-placed"),
)
CONTROL = Stage("rcb", ("convert-adf-to-rcb", "rcb-simplify"))
NATIVE = Stage("llvm", ("convert-rcb-to-llvm",))

LEVELS = ("tosa", FUSE.level, ARRAY.level, CONTROL.level, NATIVE.level)
"""What `adfc compile --emit` accepts, from the top of the pipeline down."""
