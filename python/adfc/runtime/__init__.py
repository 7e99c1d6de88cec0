"""Running program images on an emulated array (libadfc_runtime)."""

from adfc.runtime.faults import Fault, FaultKind
from adfc.runtime.native import NativeProgram
from adfc.runtime.program import (
    Core,
    Cost,
    LoadedProgram,
    Phase,
    Run,
    Timestamp,
    supported_isas,
    verify,
)

__all__ = [
    "Core",
    "Cost",
    "Fault",
    "FaultKind",
    "LoadedProgram",
    "NativeProgram",
    "Phase",
    "Run",
    "Timestamp",
    "supported_isas",
    "verify",
]
