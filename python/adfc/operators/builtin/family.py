"""A family of built-in operators, described as in a package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adfc.operators.operator import Operator


@dataclass(frozen=True)
class Family:
    """Operators that belong together. `documentation` is the docstring of the folder's module."""

    name: str
    operators: tuple[Operator, ...]
    documentation: str
    folder: Path
