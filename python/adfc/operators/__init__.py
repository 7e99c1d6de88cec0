"""Operators of one's own: what a package with entry points in group `adfc.operators` is made of.

    from adfc.operators import CKernel, Cost, Elementwise, Operator

    OPERATOR = Operator("acme::leaky", Elementwise(), CKernel.read(HERE / "leaky.c", "leaky"), ...)

docs/write-an-operator.md goes through a whole package.
"""

from __future__ import annotations

from adfc.operators.geometry import Elementwise, Rows, Tiling, Windows
from adfc.operators.kernel import CKernel, Composition, Kernel, MlirKernel
from adfc.operators.library import Extents, LibraryKernel
from adfc.operators.operator import (
    Call,
    Case,
    Cost,
    Integers,
    Levels,
    Operator,
    apply_table,
    table_of,
)
from adfc.operators.trust import untrusted_operators

__all__ = [
    "CKernel",
    "Call",
    "Case",
    "Composition",
    "Cost",
    "Elementwise",
    "Extents",
    "Integers",
    "Kernel",
    "Levels",
    "LibraryKernel",
    "MlirKernel",
    "Operator",
    "Rows",
    "Tiling",
    "Windows",
    "apply_table",
    "table_of",
    "untrusted_operators",
]
