"""Models that come quantized: PT2E's quantize and dequantize nodes become notes on float nodes.

What convert_pt2e leaves (post-training or quantization-aware training) is taken apart: weights
become the floats that their levels stand for, each activation's scale is noted on the node whose
value it is, and the graph is a float one again. The quantizer then uses the scales that are noted,
so the levels of weights and activations are the model's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.fx import GraphModule, Node

from adfc.errors import InputError, ModelError
from adfc.frontend.emit.operators import family_of
from adfc.frontend.emit.registry import Role
from adfc.frontend.locations import source_of
from adfc.frontend.nodes import arguments, is_parameter, op_name
from adfc.model_io import INT8_MAX, INT8_MIN

_NAMESPACE = "quantized_decomposed."
_QUANTIZE = _NAMESPACE + "quantize_per_tensor"
_DEQUANTIZE = _NAMESPACE + "dequantize_per_"
_GIVEN, _GIVEN_WEIGHTS = "adfc_given", "adfc_given_weights"
_UNSIGNED_MIDDLE = 128


@dataclass(frozen=True)
class Given:
    """How a model quantizes an activation: real = scale * (level - zero_point), levels int8.

    `low` and `high` are the levels that it uses.
    """

    scale: float
    zero_point: int
    low: int
    high: int

    @property
    def symmetric(self) -> bool:
        """Whether the array can have these levels as they are."""
        return self.zero_point == 0

    @property
    def symmetric_scale(self) -> float:
        """The symmetric scale that clips nothing of the range."""
        reach = max(self.zero_point - self.low, self.high - self.zero_point)
        return self.scale * reach / INT8_MAX


@dataclass(frozen=True)
class GivenWeights:
    """The scales of a constant's int8 levels, one for each index along `axis`."""

    scales: tuple[float, ...]
    axis: int


def take_quantization(model: GraphModule) -> bool:
    """Makes a quantized graph a float one with notes, in place; whether it was quantized.

    Raises ModelError for what cannot be expressed: integers of other widths, or two scales for one
    tensor.
    """
    found = False
    for node in list(model.graph.nodes):
        name = op_name(node) if node.op == "call_function" else ""
        if name.startswith(_NAMESPACE):
            found = True
        if name.startswith(_QUANTIZE) and not is_parameter(node.args[0]):
            _take_activation(model, node)
        elif name.startswith(_DEQUANTIZE) and _of_constant(node):
            _take_constant(model, node)
    if found:
        model.graph.eliminate_dead_code()
        model.recompile()
    return found


def is_prequantized(model: GraphModule) -> bool:
    """Whether `take_quantization` has left notes in a graph."""
    return any(_GIVEN in node.meta or _GIVEN_WEIGHTS in node.meta for node in model.graph.nodes)


def given_weights(node: Node) -> GivenWeights | None:
    """The model's own scales of a constant, where it has some."""
    return node.meta.get(_GIVEN_WEIGHTS)


def check_symmetric(model: GraphModule) -> None:
    """Raises InputError where the model uses zero points, which the array has not."""
    wrong = [
        node
        for node in model.graph.nodes
        if (given := node.meta.get(_GIVEN)) is not None and not given.symmetric
    ]
    if wrong:
        few = ", ".join(source_of(node).label for node in wrong[:4])
        more = f" and {len(wrong) - 4} more" if len(wrong) > 4 else ""
        raise InputError(
            f"the model quantizes {len(wrong)} tensors with a zero point that is not 0: "
            f"{few}{more}",
            hint="quantize activations with torch.per_tensor_symmetric (adfc.Int8Quantizer does), "
            "or pass --requantize (requantize=True) to give these symmetric scales of the same "
            "range",
        )


def given_scales(model: GraphModule) -> Mapping[Node, float]:
    """The scales of activations that the model brings, by node.

    A tensor without one has that of the tensor which shares its scale, before it or after it.
    """
    scales = {
        node: given.scale if given.symmetric else given.symmetric_scale
        for node in model.graph.nodes
        if (given := node.meta.get(_GIVEN)) is not None
    }
    if not scales:
        return scales
    nodes = list(model.graph.nodes)
    for node in reversed(nodes):
        if node in scales and _shares(node):
            for source in node.all_input_nodes:
                if not is_parameter(source) and len(source.users) == 1:
                    scales.setdefault(source, scales[node])
    for node in nodes:
        if _shares(node):
            known = [scales[source] for source in node.all_input_nodes if source in scales]
            if known:
                scales.setdefault(node, known[0])
    return scales


