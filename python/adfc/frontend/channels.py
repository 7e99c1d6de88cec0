"""Which tensors of a float graph have the same channels, and the weights that go with them.

A set of channels begins in the layers that compute them, runs through operators that keep channels
apart (activations, pools, sums), and ends in the weights that read them. What is done to a channel
must be done to all of its set: scaled (`equalize`) or removed (`prune`). The two differ in what
they pass: a scale passes functions f with f(s x) = s f(x) alone, and a depthwise convolution may
have another scale in front than behind.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch.fx import GraphModule, Node

from adfc.frontend.emit.operators import activation, identity
from adfc.frontend.locations import source_of
from adfc.frontend.nodes import arguments, is_feature, is_parameter, op_name, shape_of
from adfc.operators import builtin

CONVOLUTIONS = frozenset({"aten.conv2d.default", "aten.conv2d.padding"})
LINEAR = "aten.linear.default"
_NORMS = frozenset({"aten.layer_norm.default", "aten.rms_norm.default"})
_HOMOGENEOUS = frozenset({"aten.relu.default", "aten.relu_.default", "aten.leaky_relu.default"})
_ANY_FUNCTION = activation.FAMILY.targets | builtin.targets("functions")
_POOLS = builtin.targets("max_pooling") | builtin.targets("average_pooling")
_IMAGES = _POOLS | builtin.targets("resize")
_VIEWS = frozenset(
    {
        "aten.flatten.using_ints",
        "aten.view.default",
        "aten.reshape.default",
        "aten.squeeze.default",
        "aten.squeeze.dim",
        "aten.squeeze.dims",
        "aten.unsqueeze.default",
    }
)
_SUMS = frozenset({"aten.add.Tensor", "aten.add_.Tensor", "aten.sub.Tensor", "aten.sub_.Tensor"})
_PRODUCTS = frozenset({"aten.mul.Tensor", "aten.mul_.Tensor"})
_PADS = frozenset({"aten.pad.default", "aten.constant_pad_nd.default"})


@dataclass(frozen=True)
class Place:
    """Where a tensor's channels lie: along `axis`, `run` neighbouring indices each."""

    axis: int
    run: int = 1


@dataclass
class ChannelSet:
    """Channels that tensors have in common.

    `features` are the tensors, with the places of their channels. `producers` compute them: layers
    with weights, and normalisations with a gain. `consumers` are layers whose weights read them,
    with the place in their input; `depthwise` convolutions, where they do not divide sets, read and
    compute them. `bounded` are clamps to [0, number], with the number: they pass a scale that keeps
    what calibration saw below it. `blocked` says why nothing may be done to them, "" where
    something may.
    """

    size: int
    features: dict[Node, Place] = field(default_factory=dict[Node, Place])
    producers: list[Node] = field(default_factory=list[Node])
    consumers: list[tuple[Node, Place]] = field(default_factory=list[tuple[Node, Place]])
    depthwise: list[Node] = field(default_factory=list[Node])
    bounded: dict[Node, float] = field(default_factory=dict[Node, float])
    blocked: str = ""

    @property
    def label(self) -> str:
        """The first layer that computes the channels."""
        nodes = self.producers or list(self.features)
        return source_of(nodes[0]).label

    def block(self, why: str) -> None:
        """Notes why nothing may be done; the first reason stays."""
        self.blocked = self.blocked or why

    def take(self, other: ChannelSet) -> None:
        """Adds all that another set has."""
        self.features |= other.features
        self.producers += other.producers
        self.consumers += other.consumers
        self.depthwise += other.depthwise
        self.bounded |= other.bounded
        self.block(other.blocked)


def channel_sets(model: GraphModule, *, scaling: bool) -> list[ChannelSet]:
    """The sets of a graph whose batch normalisations are folded, in its order.

    `scaling`: sets whose channels may be scaled; else such as may be removed. Sets that nothing
    reads or computes are left out.
    """
    finder = _Finder(model, scaling)
    for node in model.graph.nodes:
        finder.visit(node)
    return [
        found
        for found in finder.sets()
        if found.blocked or (found.producers and (found.consumers or found.depthwise))
    ]


