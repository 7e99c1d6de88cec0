"""A host segment: a list of ATen calls as JSON, with constants as arrays, and what runs it.

Values are float32 (or what ATen gives between calls); there is no code in it but the names of
operators, which are looked up in torch.ops.aten and adfc's own composites.
"""

from __future__ import annotations

import importlib
import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.fx import GraphModule, Node

from adfc.errors import ImageError, ModelError
from adfc.frontend.locations import source_of
from adfc.frontend.nodes import is_parameter, op_name
from adfc.pipeline.partition import GETITEM

_NAMESPACES = ("aten", "adfc")
_ATTRIBUTES = ("dtype", "layout", "memory_format")
"""Arguments that are names in torch, by what they are called in JSON."""


@dataclass(frozen=True)
class HostCall:
    """One call; `arguments` and `keywords` are JSON, results of other calls {"value": NAME}."""

    name: str
    target: str
    arguments: Sequence[Any]
    keywords: Mapping[str, Any]


@dataclass(frozen=True)
class HostGraph:
    """A segment of the host's: `constants` by name, `calls` in order."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    constants: Mapping[str, NDArray[Any]]
    calls: tuple[HostCall, ...]

    def run(self, values: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The outputs by name. Raises ImageError where ATen refuses a call."""
        known: dict[str, Any] = {name: values[name] for name in self.inputs}
        known.update((k, torch.from_numpy(v.copy())) for k, v in self.constants.items())
        with torch.no_grad():
            for call in self.calls:
                target = _target(call.target)
                try:
                    known[call.name] = target(
                        *(_decoded(a, known) for a in call.arguments),
                        **{k: _decoded(v, known) for k, v in call.keywords.items()},
                    )
                except (RuntimeError, TypeError, KeyError, IndexError, ValueError) as error:
                    raise ImageError(f"host operator {call.target}: {error}") from error
        return {name: known[name] for name in self.outputs}

    def to_json(self) -> dict[str, Any]:
        """All but the constants' values."""
        return {
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "constants": list(self.constants),
            "calls": [[c.name, c.target, list(c.arguments), dict(c.keywords)] for c in self.calls],
        }

    @staticmethod
    def from_json(data: Mapping[str, Any], constants: Mapping[str, NDArray[Any]]) -> HostGraph:
        """What `to_json` described. Raises ImageError for another object."""
        try:
            calls = tuple(
                HostCall(str(n), str(t), list(a), dict(k)) for n, t, a, k in data["calls"]
            )
            graph = HostGraph(
                tuple(map(str, data["inputs"])), tuple(map(str, data["outputs"])), constants, calls
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ImageError(f"a host segment is damaged: {error}") from error
        for call in calls:
            _target(call.target)
        return graph


def host_graph(model: GraphModule, inputs: Sequence[str], outputs: Sequence[str]) -> HostGraph:
    """The host segment that `model` computes.

    Raises ModelError for operators of other libraries than PyTorch's own.
    """
    constants: dict[str, NDArray[Any]] = {}
    calls: list[HostCall] = []
    for node in model.graph.nodes:
        if is_parameter(node):
            constants[node.name] = _constant(model, node)
        elif node.op == "call_function":
            calls.append(
                HostCall(
                    node.name,
                    _target_name(node),
                    [_encoded(a) for a in node.args],
                    {k: _encoded(v) for k, v in node.kwargs.items()},
                )
            )
    return HostGraph(tuple(inputs), tuple(outputs), constants, tuple(calls))


def _constant(model: GraphModule, node: Node) -> NDArray[Any]:
    value: Any = model
    for part in str(node.target).split("."):
        value = getattr(value, part)
    return value.detach().contiguous().numpy().copy()


def _target_name(node: Node) -> str:
    name = op_name(node)
    if name == GETITEM:
        return "getitem"
    if node.op != "call_function" or name.split(".")[0] not in _NAMESPACES:
        source = source_of(node)
        raise ModelError(
            f"{name} ({source.place or source.label}) is no operator of PyTorch's own",
            hint="the host runs ATen operators only",
        )
    return name


def _target(name: str) -> Any:
    if name == "getitem":
        return operator.getitem
    namespace, _, rest = name.partition(".")
    word, _, overload = rest.partition(".")
    if namespace == "adfc":
        importlib.import_module("adfc.frontend.composites")
    if namespace in _NAMESPACES and word.replace("_", "a").isalnum():
        try:
            return getattr(getattr(getattr(torch.ops, namespace), word), overload)
        except AttributeError:
            pass
    raise ImageError(f"this PyTorch has no operator {name}")


def _encoded(value: Any) -> Any:
    if isinstance(value, Node):
        return {"value": value.name}
    if isinstance(value, (list, tuple)):
        return [_encoded(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, torch.device):
        return {"device": "cpu"}
    for kind in _ATTRIBUTES:
        if isinstance(value, getattr(torch, kind)):
            return {kind: str(value).removeprefix("torch.")}
    raise ModelError(f"a host operator has an argument of type {type(value).__name__}")


def _decoded(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_decoded(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "value":
        return known[content]
    if kind == "float":
        return float(content)
    if kind == "device":
        return torch.device("cpu")
    if kind in _ATTRIBUTES and isinstance(getattr(torch, content, None), getattr(torch, kind)):
        return getattr(torch, content)
    raise ValueError(f"an argument {value}")


def as_tensor(values: NDArray[np.float32]) -> torch.Tensor:
    """A tensor of the array's results."""
    return torch.from_numpy(np.ascontiguousarray(values))
