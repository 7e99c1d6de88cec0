"""What differs between two programs, tile by tile."""

from adfc.diff.describe import describe
from adfc.diff.differ import Difference, differences

__all__ = ["Difference", "describe", "differences"]
