"""Whether a model fits a device, told before kernels are compiled and an image is written."""

from adfc.fit.engine import EngineMemory, engine_memory
from adfc.fit.judge import Fit, judge
from adfc.fit.remedies import Remedy
from adfc.fit.usage import Resource, TileUsage, fullest, tile_usage

__all__ = [
    "EngineMemory",
    "Fit",
    "Remedy",
    "Resource",
    "TileUsage",
    "engine_memory",
    "fullest",
    "judge",
    "tile_usage",
]
