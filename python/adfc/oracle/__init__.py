"""Independent judges of what a program must compute."""

from __future__ import annotations

from adfc.oracle.reference_model import ReferenceModel, run_reference_model

__all__ = ["ReferenceModel", "run_reference_model"]
