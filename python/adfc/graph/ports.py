"""What kernels take: the arguments of their C++ function, in its order."""

from __future__ import annotations

from dataclasses import dataclass

from adfc.ckernel import ARRAY, SCALAR, SCRATCH, Argument, dtype
from adfc.errors import InputError

MAX_DEPTH = 63
"""Buffers of a window: what its locks count to (AM025)."""


@dataclass(frozen=True)
class PortType:
    """An argument, and how its buffers are kept.

    `margin` values of a window come again from the call before; they stand in front of the
    `argument.count - margin` new ones. `depth` buffers take turns.
    """

    argument: Argument
    margin: int = 0
    depth: int = 2

    @property
    def fresh(self) -> int:
        """New values in each call."""
        return self.argument.count - self.margin


def input_window(kind: str, samples: int, *, margin: int = 0, depth: int = 2) -> PortType:
    """`input_window<KIND> *`: a call reads `samples` values, and `margin` before them again.

    Raises InputError for an unknown type or impossible numbers, as all of these functions do.
    """
    return _port("input_window", kind, samples + margin, margin=margin, depth=depth)


def output_window(kind: str, samples: int, *, depth: int = 2) -> PortType:
    """`output_window<KIND> *`: a call writes `samples` values."""
    return _port("output_window", kind, samples, depth=depth)


def input_stream(kind: str, samples: int, *, depth: int = 2) -> PortType:
    """`input_stream<KIND> *`: a call reads `samples` values, one after the other."""
    return _port("input_stream", kind, samples, depth=depth)


def output_stream(kind: str, samples: int, *, depth: int = 2) -> PortType:
    """`output_stream<KIND> *`: a call writes `samples` values, one after the other."""
    return _port("output_stream", kind, samples, depth=depth)


def input_cascade(kind: str, samples: int) -> PortType:
    """`input_cascade<KIND> *`: a call takes `samples` values from its neighbour's call."""
    return _port("input_cascade", kind, samples)


def output_cascade(kind: str, samples: int) -> PortType:
    """`output_cascade<KIND> *`: a call gives `samples` values to its neighbour's call."""
    return _port("output_cascade", kind, samples)


def parameter(kind: str, count: int | None = None) -> PortType:
    """A run-time parameter: `KIND` or, with a count, `const KIND (&)[COUNT]`; one for a run."""
    form = SCALAR if count is None else ARRAY
    return _port(form, kind, 1 if count is None else count, depth=1)


def scratch(kind: str, count: int) -> PortType:
    """`KIND (&)[COUNT]`: memory for a call to work in; what was in it before is not defined."""
    return _port(SCRATCH, kind, count, depth=1)


def _port(form: str, kind: str, count: int, *, margin: int = 0, depth: int = 2) -> PortType:
    argument = Argument(form, dtype(kind), count)
    if count - margin < 1 or margin < 0:
        raise InputError(f"{form} of {count - margin} values and a margin of {margin}")
    if not 1 <= depth <= MAX_DEPTH:
        raise InputError(f"{form} of depth {depth}", hint=f"use 1 to {MAX_DEPTH}")
    if form not in (SCALAR, ARRAY, SCRATCH) and count * argument.dtype.bytes % 4:
        raise InputError(
            f"{form} of {count} x {kind} takes {count * argument.dtype.bytes} bytes",
            hint="the array moves words of 4 bytes",
        )
    if form.endswith("_cascade") and argument.bytes % 64:
        raise InputError(
            f"{form} of {count} x {kind} takes {argument.bytes} bytes",
            hint="the cascade is 512 bits wide: use a multiple of 64 bytes",
        )
    return PortType(argument, margin, depth)
