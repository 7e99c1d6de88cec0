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

    def parameter(self, node: Node, change: Callable[[torch.Tensor], torch.Tensor]) -> Node:
        """A parameter with the values of that which `node` reads, changed."""
        name = f"{str(node.target).replace('.', '_')}_rewritten"
        value: Any = self.model
        for part in str(node.target).split("."):
            value = getattr(value, part)
        if not hasattr(self.model, name):
            # Folding a batch normalisation writes to it as a parameter.
            changed = torch.nn.Parameter(change(value.detach()), requires_grad=False)
            self.model.register_parameter(name, changed)
        with self.model.graph.inserting_before(self.node):
            made = self.model.graph.get_attr(name)
        made.meta = dict(node.meta)
        made.meta["val"] = change(node.meta["val"])
        return made

    def replace(self, new: Node) -> None:
        """Puts `new` in the node's place."""
        self.node.replace_all_uses_with(new)
        self.model.graph.erase_node(self.node)
