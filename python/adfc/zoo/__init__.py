"""Models that adfc brings along, by name."""

from __future__ import annotations

from adfc.zoo.model import Evaluation, Sample, ZooModel
from adfc.zoo.registry import get, names
from adfc.zoo.weights import load_state_dict

__all__ = ["Evaluation", "Sample", "ZooModel", "get", "load_state_dict", "names"]
