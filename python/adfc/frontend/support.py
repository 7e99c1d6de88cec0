"""Refuses, before any work is done, what cannot be compiled: all of it at once."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import torch
from torch.fx import GraphModule, Node

from adfc.errors import ModelError, UnsupportedOp, UnsupportedOpError
from adfc.frontend.emit.operators import FAMILIES, family_of
from adfc.frontend.emit.registry import Refusal
from adfc.frontend.locations import source_of
from adfc.frontend.nodes import is_index_input, op_name, shape_of, tensor_of

BOUNDARY_RANKS = (2, 3, 4)
"""Ranks of program inputs: (1, K), (1, T, K) or (1, C, L), and (1, C, H, W)."""


def check_supported(model: GraphModule, refused_before: Sequence[UnsupportedOp] = ()) -> None:
    """Raises UnsupportedOpError that lists every operator call that no family takes.

    `refused_before` are calls that are known to be impossible already.
    """
    refused = [*refused_calls(model).values(), *refused_before]
    if refused:
        raise UnsupportedOpError(refused)


def refused_calls(model: GraphModule) -> dict[Node, UnsupportedOp]:
    """Every operator call that no family takes, and why."""
    return {
        node: _describe(node, refusal)
        for node in model.graph.nodes
        if (refusal := _refusal(node)) is not None
    }


def check_inputs(model: GraphModule) -> None:
    """Raises ModelError for an input that is not a static float32 tensor of shape (1, ...)."""
    placeholders = [node for node in model.graph.nodes if node.op == "placeholder"]
    if not placeholders:
        raise ModelError("the model has no tensor input")
    for node in placeholders:
        _check_input(node)


def supported_targets() -> tuple[str, ...]:
    """Names of all ATen operators that some family takes, sorted."""
    return tuple(sorted(target for family in FAMILIES for target in family.targets))


def _refusal(node: Node) -> Refusal | None:
    if node.op in ("placeholder", "get_attr", "output"):
        return None
    if node.op != "call_function":
        return Refusal(f"a call of a {node.op.removeprefix('call_')} cannot be compiled")
    if node.target is operator.getitem:
        return None  # no family gives several results: who does is refused
    family = family_of(node)
    if family is None:
        return Refusal("no kernel computes it", _hint_for(op_name(node)))
    if not isinstance(node.meta.get("val"), torch.Tensor):
        return Refusal("its result is no tensor")
    return family.check(node)


def _hint_for(name: str) -> str:
    """What to do instead of an operator that no family takes."""
    operator = name.split(".")[1] if "." in name else name
    replacements = {
        "softmax": "leave softmax to the host: return the logits",
        "log_softmax": "leave log_softmax to the host: return the logits",
        "gelu": "use ReLU",
        "silu": "use ReLU or ReLU6",
        "hardswish": "use ReLU or ReLU6",
        "leaky_relu": "use ReLU",
        "sigmoid": "leave it to the host, or use ReLU",
        "copy": "do not write to buffers in forward()",
    }
    return replacements.get(operator.rstrip("_"), "rewrite it with supported operators")


def _describe(node: Node, refusal: Refusal) -> UnsupportedOp:
    source = source_of(node)
    return UnsupportedOp(
        op=op_name(node),
        module_path=source.module_path,
        source=source.place,
        reason=refusal.reason,
        hint=refusal.hint,
    )


def _check_input(node: Node) -> None:
    tensor = tensor_of(node)
    if tensor is None:
        raise ModelError(f"input '{node.name}' is no tensor", hint="pass tensors only")
    dynamic = [axis for axis, size in enumerate(tensor.shape) if not isinstance(size, int)]  # type: ignore[unreachable]
    if dynamic:
        raise ModelError(
            f"input '{node.name}' has a dynamic size in axis {dynamic[0]} "
            f"({', '.join(str(size) for size in tensor.shape)})",
            hint="export without dynamic_shapes: a program has fixed shapes",
        )
    if is_index_input(node):
        _check_indices(node)
    elif tensor.dtype != torch.float32:
        raise ModelError(f"input '{node.name}' is {tensor.dtype}, expected torch.float32")
    shape = shape_of(node)
    if len(shape) not in BOUNDARY_RANKS:
        raise ModelError(
            f"input '{node.name}' has shape {shape}",
            hint="use (1, C, H, W), (1, T, K), (1, C, L) or (1, K)",
        )
    if shape[0] != 1:
        raise ModelError(
            f"input '{node.name}' has batch size {shape[0]}", hint="export with a batch of 1"
        )


def _check_indices(node: Node) -> None:
    """Raises ModelError where an integer input is not a row of indices for embeddings alone."""
    if len(shape_of(node)) != 2:
        raise ModelError(f"input '{node.name}' has shape {shape_of(node)}", hint="use (1, T)")
    for user in node.users:
        if op_name(user) != "aten.embedding.default":
            raise ModelError(
                f"input '{node.name}' holds integers that {op_name(user)} reads",
                hint="integers can only be indices of embeddings; pass all else as float32",
            )
