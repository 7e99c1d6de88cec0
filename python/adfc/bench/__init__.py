"""Measurements of programs that can be kept and compared."""

from adfc.bench.compare import Change, compare
from adfc.bench.conversion import Conversion, Expected, measure_conversion
from adfc.bench.data import OWN, Data, load_data
from adfc.bench.environment import environment
from adfc.bench.measure import FIGURES, LayerFigures, Measured, measure

__all__ = [
    "FIGURES",
    "OWN",
    "Change",
    "Conversion",
    "Data",
    "Expected",
    "LayerFigures",
    "Measured",
    "compare",
    "environment",
    "load_data",
    "measure",
    "measure_conversion",
]
