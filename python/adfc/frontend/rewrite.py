"""Rewrites an exported graph into what the operator families know, before anything is checked.

* Assertions about dtype and device, which export has checked, are left out; so are conversions to
  the dtype that a tensor has.
* Views of indices that keep their shape are left out.
* What depends on constants alone is computed.
* scaled_dot_product_attention becomes a product, a masked softmax, and a product.
* The sum of a feature and a constant of its shape becomes one operator.
* softmax of scores that are scaled by a number and masked by a constant becomes a masked softmax.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.fx import Graph, GraphModule, Node

from adfc.frontend.composites import ADD_CONSTANT, MASKED_SOFTMAX
from adfc.frontend.nodes import (
    arguments,
    is_feature,
    is_index_input,
    is_parameter,
    op_name,
    tensor_of,
)

_HIDDEN = -1e3
"""A constant that is added to scores hides them where it is as low, and must be 0 elsewhere."""

_VIEWS = {
    "aten.view.default",
    "aten.reshape.default",
    "aten.to.dtype",
    "aten.contiguous.default",
    "aten.alias.default",
}


def rewrite(model: GraphModule) -> None:
    """Rewrites `model` in place."""
    _drop_what_does_nothing(model)
    _see_indices_as_they_are(model)
    _fold_constants(model)
    for node in list(model.graph.nodes):
        name = op_name(node) if node.op == "call_function" else ""
        if name == "aten.scaled_dot_product_attention.default":
            _Attention(model, node).replace()
    _fold_constants(model)
    for node in list(model.graph.nodes):
        if node.op == "call_function" and op_name(node) == "aten.softmax.int":
            _mask_softmax(model, node)
    model.graph.eliminate_dead_code()
    for node in list(model.graph.nodes):
        if node.op == "call_function" and op_name(node) == "aten.add.Tensor":
            _add_constant(model, node)
    model.graph.eliminate_dead_code()
    model.recompile()


def _drop_what_does_nothing(model: GraphModule) -> None:
    for node in list(model.graph.nodes):
        if op_name(node) == "aten._assert_tensor_metadata.default":
            model.graph.erase_node(node)
        elif op_name(node).startswith(("aten.to.", "aten._to_copy.", "aten.type_as.")):
            source, result = tensor_of(node.args[0]), tensor_of(node)
            if source is not None and result is not None and source.dtype == result.dtype:
                node.replace_all_uses_with(node.args[0])  # type: ignore[arg-type]
                model.graph.erase_node(node)


def _see_indices_as_they_are(model: GraphModule) -> None:
    """Leaves out views of an input of indices that keep its shape, and casts of it."""
    for node in list(model.graph.nodes):
        if node.op != "call_function" or not node.args or not is_index_input(node.args[0]):
            continue
        result = tensor_of(node)
        if result is None or op_name(node) not in _VIEWS or result.dtype.is_floating_point:
            continue
        if tuple(result.shape) == _shape(node.args[0]):
            node.replace_all_uses_with(node.args[0])
            model.graph.erase_node(node)


def _fold_constants(model: GraphModule) -> None:
    for node in list(model.graph.nodes):
        if _is_constant_call(node):
            with torch.no_grad():
                value = _evaluate(model, node)
            if isinstance(value, torch.Tensor):
                node.replace_all_uses_with(_constant(model, node, value))
                model.graph.erase_node(node)


def _is_constant_call(node: Node) -> bool:
    return (
        node.op == "call_function"
        and tensor_of(node) is not None
        and all(is_parameter(source) for source in node.all_input_nodes)
        and "." in op_name(node)  # not the parts of a tuple
        and not op_name(node).split(".")[1].startswith(("rand", "dropout", "bernoulli"))
        and not op_name(node).rstrip("default.").endswith("_")
    )


def _evaluate(model: GraphModule, node: Node) -> Any:
    def value(source: Node) -> Any:
        return _attribute(model, source)

    target: Any = node.target
    return target(*torch.fx.map_arg(node.args, value), **torch.fx.map_arg(node.kwargs, value))


def _attribute(model: GraphModule, node: Node) -> torch.Tensor:
    owner: Any = model
    for part in str(node.target).split("."):
        owner = getattr(owner, part)
    return owner


def _constant(model: GraphModule, like: Node, value: torch.Tensor) -> Node:
    """A node that reads `value`, put before `like`."""
    index = 0
    while hasattr(model, f"folded_constant_{index}"):
        index += 1
    name = f"folded_constant_{index}"
    model.register_buffer(name, value.detach().clone().contiguous())
    with model.graph.inserting_before(like):
        node = model.graph.get_attr(name)
    _describe(node, like, value)
    return node


def _describe(node: Node, origin: Node, value: torch.Tensor) -> None:
    """Where `node` comes from, and what it computes."""
    for key in ("stack_trace", "nn_module_stack"):
        if key in origin.meta:
            node.meta[key] = origin.meta[key]
    fake: Any = tensor_of(origin)
    node.meta["val"] = value
    if not hasattr(value, "fake_mode") and hasattr(fake, "fake_mode"):
        node.meta["val"] = fake.fake_mode.from_tensor(value, static_shapes=True)


class _Attention:
    """The parts of one scaled_dot_product_attention."""

    def __init__(self, model: GraphModule, node: Node) -> None:
        self._model = model
        self._node = node
        self._call = arguments(node)

    def replace(self) -> None:
        """Replaces it, unless something in it is not constant that must be."""
        call = self._call
        query, key, value = call["query"], call["key"], call["value"]
        if not all(is_feature(x) for x in (query, key, value)) or call.get("enable_gqa"):
            return
        mask = call["attn_mask"]
        if mask is not None and not is_parameter(mask) and not is_feature(mask):
            return  # a mask of booleans that is computed at run time
        scale = call["scale"]
        if scale is None:
            scale = 1 / math.sqrt(_shape(query)[-1])
        turned = self._add(torch.ops.aten.transpose.int, key, -2, -1)
        scores = self._add(torch.ops.aten.matmul.default, query, turned)
        keep, offset = self._mask(query, key)
        if offset is not None:
            scores = self._add(torch.ops.aten.mul.Tensor, scores, float(scale))
            scores = self._add(torch.ops.aten.add.Tensor, scores, offset)
            scale = 1.0
        hidden = None if keep is None else _constant(self._model, self._node, keep)
        weights = self._add(MASKED_SOFTMAX, scores, hidden, float(scale))
        result = self._add(torch.ops.aten.matmul.default, weights, value)
        self._node.replace_all_uses_with(result)
        self._model.graph.erase_node(self._node)

    def _mask(self, query: Node, key: Node) -> tuple[torch.Tensor | None, Node | None]:
        """The positions to keep, where some are hidden, and what is added to the scores."""
        mask = self._call["attn_mask"]
        if self._call["is_causal"]:
            return torch.ones(_shape(query)[-2], _shape(key)[-2], dtype=torch.bool).tril(), None
        if mask is None or not is_parameter(mask):
            return None, mask
        values = _attribute(self._model, mask)
        keep = _kept(values)
        if keep is not None:
            return keep, None
        keep = values > _HIDDEN
        offset = _constant(self._model, self._node, torch.where(keep, values, 0.0))
        return (None if keep.all() else keep), offset

    def _add(self, target: Any, *operands: Any) -> Node:
        graph: Graph = self._model.graph
        with graph.inserting_before(self._node):
            node = graph.call_function(target, operands)
        fakes = [tensor_of(x) if isinstance(x, Node) else x for x in operands]
        first: Any = fakes[0]
        with first.fake_mode:
            _describe(node, self._node, target(*fakes))
        return node


def _shape(node: Node) -> tuple[int, ...]:
    tensor = tensor_of(node)
    assert tensor is not None
    return tuple(tensor.shape)


def _kept(mask: torch.Tensor) -> torch.Tensor | None:
    """True where a mask keeps a position; None where it is no mask of 0 and very low numbers."""
    if mask.dtype == torch.bool:
        return mask
    hidden = mask <= _HIDDEN
    return None if (mask[~hidden] != 0).any() else ~hidden


def _mask_softmax(model: GraphModule, node: Node) -> None:
    call = arguments(node)
    source = call["self"]
    last = call["dim"] % len(_shape(source)) == len(_shape(source)) - 1
    if not is_feature(source) or not last or call["dtype"] not in (None, torch.float32):
        return
    scores, keep = _unmasked(model, source)
    scores, scale = _unscaled(scores)
    if keep is None and scale == 1.0:
        return
    mask = None if keep is None else _constant(model, node, keep)
    with model.graph.inserting_before(node):
        fused = model.graph.call_function(MASKED_SOFTMAX, (scores, mask, scale))
    tensor = tensor_of(node)
    assert tensor is not None
    _describe(fused, node, tensor)
    node.replace_all_uses_with(fused)
    model.graph.erase_node(node)


def _add_constant(model: GraphModule, node: Node) -> None:
    call = arguments(node)
    left, right = call["self"], call["other"]
    if is_parameter(left) and is_feature(right):
        left, right = right, left
    if not is_feature(left) or not is_parameter(right) or call["alpha"] != 1:
        return
    # A constant for each channel, or of one number, is another operator's.
    if _shape(left) != _shape(node) or _shape(right)[-2:] != _shape(left)[-2:]:
        return
    with model.graph.inserting_before(node):
        fused = model.graph.call_function(ADD_CONSTANT, (left, right))
    tensor = tensor_of(node)
    assert tensor is not None
    _describe(fused, node, tensor)
    node.replace_all_uses_with(fused)
    model.graph.erase_node(node)


def _unmasked(model: GraphModule, node: Node) -> tuple[Node, torch.Tensor | None]:
    """What a constant mask was applied to, and what it keeps."""
    name = op_name(node) if node.op == "call_function" else ""
    call = arguments(node)
    keep: torch.Tensor | None = None
    if name == "aten.add.Tensor" and is_parameter(call["other"]) and call["alpha"] == 1:
        keep = _kept(_attribute(model, call["other"]))
    elif (
        name == "aten.masked_fill.Scalar"
        and is_parameter(call["mask"])
        and call["value"] <= _HIDDEN
    ):
        keep = ~_attribute(model, call["mask"])
    if keep is None or _shape(call["self"]) != _shape(node):
        return node, None
    return call["self"], keep


def _unscaled(node: Node) -> tuple[Node, float]:
    """What was multiplied with a positive number, and the number."""
    name = op_name(node) if node.op == "call_function" else ""
    if name not in ("aten.mul.Tensor", "aten.div.Tensor"):
        return node, 1.0
    call = arguments(node)
    number = call["other"]
    if not isinstance(number, (int, float)) or not number > 0:
        return node, 1.0
    return call["self"], float(number) if name == "aten.mul.Tensor" else 1 / float(number)
