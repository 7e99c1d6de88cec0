"""adfc: compiles PyTorch models to OS-free programs for AMD's AIE-ML array, and runs them.

program = adfc.compile(module, (example,))
program.save("m.rimfs")
output = adfc.Program.load("m.rimfs").run(example.numpy())
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adfc.api import compile, compile_with_host
    from adfc.frontend.quantizer import Int8Quantizer
    from adfc.pipeline.pipeline import Pipeline
    from adfc.program import Program
    from adfc.session import Session

__version__ = "0.1.0"
__all__ = [
    "Int8Quantizer",
    "Pipeline",
    "Program",
    "Session",
    "__version__",
    "compile",
    "compile_with_host",
]

_HOMES = {
    "compile": "adfc.api",
    "compile_with_host": "adfc.api",
    "Pipeline": "adfc.pipeline.pipeline",
    "Int8Quantizer": "adfc.frontend.quantizer",
    "Program": "adfc.program",
    "Session": "adfc.session",
}


def __getattr__(name: str) -> Any:
    """Import what costs time (torch, the compiler's library) on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'adfc' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """What there is, imported already or not: for completion in a shell."""
    return sorted({*globals(), *__all__})
