"""Makes an exported graph functional: what an in-place operator wrote is read from its result.

torch.export keeps `relu_(x)` as it stands; a later reader of `x` means the changed tensor.
Quantization puts nodes in between that break the alias, so it is resolved here.
"""

from __future__ import annotations

from torch.fx import GraphModule, Node

from adfc.errors import UnsupportedOp
from adfc.frontend.locations import source_of
from adfc.frontend.nodes import op_name


def make_functional(model: GraphModule) -> list[UnsupportedOp]:
    """Redirects later readers of a tensor that was written in place to the operator that wrote it.

    Returns the calls for which that cannot be done: the tensor is also read later through a view of
    it, or is an input or a parameter.
    """
    order = {node: position for position, node in enumerate(model.graph.nodes)}
    refused: list[UnsupportedOp] = []
    for node in list(model.graph.nodes):
        written = _written(node)
        if written is None:
            continue
        reason = _hidden_effect(node, written, order)
        if reason:
            refused.append(_refuse(node, reason))
            continue
        for user in list(written.users):
            if order[user] > order[node]:
                user.replace_input_with(written, node)
    model.recompile()
    return refused


def _written(node: Node) -> Node | None:
    """The node whose tensor an in-place operator overwrites; None for any other node."""
    name = op_name(node)
    if node.op != "call_function" or not name.startswith("aten."):
        return None
    in_place = name.split(".")[1].endswith("_") and not name.split(".")[1].endswith("__")
    return node.args[0] if in_place and node.args and isinstance(node.args[0], Node) else None


def _hidden_effect(node: Node, written: Node, order: dict[Node, int]) -> str:
    """Why an in-place write cannot be expressed; empty where it can."""
    if written.op != "call_function":
        return "it overwrites an input or a parameter"
    for alias in _aliases(written):
        if alias is not written and any(order[user] > order[node] for user in alias.users):
            return "it overwrites a tensor that is also read through a view"
    return ""


def _aliases(node: Node) -> set[Node]:
    """All nodes that may share memory with `node`, itself included."""
    found: set[Node] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found.add(current)
        if _shares_input(current):
            waiting.extend(arg for arg in current.args[:1] if isinstance(arg, Node))
        waiting.extend(u for u in current.users if _shares_input(u) and u.args[0] is current)
    return found


def _shares_input(node: Node) -> bool:
    """Whether a node's result may alias its first argument, as its operator's schema says.

    In-place operators are left out: their later readers have been redirected, and an earlier
    alias is judged when the operator itself is. Dropout in inference mode returns its very input.
    """
    if node.op != "call_function" or _written(node) is not None:
        return False
    if "dropout" in op_name(node):
        return True
    schema = getattr(node.target, "_schema", None)
    if schema is None or not schema.arguments:
        return False
    return schema.arguments[0].alias_info is not None or "contiguous" in op_name(node)


def _refuse(node: Node, reason: str) -> UnsupportedOp:
    source = source_of(node)
    hint = "use the out-of-place form"
    return UnsupportedOp(op_name(node), source.module_path, source.place, reason, hint)
