"""The MLIR Python bindings of torch-mlir's wheel, as untyped names: they have no stubs."""

from __future__ import annotations

from typing import Any

from torch_mlir import ir as _ir
from torch_mlir.dialects import func as _func
from torch_mlir.dialects import tosa as _tosa

ir: Any = _ir
func: Any = _func
tosa: Any = _tosa