def _shares(node: Node) -> bool:
    family = family_of(node) if node.op == "call_function" else None
    return family is not None and family.role in (Role.SHARED, Role.ACTIVATION)


def _of_constant(node: Node) -> bool:
    source = node.args[0]
    return isinstance(source, Node) and (
        is_parameter(source)
        or (op_name(source).startswith(_NAMESPACE) and is_parameter(source.args[0]))
    )


def _take_activation(model: GraphModule, node: Node) -> None:
    source = node.args[0]
    assert isinstance(source, Node)
    given = _given(model, node)
    if source.meta.setdefault(_GIVEN, given) != given:
        raise _wrong(source, "has two different scales in the model")
    for user in list(node.users):
        if not op_name(user).startswith(_DEQUANTIZE):
            raise _wrong(user, "computes with integers; only quantize and dequantize may")
        user.replace_all_uses_with(source)
        model.graph.erase_node(user)
    model.graph.erase_node(node)


def _given(model: GraphModule, node: Node) -> Given:
    call = arguments(node)
    scale, zero_point = (_number(model, call[key]) for key in ("scale", "zero_point"))
    shift = _UNSIGNED_MIDDLE if call["dtype"] == torch.uint8 else 0
    low, high = int(call["quant_min"]) - shift, int(call["quant_max"]) - shift
    if call["dtype"] not in (torch.int8, torch.uint8) or low < INT8_MIN or high > INT8_MAX:
        raise _wrong(node.args[0], f"is quantized to {call['dtype']}; the array has int8")
    return Given(float(scale), int(zero_point) - shift, low, high)


def _number(model: GraphModule, value: Any) -> float:
    if not isinstance(value, Node):
        return value
    if not is_parameter(value):
        raise _wrong(value, "is a scale that is computed at run time")
    return float(_attribute(model, value))


def _take_constant(model: GraphModule, node: Node) -> None:
    """Weights or a bias: the floats that the levels stand for."""
    call = arguments(node)
    with torch.no_grad():
        value = _evaluate(model, node)
    weights = _weights_of(model, call, value.dim())
    name = f"{str(_root(node).target).replace('.', '_')}_dequantized"
    while hasattr(model, name):
        name += "_"
    model.register_parameter(name, torch.nn.Parameter(value, requires_grad=False))
    with model.graph.inserting_before(node):
        constant = model.graph.get_attr(name)
    constant.meta = dict(node.meta)
    if weights is not None:
        constant.meta[_GIVEN_WEIGHTS] = weights
    node.replace_all_uses_with(constant)
    model.graph.erase_node(node)


def _weights_of(model: GraphModule, call: Mapping[str, Any], rank: int) -> GivenWeights | None:
    """The scales of weights; None for a bias, which gets those of its layer."""
    if rank < 2 or call["dtype"] != torch.int8:
        return None
    if "scales" not in call:
        if _number(model, call["zero_point"]):
            raise _wrong(call["input"], "holds weights with a zero point")
        return GivenWeights((_number(model, call["scale"]),), 0)
    if _attribute(model, call["zero_points"]).any():
        raise _wrong(call["input"], "holds weights with zero points")
    scales = _attribute(model, call["scales"]).flatten().tolist()
    return GivenWeights(tuple(scales), int(call["axis"]))


def _evaluate(model: GraphModule, node: Node) -> torch.Tensor:
    """The value of a node that depends on constants alone."""
    if is_parameter(node):
        return _attribute(model, node).detach()

    def value(source: Node) -> torch.Tensor:
        return _evaluate(model, source)

    target: Any = node.target
    return target(*torch.fx.map_arg(node.args, value), **torch.fx.map_arg(node.kwargs, value))


def _root(node: Node) -> Node:
    while not is_parameter(node):
        source = node.args[0]
        assert isinstance(source, Node)
        node = source
    return node


def _attribute(model: GraphModule, node: Node) -> torch.Tensor:
    value: Any = model
    for part in str(node.target).split("."):
        value = getattr(value, part)
    return value


def _wrong(node: Any, what: str) -> ModelError:
    source = source_of(node)
    place = f" ({source.place})" if source.place else ""
    return ModelError(f"'{source.label}'{place} {what}")
