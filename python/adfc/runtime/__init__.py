"""Running program images on an emulated array (libadfc_runtime)."""

from adfc.runtime.events import (
    LOAD_MARK,
    MAX_EVENTS,
    Control,
    EventKind,
    EventLock,
    Events,
    Role,
    Who,
)
from adfc.runtime.faults import Fault, FaultKind
from adfc.runtime.native import NativeProgram
from adfc.runtime.program import (
    Bound,
    Bounds,
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
    "LOAD_MARK",
    "MAX_EVENTS",
    "Bound",
    "Bounds",
    "Control",
    "Core",
    "Cost",
    "EventKind",
    "EventLock",
    "Events",
    "Fault",
    "FaultKind",
    "LoadedProgram",
    "NativeProgram",
    "Phase",
    "Role",
    "Run",
    "Timestamp",
    "Who",
    "supported_isas",
    "verify",
]
