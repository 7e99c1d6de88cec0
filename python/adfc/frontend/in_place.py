"""Finds in-place operators whose effect an exported graph does not show.

torch.export keeps `relu_(x)` and lets all later readers of `x` read its result, but a reader of a
view of `x` still reads the view, which in PyTorch has changed too. Quantization breaks such
aliases, so they are refused.
"""

from __future__ import annotations

from torch.fx import GraphModule, Node

from adfc.errors import UnsupportedOp
from adfc.frontend.locations import source_of
from adfc.frontend.nodes import op_name


def hidden_writes(model: GraphModule) -> list[UnsupportedOp]:
    """The in-place calls that change a tensor which is read later under another name.

    Names are views, the model's inputs, and its parameters.
    """
    order = {node: position for position, node in enumerate(model.graph.nodes)}
    found: list[UnsupportedOp] = []
    for node in model.graph.nodes:
        written = _written(node)
        reason = _hidden_effect(node, written, order) if written is not None else ""
        if reason:
            source = source_of(node)
            hint = "use the out-of-place form"
            found.append(
                UnsupportedOp(op_name(node), source.module_path, source.place, reason, hint)
            )
    return found


def _written(node: Node) -> Node | None:
    """The node whose tensor an in-place operator overwrites; None for any other node."""
    name = op_name(node)
    if node.op != "call_function" or not name.startswith("aten."):
        return None
    operator = name.split(".")[1]
    in_place = operator.endswith("_") and not operator.endswith("__")
    return node.args[0] if in_place and node.args and isinstance(node.args[0], Node) else None


def _hidden_effect(node: Node, written: Node, order: dict[Node, int]) -> str:
    """Why the graph does not show what an in-place write does; empty where it does."""
    aliases = _aliases(written)
    if any(alias.op != "call_function" for alias in aliases):
        return "it overwrites an input or a parameter"
    if any(order[user] > order[node] for alias in aliases for user in alias.users):
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

    In-place operators are left out: each is judged by itself. Dropout in inference mode returns its
    very input.
    """
    if node.op != "call_function" or _written(node) is not None:
        return False
    if "dropout" in op_name(node):
        return True
    schema = getattr(node.target, "_schema", None)
    if schema is None or not schema.arguments:
        return False
    return schema.arguments[0].alias_info is not None or "contiguous" in op_name(node)
