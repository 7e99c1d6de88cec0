"""Front end: a PyTorch model becomes TOSA 1.0 integer text.

nn.Module | ExportedProgram -> torch.export -> PT2E int8, calibrated -> TOSA text

Names are imported when they are first used: PyTorch and torchao take seconds, and who has TOSA
text or a finished program needs neither.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adfc.frontend.importer import import_model
    from adfc.frontend.load import load_model
    from adfc.frontend.samples import SampleFile
    from adfc.frontend.source import ModelSource, TorchSource, TosaSource
    from adfc.frontend.tosa_model import TosaModel
    from adfc.frontend.tosa_text import parse_tosa, read_tosa
    from adfc.frontend.validate import validate_strict

__all__ = [
    "ModelSource",
    "SampleFile",
    "TorchSource",
    "TosaModel",
    "TosaSource",
    "import_model",
    "load_model",
    "parse_tosa",
    "read_tosa",
    "validate_strict",
]

_MODULES = {
    "ModelSource": "source",
    "SampleFile": "samples",
    "TorchSource": "source",
    "TosaModel": "tosa_model",
    "TosaSource": "source",
    "import_model": "importer",
    "load_model": "load",
    "parse_tosa": "tosa_text",
    "read_tosa": "tosa_text",
    "validate_strict": "validate",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
