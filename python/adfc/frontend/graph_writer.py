"""New nodes in an exported graph, with the metadata of the one whose place they take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.fx import GraphModule, Node
from torch.fx.node import map_arg

from adfc.frontend.nodes import arguments


class GraphWriter:
    """Makes nodes in front of one node, with its metadata."""

    def __init__(self, model: GraphModule, node: Node) -> None:
        self.model, self.node = model, node

    def call(self, target: Any, *args: Any, **kwargs: Any) -> Node:
        """A new call, with the tensor that it gives."""
        with self.model.graph.inserting_before(self.node):
            made = self.model.graph.call_function(target, args, kwargs)
        made.meta = dict(self.node.meta)
        fakes, named = map_arg((args, kwargs), lambda operand: operand.meta["val"])
        made.meta["val"] = target(*fakes, **named)
        if kwargs:
            # By position: torchao prints the parts of lists that are given by name.
            made.args, made.kwargs = tuple(arguments(made).values()), {}
        return made

    def joined(self, parts: Sequence[Node], axis: int) -> Node:
        """The parts behind each other along `axis`."""
        if len(parts) == 1:
            return parts[0]
        return self.call(torch.ops.aten.cat.default, list(parts), axis)

    def value(self, node: Node) -> torch.Tensor:
        """The tensor that a constant's node reads."""
        value: Any = self.model
        for part in str(node.target).split("."):
            value = getattr(value, part)
        return value.detach()

    def parameter(self, node: Node, change: Callable[[torch.Tensor], torch.Tensor]) -> Node:
        """A parameter with the values of that which `node` reads, changed."""
        name = f"{str(node.target).replace('.', '_')}_rewritten"
        if not hasattr(self.model, name):
            # Folding a batch normalisation writes to it as a parameter.
            changed = torch.nn.Parameter(change(self.value(node)), requires_grad=False)
            self.model.register_parameter(name, changed)
        with self.model.graph.inserting_before(self.node):
            made = self.model.graph.get_attr(name)
        made.meta = dict(node.meta)
        made.meta["val"] = change(node.meta["val"])
        return made

    def constant(self, value: torch.Tensor) -> Node:
        """A new buffer of that value."""
        return self._attribute(value, is_parameter=False)

    def parameter_of(self, value: torch.Tensor) -> Node:
        """A new parameter of that value: weights."""
        return self._attribute(value, is_parameter=True)

    def _attribute(self, value: torch.Tensor, *, is_parameter: bool) -> Node:
        index = 0
        while hasattr(self.model, f"written_constant_{index}"):
            index += 1
        name = f"written_constant_{index}"
        if is_parameter:
            parameter = torch.nn.Parameter(value, requires_grad=False)
            self.model.register_parameter(name, parameter)
        else:
            self.model.register_buffer(name, value)
        with self.model.graph.inserting_before(self.node):
            made = self.model.graph.get_attr(name)
        made.meta = dict(self.node.meta)
        fake: Any = self.node.meta["val"]
        made.meta["val"] = fake.fake_mode.from_tensor(value, static_shapes=True)
        return made

    def replace(self, new: Node) -> None:
        """Puts `new` in the node's place."""
        self.node.replace_all_uses_with(new)
        self.model.graph.erase_node(self.node)
