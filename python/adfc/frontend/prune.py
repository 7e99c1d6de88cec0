"""Structured pruning: whole channels are taken out of a float graph, so that layers get smaller.

Channels that several layers share, as along a shortcut, are taken out of all of them or of none.
The weakest go first: those with the least sum of squared weights, each layer's relative to its own
mean (Li et al., ICLR 2017, take magnitudes of filters).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx import GraphModule, Node
from torch.fx.passes.fake_tensor_prop import FakeTensorProp

from adfc.errors import InputError
from adfc.frontend.channels import (
    CONVOLUTIONS,
    LINEAR,
    ChannelSet,
    channel_sets,
    is_depthwise,
    weights_of,
)
from adfc.frontend.nodes import arguments, op_name, tensor_of
from adfc.frontend.parameters import replace_parameter, tensor_at

MULTIPLE = 8
"""Channels that are left are a multiple of this: what a core computes at once."""
_NAMED = 4
_SIZED = frozenset({"aten.view.default", "aten.reshape.default"})


@dataclass(frozen=True)
class Pruning:
    """What pruning did: channels of all sets before and after, weights in bytes of int8.

    `kept` has (a layer, why its channels stay) for each set that may not be touched.
    """

    channels: tuple[int, int]
    weights: tuple[int, int]
    kept: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        (before, after), (heavy, light) = self.channels, self.weights
        share = 1 - light / heavy if heavy else 0.0
        text = (
            f"pruning took {before - after} of {before} channels out; int8 weights: "
            f"{heavy:,} -> {light:,} bytes ({share:.1%} less)"
        )
        if not self.kept:
            return text
        few = "; ".join(f"those of '{layer}': {why}" for layer, why in self.kept[:_NAMED])
        more = f"; and {len(self.kept) - _NAMED} more" if len(self.kept) > _NAMED else ""
        return f"{text}; these channels stay: {few}{more}"


def prune_channels(model: GraphModule, share: float) -> Pruning:
    """Takes out `share` (0..1) of the channels of each set, in place; what is left is a multiple of
    8 channels.

    Raises InputError where nothing can be taken out.
    """
    sets = channel_sets(model, scaling=False)
    free = [found for found in sets if not found.blocked]
    kept = tuple((found.label, found.blocked) for found in sets if found.blocked and _inner(found))
    heavy = _weights(model)
    left = [_left(found.size, share) for found in free]
    result = Pruning((sum(f.size for f in free), sum(left)), (heavy, heavy), kept)
    if result.channels[0] == result.channels[1]:
        why = f": {kept[0][1]} ('{kept[0][0]}')" if kept and not free else ""
        raise InputError(
            f"there are no channels to take out{why}",
            hint=f"layers keep a multiple of {MULTIPLE} channels; prune more, or not at all",
        )
    for found, count in zip(free, left, strict=True):
        if count < found.size:
            _keep(model, found, _strongest(model, found, count))
    _infer_shapes(model)
    model.recompile()
    return Pruning(result.channels, (heavy, _weights(model)), kept)


def _inner(found: ChannelSet) -> bool:
    """Whether channels are neither an input nor an output, which nobody expects to change."""
    return not any(
        node.op == "placeholder" or any(user.op == "output" for user in node.users)
        for node in found.features
    )


def _left(size: int, share: float) -> int:
    """How many of `size` channels stay."""
    wanted = size - int(size * share)
    return min(size, max(1, -(-wanted // MULTIPLE)) * MULTIPLE)


def _layers(model: GraphModule) -> list[Node]:
    return [node for node in model.graph.nodes if op_name(node) in {*CONVOLUTIONS, LINEAR}]


def _weights(model: GraphModule) -> int:
    """Bytes of all layers' int8 weights."""
    return sum(tensor_at(model, arguments(node)["weight"]).numel() for node in _layers(model))


def _strongest(model: GraphModule, found: ChannelSet, count: int) -> torch.Tensor:
    """The `count` strongest channels, in their order."""
    strength = torch.zeros(found.size, dtype=torch.float64)
    for node in (*found.producers, *found.depthwise):
        weights = tensor_at(model, arguments(node)["weight"]).to(torch.float64)
        own = weights.flatten(1).square().sum(dim=1)
        strength += own / own.mean().clamp(min=torch.finfo(torch.float64).tiny)
    return torch.sort(torch.sort(strength, descending=True, stable=True).indices[:count]).values


def _keep(model: GraphModule, found: ChannelSet, kept: torch.Tensor) -> None:
    for node in (*found.producers, *found.depthwise):
        for parameter in weights_of(node):
            replace_parameter(model, parameter, tensor_at(model, parameter)[kept].clone())
        if node in found.depthwise:
            _set_argument(node, "groups", len(kept))
    for node, place in found.consumers:
        weight = arguments(node)["weight"]
        run = torch.arange(place.run)
        indices = (kept[:, None] * place.run + run).flatten()
        replace_parameter(model, weight, tensor_at(model, weight)[:, indices].clone())
    for node, place in found.features.items():
        if op_name(node) in _SIZED:
            sizes: list[Any] = list(node.args[1])  # type: ignore[arg-type]
            if sizes[place.axis] != -1:
                sizes[place.axis] = len(kept) * place.run
            node.args = (node.args[0], sizes)


def _set_argument(node: Node, name: str, value: Any) -> None:
    """Gives a call all its arguments by position, one of them changed."""
    assert is_depthwise(node)
    node.args, node.kwargs = tuple((arguments(node) | {name: value}).values()), {}


def _infer_shapes(model: GraphModule) -> None:
    """Notes anew what shape each node's tensor has."""
    inputs = [tensor_of(node) for node in model.graph.nodes if node.op == "placeholder"]
    samples = [torch.zeros(t.shape, dtype=t.dtype) for t in inputs if t is not None]
    FakeTensorProp(model, FakeTensorMode(allow_non_fake_inputs=True)).propagate(*samples)
