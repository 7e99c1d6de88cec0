"""Bytes that a processor needs to play programs: the engine's own, and those of the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adfc.errors import ToolError
from adfc.footprint.measure import LIMITS, STACK_LIMIT, measure


@dataclass(frozen=True)
class EngineMemory:
    """What engine, verifier and image access take on `processor`, in bytes.

    `measured`: from code compiled just now; else the limits that the project's tests hold
    (`tables` is then not known). Variables and heap are RAM that is never given back, `stack` the
    deepest chain of calls without the backend's.
    """

    processor: str
    measured: bool
    code: int
    tables: int | None
    variables: int
    heap: int
    stack: int

    @property
    def ram(self) -> int:
        """RAM at most, in bytes."""
        return self.variables + self.heap + self.stack

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "processor": self.processor,
            "measured": self.measured,
            "code_bytes": self.code,
            "table_bytes": self.tables,
            "variable_bytes": self.variables,
            "heap_bytes": self.heap,
            "stack_bytes": self.stack,
            "ram_bytes": self.ram,
        }


def engine_memory(processor: str) -> EngineMemory:
    """Compile the engine for `processor` (of adfc.footprint.measure.TARGETS) and measure it.

    Without clang and LLVM's tools the limits are told instead.
    """
    try:
        made = measure(processor)
    except ToolError:
        return EngineMemory(processor, False, LIMITS[processor], None, 0, 0, STACK_LIMIT)
    code = made.text + made.ddr_check
    return EngineMemory(processor, True, code, made.tables, made.data, 0, made.stack)
