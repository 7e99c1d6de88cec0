"""adfc: compiles PyTorch models to OS-free programs for AMD's AIE-ML array."""

from __future__ import annotations

__version__ = "0.1.0"
