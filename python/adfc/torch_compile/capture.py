"""A graph that dynamo captured, as an exported program with the user's places in it."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.export import ExportedProgram
from torch.fx import GraphModule, Interpreter, Node
from torch.fx.traceback import preserve_node_meta

from adfc.errors import InputError, ModelError
from adfc.frontend.export import first_line

_DYNAMO_ROOT = re.compile(r"^L\['\w+'\]\.?")
_FRAME = re.compile(r'(?=^  File ")', re.MULTILINE)
_CHILD = re.compile(r"\._modules\['([^']*)'\]|\['?([^'\]]*)'?\]")


class _Holder(nn.Module):
    """Runs a graph node by node, so that what is exported from it knows each node's origin."""

    def __init__(self, graph: GraphModule) -> None:
        super().__init__()
        self.graph_module = graph

    def forward(self, *inputs: torch.Tensor) -> Any:
        with preserve_node_meta():
            return Interpreter(self.graph_module).run(*inputs)


def is_static(node: Node, value: Any) -> bool:
    """Whether an input of dynamo's graph is a parameter or buffer of the user's model."""
    marked = "_dynamo_static_input_type" in node.meta.get("tensor_dict", {})
    return isinstance(value, nn.Parameter) or marked


def export_captured(graph: GraphModule, values: Sequence[Any]) -> ExportedProgram:
    """Exports dynamo's graph; parameters and buffers among its inputs become constants.

    Raises InputError for inputs that are no tensors of the CPU, ModelError where the graph cannot
    be exported.
    """
    bound, static = _bind_static(graph, values)
    inputs = tuple(
        _checked(value) for value, fixed in zip(values, static, strict=True) if not fixed
    )
    if not inputs:
        raise ModelError("a graph that torch.compile captured has no input")
    with torch.no_grad():
        try:
            program = torch.export.export(_Holder(bound), inputs)
        except Exception as error:
            raise ModelError(
                f"torch.export cannot capture the graph: {first_line(error)}"
            ) from error
    for node in program.graph.nodes:
        _clean_module_path(node)
        _drop_own_frames(node)
    return program


def _bind_static(graph: GraphModule, values: Sequence[Any]) -> tuple[GraphModule, list[bool]]:
    """A copy of the graph with its static inputs bound, and which inputs those are."""
    bound = GraphModule(graph, copy.deepcopy(graph.graph))
    placeholders = [node for node in bound.graph.nodes if node.op == "placeholder"]
    originals = [node for node in graph.graph.nodes if node.op == "placeholder"]
    static: list[bool] = []
    for node, original, value in zip(placeholders, originals, values, strict=True):
        static.append(is_static(original, value))
        if not static[-1]:
            continue
        name = f"static_{node.name}"
        if isinstance(value, nn.Parameter):  # batch norms are folded into parameters only
            bound.register_parameter(name, nn.Parameter(value.detach(), requires_grad=False))
        else:
            bound.register_buffer(name, value.detach())
        with bound.graph.inserting_before(node):
            attribute = bound.graph.get_attr(name)
        node.replace_all_uses_with(attribute)
        bound.graph.erase_node(node)
    bound.recompile()
    return bound, static


def _checked(value: Any) -> torch.Tensor:
    if not isinstance(value, torch.Tensor):
        raise ModelError(
            f"torch.compile passes a {type(value).__name__} at run time: a dynamic shape or a "
            "Python number",
            hint="compile with dynamic=False, and pass tensors only",
        )
    if value.device.type != "cpu":
        raise InputError(f"an input is on {value.device}", hint="move it to the CPU")
    return value.detach()


def _clean_module_path(node: Node) -> None:
    """Names modules as the user's model does: "layers.0" for "L['self'].layers[0]"."""
    stack: dict[str, tuple[str, Any]] = node.meta.get("nn_module_stack") or {}
    node.meta["nn_module_stack"] = {
        key: (_CHILD.sub(_child, _DYNAMO_ROOT.sub("", path)).strip("."), kind)
        for key, (path, kind) in stack.items()
    }


def _drop_own_frames(node: Node) -> None:
    """This file is no place of the user's."""
    trace = str(node.meta.get("stack_trace") or "")
    frames = [frame for frame in _FRAME.split(trace) if f'File "{__file__}"' not in frame]
    node.meta["stack_trace"] = "".join(frames)


def _child(match: re.Match[str]) -> str:
    return f".{match[1] or match[2]}"
