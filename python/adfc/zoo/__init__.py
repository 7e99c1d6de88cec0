"""Models that adfc brings along, by name."""

from __future__ import annotations

from adfc.zoo.model import Evaluation, Sample, ZooModel
from adfc.zoo.registry import get, names

__all__ = ["Evaluation", "Sample", "ZooModel", "get", "names"]
