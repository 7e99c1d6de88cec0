"""Measurements of programs that can be kept and compared."""

from adfc.bench.compare import Change, compare
from adfc.bench.environment import environment
from adfc.bench.measure import FIGURES, Measured, measure

__all__ = ["FIGURES", "Change", "Measured", "compare", "environment", "measure"]
