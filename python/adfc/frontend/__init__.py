"""Front end: a PyTorch model becomes TOSA 1.0 integer text.

nn.Module | ExportedProgram -> torch.export -> PT2E int8, calibrated -> TOSA text
"""

from __future__ import annotations

from adfc.frontend.importer import import_model
from adfc.frontend.tosa_model import TosaModel

__all__ = ["TosaModel", "import_model"]
