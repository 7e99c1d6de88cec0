"""The deepest chain of calls, from what the compiler says of frames and calls."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from adfc.errors import ToolError

_FRAME = re.compile(r"^[^:]+:(?:\d+:)*(\w+)\t(\d+)\t(\S+)", re.MULTILINE)
_DEFINITION = re.compile(r"^define (internal )?.*?@(\w+)\(.*?^\}", re.MULTILINE | re.DOTALL)
_CALL = re.compile(r"\bcall\b[^@\n]*@([\w.]+)\(")
_INDIRECT = re.compile(r"\bcall\b[^@\n]*%[\w.]+\(")

Function = tuple[str, str]
"""Its file for a static function, else ""; its name."""


def deepest_stack(objects: Sequence[Path]) -> int:
    """Bytes of the deepest chain of frames; callees outside of the objects count 0.

    NAME.su and NAME.ll lie beside each NAME.o. Raises ToolError for recursion, for calls through
    pointers and for frames without a fixed size: then no bound is known.
    """
    frames: dict[Function, int] = {}
    calls: dict[Function, set[Function]] = {}
    for path in objects:
        _read(path, frames, calls)
    return _deepest(frames, calls)


def _read(path: Path, frames: dict[Function, int], calls: dict[Function, set[Function]]) -> None:
    text = path.with_suffix(".ll").read_text()
    bodies = {match[2]: match for match in _DEFINITION.finditer(text)}
    static = {name for name, match in bodies.items() if match[1]}

    def key(name: str) -> Function:
        return (path.stem if name in static else "", name)

    for name, match in bodies.items():
        if _INDIRECT.search(match[0]):
            raise ToolError(f"{path.stem}.c: {name} calls through a pointer")
        calls[key(name)] = {key(callee) for callee in _CALL.findall(match[0])}
    for name, size, kind in _FRAME.findall(path.with_suffix(".su").read_text()):
        if kind != "static":
            raise ToolError(f"{path.stem}.c: the frame of {name} is {kind}")
        frames[key(name)] = int(size)


def _deepest(frames: Mapping[Function, int], calls: Mapping[Function, set[Function]]) -> int:
    open_calls: list[Function] = []

    @cache
    def depth(function: Function) -> int:
        if function in open_calls:
            raise ToolError(f"{function[1]} calls itself")
        open_calls.append(function)
        below = max((depth(callee) for callee in calls.get(function, ())), default=0)
        open_calls.pop()
        return frames.get(function, 0) + below

    return max(depth(function) for function in frames)