def is_depthwise(node: Node) -> bool:
    """Whether a convolution has one input and one output for each of its groups."""
    groups = arguments(node)["groups"]
    weight = shape_of(arguments(node)["weight"])
    return groups > 1 and tuple(weight[:2]) == (groups, 1)


def weights_of(node: Node) -> list[Node]:
    """The parameters of a layer: weight, and bias where there is one."""
    call = arguments(node)
    return [call[name] for name in ("weight", "bias") if isinstance(call.get(name), Node)]


class _Finder:
    def __init__(self, model: GraphModule, scaling: bool) -> None:
        self._scaling = scaling
        self._readers = Counter[str]()
        for node in model.graph.nodes:
            if is_parameter(node):
                self._readers[str(node.target)] += len(node.users)
        self._of: dict[Node, ChannelSet] = {}

    def sets(self) -> list[ChannelSet]:
        """Each set once."""
        return list({id(found): found for found in self._of.values()}.values())

    def visit(self, node: Node) -> None:
        if node.op == "placeholder":
            self._begin(node, Place(1)).block("they are an input of the model")
        elif node.op == "output":
            self._block_inputs(node, "they are an output of the model")
        elif node.op == "call_function":
            known = all(each in self._of for each in node.all_input_nodes if is_feature(each))
            (self._rule(node) if known else self._unknown)(node)

    def _rule(self, node: Node) -> Callable[[Node], None]:
        """What handles an operator; the first that has its name."""
        name = op_name(node)
        nothing: frozenset[str] = frozenset()
        rules: tuple[tuple[frozenset[str], Callable[[Node], None]], ...] = (
            (CONVOLUTIONS, self._convolution),
            (frozenset({LINEAR}), self._linear),
            (_NORMS if self._scaling else nothing, self._norm),
            (identity.FAMILY.targets | _HOMOGENEOUS, self._same),
            (activation.FAMILY.targets if self._scaling else nothing, self._clamp),
            (_IMAGES | _PADS, self._images),
            (_VIEWS, self._view),
            (_SUMS if self._scaling else _SUMS | _PRODUCTS, self._joined),
            (nothing if self._scaling else _ANY_FUNCTION, self._same),
        )
        return next((rule for names, rule in rules if name in names), self._unknown)

    def _begin(self, node: Node, place: Place) -> ChannelSet:
        shape = shape_of(node)
        size = shape[place.axis] if place.axis < len(shape) else 1
        self._of[node] = ChannelSet(size, {node: place})
        return self._of[node]

    def _place(self, node: Node) -> Place:
        return self._of[node].features[node]

    def _continue(self, source: Node, node: Node, place: Place) -> None:
        found = self._of[source]
        found.features[node] = place
        self._of[node] = found

    def _join(self, one: ChannelSet, other: ChannelSet) -> None:
        if one is other:
            return
        one.take(other)
        self._of.update(dict.fromkeys(other.features, one))

    def _block_inputs(self, node: Node, why: str) -> None:
        for source in node.all_input_nodes:
            if source in self._of:
                self._of[source].block(why)

    def _unknown(self, node: Node) -> None:
        label = source_of(node).label
        self._block_inputs(node, f"'{label}' ({op_name(node)}) needs them as they are")
        if is_feature(node):
            rank = len(shape_of(node))
            place = Place(1 if rank == 4 else max(rank - 1, 0))
            self._begin(node, place).block(f"'{label}' ({op_name(node)}) computes them")

    def _alone(self, node: Node) -> bool:
        """Whether nothing else reads a layer's parameters."""
        return all(
            is_parameter(each) and self._readers[str(each.target)] == 1 for each in weights_of(node)
        )

    def _read(self, node: Node, source: Node, axis: int) -> None:
        """Notes that a layer's weights read its input's channels along `axis`."""
        place = self._place(source)
        grouped = op_name(node) != LINEAR and arguments(node)["groups"] > 1
        if place.axis != axis or (grouped and place.run > 1):
            self._of[source].block(f"'{source_of(node).label}' reads them along another axis")
        self._of[source].consumers.append((node, place))

    def _convolution(self, node: Node) -> None:
        source = arguments(node)["input"]
        if not self._alone(node):
            self._unknown(node)
            return
        if not self._scaling and is_depthwise(node):
            self._continue(source, node, Place(1))
            self._of[node].depthwise.append(node)
            return
        self._read(node, source, 1)
        own = self._begin(node, Place(1))
        own.producers.append(node)
        if arguments(node)["groups"] > 1 and not self._scaling:
            why = f"'{source_of(node).label}' is a convolution in groups"
            self._of[source].block(why)
            own.block(why)

    def _linear(self, node: Node) -> None:
        source = arguments(node)["input"]
        if not self._alone(node):
            self._unknown(node)
            return
        self._read(node, source, len(shape_of(source)) - 1)
        self._begin(node, Place(len(shape_of(node)) - 1)).producers.append(node)

    def _norm(self, node: Node) -> None:
        """Its gain and offset can hold a scale; what it normalises cannot have one."""
        parameters = weights_of(node)
        self._unknown(node)
        if parameters and self._alone(node) and len(arguments(node)["normalized_shape"]) == 1:
            self._begin(node, Place(len(shape_of(node)) - 1)).producers.append(node)

    def _same(self, node: Node) -> None:
        source = node.args[0]
        if not isinstance(source, Node) or source not in self._of or not _one_feature(node):
            self._unknown(node)
            return
        self._continue(source, node, self._place(source))

    def _clamp(self, node: Node) -> None:
        """ReLU6 and its like: from 0 to a bound, which does not move with the scale."""
        low, high = activation.bounds_of(node)
        if low != 0 or not high > 0:
            self._unknown(node)
            return
        self._same(node)
        if not math.isinf(high):
            self._of[node].bounded[node] = high

    def _images(self, node: Node) -> None:
        """Pools, resampling, and padding by zeros: over rows and columns alone."""
        source = node.args[0]
        kept = isinstance(source, Node) and source in self._of
        if not kept or self._place(source) != Place(1) or not _keeps_channels(node):  # type: ignore[arg-type]
            self._unknown(node)
            return
        self._continue(source, node, Place(1))  # type: ignore[arg-type]

    def _view(self, node: Node) -> None:
        source = node.args[0]
        assert isinstance(source, Node)
        found = self._of.get(source)
        place = None
        if found is not None:
            place = _seen_as(shape_of(source), self._place(source), found.size, shape_of(node))
        if place is None:
            self._unknown(node)
            return
        self._continue(source, node, place)

    def _joined(self, node: Node) -> None:
        """Sums and products of features whose channels lie alike, or with a number."""
        left, right = node.args[:2]
        features = [side for side in (left, right) if isinstance(side, Node)]
        number = len(features) == 1 and op_name(node) in _PRODUCTS
        alike = len(features) == 2 and all(side in self._of for side in features)
        if alike:
            ranks = {len(shape_of(side)) for side in features}
            places = {self._place(side) for side in features}
            sizes = {self._of[side].size for side in features}
            alike = len(ranks) == len(places) == len(sizes) == 1
        if not (alike or number) or node.kwargs:
            self._unknown(node)
            return
        if alike:
            self._join(self._of[features[0]], self._of[features[1]])
        self._continue(features[0], node, self._place(features[0]))


def _one_feature(node: Node) -> bool:
    return len(node.all_input_nodes) == 1


def _keeps_channels(node: Node) -> bool:
    call, source = arguments(node), node.args[0]
    assert isinstance(source, Node)
    before, after = shape_of(source), shape_of(node)
    if len(before) != 4 or len(after) < 2 or before[:2] != after[:2]:
        return False
    if op_name(node) in _PADS:
        return call.get("mode", "constant") == "constant" and not call["value"]
    axes = call.get("dim")
    return axes is None or {axis % 4 for axis in axes} <= {2, 3}


def _seen_as(before: Sequence[int], place: Place, size: int, after: Sequence[int]) -> Place | None:
    """Where the channels lie when the same elements are seen under another shape."""
    outer = math.prod(before[: place.axis])
    inner = math.prod(before[place.axis :])
    for axis, extent in enumerate(after):
        same = math.prod(after[:axis]) == outer
        run, rest = divmod(extent, size)
        if same and not rest and run and math.prod(after[axis:]) == inner:
            return Place(axis, run)
    return None


def by_channel(value: Any, place: Place, size: int) -> Any:
    """A tensor as (channels, everything else)."""
    moved = value.movedim(place.axis, 0)
    return moved.reshape(size, -1)
