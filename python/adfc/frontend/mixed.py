"""int16 activations for chosen layers: which tensors become int16, and which stay int8.

A chosen layer reads int16 where what makes its input can write it, and writes int16. Everybody else
reads int8: the program rescales between the two. What an input of the model, or a layer that has
int8 only, makes is read as int8: it holds no more.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from torch.fx import GraphModule, Node

from adfc.errors import InputError
from adfc.frontend.activations import float_values, isolated_values
from adfc.frontend.emit.operators import family_of
from adfc.frontend.emit.registry import Role
from adfc.frontend.export import Sample
from adfc.frontend.locations import source_of
from adfc.frontend.nodes import is_feature, op_name
from adfc.metrics import Comparison, compare

INT16_LEVELS = 32767
"""The largest level of an int16 activation; the smallest is its negative."""

AUTO_SAMPLES = 4
"""Calibration samples on which `worst_layers` measures."""

_QUANTIZE = "quantized_decomposed.quantize_per_tensor.default"
_DEQUANTIZE = "quantized_decomposed.dequantize_per_tensor.default"


@dataclass(frozen=True)
class WideTensors:
    """`outputs` are nodes whose results are int16, `edges` the (source, reader) that take it."""

    outputs: frozenset[Node] = frozenset()
    edges: frozenset[tuple[Node, Node]] = frozenset()


def choose_wide(model: GraphModule, patterns: Sequence[str]) -> tuple[WideTensors, str]:
    """The int16 tensors for layers whose names fit a pattern, and a note for the user.

    Names are those that `adfc check` prints, patterns as in a shell. Raises InputError for a
    pattern without a layer, and for a layer, or only layers, that have int8 activations alone.
    """
    layers = _layers(model)
    chosen: dict[str, Node] = {}
    for pattern in patterns:
        chosen |= _matching(pattern, layers)
    wide = _spread(chosen.values())
    names = ", ".join(chosen)
    return wide, f"int16 activations in {len(chosen)} layer{'s'[: len(chosen) != 1]}: {names}"


def worst_layers(
    graph: GraphModule, float_graph: GraphModule, samples: Sequence[Sample], count: int
) -> tuple[str, ...]:
    """The `count` layers that lose most by themselves, of those that may be int16; worst first.

    Measured as the column `alone` of `adfc check`, on up to `AUTO_SAMPLES` samples.
    """
    origins = {n.name: _origin(n) for n in graph.graph.nodes if op_name(n) == _QUANTIZE}
    sums: dict[str, Comparison] = {}
    for sample in samples[:AUTO_SAMPLES]:
        names = {origin.name for origin in origins.values()}
        floats = float_values(float_graph, sample, names)
        exact = {quantize: floats[origin.name] for quantize, origin in origins.items()}
        for name, found in isolated_values(graph, sample, exact).items():
            comparison = compare(exact[name].double().numpy().ravel(), found.numpy().ravel())
            sums[name] = sums.get(name, Comparison()) + comparison
    losses: dict[str, float] = {}
    for quantize, comparison in sums.items():
        layer = _head(origins[quantize])
        if layer is not None and _takes_wide(layer):
            losses.setdefault(source_of(layer).label, comparison.sqnr_db)
    return tuple(sorted(losses, key=losses.__getitem__)[:count])


def _layers(model: GraphModule) -> dict[str, list[Node]]:
    """The graph's layers by name; a name may stand for several operators."""
    layers: dict[str, list[Node]] = {}
    for node in model.graph.nodes:
        if family_of(node) is not None:
            layers.setdefault(source_of(node).label, []).append(node)
    return layers


def _matching(pattern: str, layers: Mapping[str, list[Node]]) -> dict[str, Node]:
    """The layers of a pattern that may be int16, by name; a fused activation is part of another."""
    found: dict[str, Node] = {}
    refused: list[Node] = []
    for label, nodes in layers.items():
        if not fnmatchcase(label, pattern):
            continue
        for node in nodes:
            head = _head(node) or node
            if _takes_wide(head) and not _is_view(head):
                found[source_of(head).label] = head
            elif head is node:
                refused.append(node)
    if found:
        return found
    if refused:
        source = source_of(refused[0])
        if _takes_wide(refused[0]):
            raise InputError(
                f"--mixed {pattern}: '{source.label}' ({source.place or 'no source line'}) moves "
                "values only",
                hint="it has int16 where the layers around it do: choose those",
            )
        raise InputError(
            f"--mixed {pattern}: '{source.label}' ({source.place or 'no source line'}) has int8 "
            "activations only",
            hint="convolutions, linear layers, sums of two tensors and averages can have them",
        )
    near = difflib.get_close_matches(pattern, layers, n=3, cutoff=0.3)
    raise InputError(
        f"--mixed {pattern}: the model has no such layer",
        hint=f"take a name that adfc check prints{', such as ' if near else ''}{', '.join(near)}",
    )


def _spread(chosen: Iterable[Node]) -> WideTensors:
    outputs: set[Node] = set()
    edges: set[tuple[Node, Node]] = set()

    def reads(source: Node, reader: Node) -> None:
        """Notes that `reader` takes int16 from `source`, if that can give it."""
        if not _can_give(source):
            return
        outputs.add(source)
        edges.add((source, reader))
        head = _head(source)
        if head is not None and _is_view(head):
            for before in filter(is_feature, head.all_input_nodes):
                reads(before, head)

    for layer in chosen:
        for source in filter(is_feature, layer.all_input_nodes):
            reads(source, layer)
        tail = _tail(layer)
        if any(user.op != "output" for user in tail.users):
            outputs.add(tail)
    return WideTensors(frozenset(outputs), frozenset(edges))


def _can_give(source: Node) -> bool:
    """Whether a tensor may be int16: of a layer that has such, or a view of one."""
    head = _head(source)
    if head is None or not _takes_wide(head):
        return False
    return not _is_view(head) or all(_can_give(n) for n in head.all_input_nodes if is_feature(n))


def _takes_wide(node: Node) -> bool:
    family = family_of(node)
    return family is not None and family.wide(node)


def _is_view(node: Node) -> bool:
    """Whether it moves values only, whatever their width."""
    family = family_of(node)
    return family is not None and family.role is Role.SHARED


def _head(node: Node) -> Node | None:
    """The layer that computes a tensor: of a fused activation, what it is the tail of."""
    family = family_of(node)
    if family is None:
        return None
    if family.role is not Role.ACTIVATION:
        return node
    source = node.args[0]
    if not isinstance(source, Node) or op_name(source) == _DEQUANTIZE or len(source.users) != 1:
        return node
    inner = _head(source)
    fused = inner is not None and _role(inner) in (Role.WEIGHTED, Role.ELEMENTWISE)
    return inner if fused else node


def _tail(layer: Node) -> Node:
    """The node whose result is the layer's: the activation fused into it, or itself."""
    users = list(layer.users)
    fuses = _role(layer) in (Role.WEIGHTED, Role.ELEMENTWISE, Role.ACTIVATION)
    fused = fuses and len(users) == 1 and _role(users[0]) is Role.ACTIVATION
    return _tail(users[0]) if fused else layer


def _role(node: Node) -> Role | None:
    family = family_of(node)
    return None if family is None else family.role


def _origin(node: Node) -> Node:
    while op_name(node) in (_QUANTIZE, _DEQUANTIZE) and isinstance(node.args[0], Node):
        node = node.args[0]
    return node
