"""Operators of packages that are made of others: put in their place before anything is checked."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.fx import GraphModule, Node

from adfc.errors import ModelError
from adfc.frontend.nodes import op_name, tensor_of
from adfc.operators.kernel import Composition
from adfc.operators.registry import operator_of, refusal


def inline_compositions(model: GraphModule) -> None:
    """Replaces each call of a composed operator by what it is composed of, in place.

    Calls of packages that have not passed their admission test are left, to be refused. Raises
    ModelError where a composition cannot be traced, or gives another shape than the operator.
    """
    changed = False
    for node in list(model.graph.nodes):
        found = operator_of(op_name(node)) if _may_be_packaged(node) else None
        if found is None or refusal(found[0]) is not None:
            continue
        if isinstance(found[1].kernel, Composition):
            _inline(model, node, found[1].kernel)
            changed = True
    if changed:
        model.graph.eliminate_dead_code()
        model.recompile()


def _may_be_packaged(node: Node) -> bool:
    return node.op == "call_function" and not op_name(node).startswith(("aten.", "adfc."))


class _Composed(nn.Module):
    """The composition as a module of its tensors alone."""

    def __init__(self, composition: Composition, node: Node) -> None:
        super().__init__()
        self._function = composition.function
        self._arguments = node.args
        self._keywords = node.kwargs

    def forward(self, *tensors: torch.Tensor) -> Any:
        values = iter(tensors)

        def fill(value: Any) -> Any:
            return next(values) if isinstance(value, Node) else value

        arguments = [fill(value) for value in self._arguments]
        return self._function(*arguments, **{k: fill(v) for k, v in self._keywords.items()})


def _inline(model: GraphModule, node: Node, composition: Composition) -> None:
    sources = [x for x in (*node.args, *node.kwargs.values()) if isinstance(x, Node)]
    examples = tuple(torch.zeros(_meta(source).shape) for source in sources)
    name = op_name(node).removesuffix(".default")
    try:
        traced = torch.export.export(_Composed(composition, node).eval(), examples)
    except Exception as error:
        raise ModelError(f"the composition of {name} cannot be traced: {error}") from error
    inner = traced.module(check_guards=False)
    known: dict[Node, Any] = {}
    tensors = iter(sources)
    result: Any = None
    for step in inner.graph.nodes:
        if step.op == "placeholder":
            known[step] = next(tensors)
        elif step.op == "output":
            result = known[step.args[0][0]]
        elif step.op == "get_attr":
            raise ModelError(
                f"the composition of {name} holds a tensor",
                hint="let it use its arguments and numbers only",
            )
        else:
            with model.graph.inserting_before(node):
                known[step] = model.graph.node_copy(step, lambda x: known[x])
            known[step].meta = {**step.meta, **_place(node)}
    if _meta(result).shape != _meta(node).shape:
        raise ModelError(f"the composition of {name} makes {tuple(_meta(result).shape)}")
    node.replace_all_uses_with(result)
    model.graph.erase_node(node)


def _place(node: Node) -> dict[str, Any]:
    return {key: node.meta[key] for key in ("stack_trace", "nn_module_stack") if key in node.meta}


def _meta(node: Node) -> torch.Tensor:
    tensor = tensor_of(node)
    assert tensor is not None
    return tensor
