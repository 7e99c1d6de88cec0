"""The operations of the dialect adf at the tiled level, as generated from dialects/ADF."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from adfc._native._adfc import Attribute, Context
from adfc._native.ir import register_attribute_builder

_operations: Any = import_module("adfc._native.dialects._adf_ops_gen")
_enumerations: Any = import_module("adfc._native.dialects._adf_enum_gen")

AcquireOp: Any = _operations.AcquireOp
AdvanceOp: Any = _operations.AdvanceOp
BDOp: Any = _operations.BDOp
BufferOp: Any = _operations.BufferOp
CallOp: Any = _operations.CallOp
CascadeOp: Any = _operations.CascadeOp
CoreOp: Any = _operations.CoreOp
DDROp: Any = _operations.DDROp
DMAOp: Any = _operations.DMAOp
KernelDefOp: Any = _operations.KernelDefOp
LoopOp: Any = _operations.LoopOp
PhaseOp: Any = _operations.PhaseOp
ProgramOp: Any = _operations.ProgramOp
ReleaseOp: Any = _operations.ReleaseOp
StreamOp: Any = _operations.StreamOp
TileOp: Any = _operations.TileOp
WindowOp: Any = _operations.WindowOp

BufferKind: Any = _enumerations.BufferKind
LockKind: Any = _enumerations.LockKind
Direction: Any = _enumerations.Direction
TileKind: Any = _enumerations.TileKind


@register_attribute_builder("ADF_AcquireAttr")
def _acquire(lock: int, context: Context) -> Attribute:
    """One of a window's locks: waits until it is at least 1, and takes 1."""
    return Attribute.acquire(context, int(lock), False, 1)


@register_attribute_builder("ADF_ReleaseAttr")
def _release(lock: int, context: Context) -> Attribute:
    """One of a window's locks: adds 1."""
    return Attribute.release(context, int(lock), 1)
