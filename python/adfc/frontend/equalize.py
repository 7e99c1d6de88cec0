"""Cross-layer equalisation: a tensor's channels get ranges alike, and the function stays the same.

Where channel c between two layers is divided by s[c], in the weights and bias that compute it, and
the weights that read it are multiplied by s[c], nothing changes in float (Nagel et al., ICCV 2019,
section 4.1). In int8 a tensor has one scale, so a channel much weaker than the strongest has few
levels. The ranges are those that calibration sees, as in SmoothQuant (Xiao et al., ICML 2023):
weights that compute channels have a scale for each anyway.

A clamp to [0, b], as ReLU6, is passed with care: its bound does not move with the scale. Channels
are only made stronger there, and none so far that a value which calibration saw leaves the bound;
one that reaches it stays as it is. Other inputs are clipped at the channel's own largest value, or
later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch.fx import GraphModule, Node

from adfc.frontend.activations import float_values
from adfc.frontend.channels import LINEAR, ChannelSet, Place, by_channel, channel_sets, weights_of
from adfc.frontend.export import Sample
from adfc.frontend.nodes import arguments, op_name
from adfc.frontend.parameters import replace_parameter, tensor_at

_LARGEST_FACTOR = 2.0**10
"""Of two channels, one is scaled by so much more than the other at most: a dead channel's weights
stay within float's precision of their layer's."""


def equalize(model: GraphModule, samples: Sequence[Sample]) -> int:
    """Changes weights and biases of a float graph; how many sets of channels were scaled."""
    sets = [found for found in channel_sets(model, scaling=True) if not found.blocked]
    ranges = _ranges(model, sets, samples)
    reaches = _reaches(model, sets, samples)
    for found, largest in zip(sets, ranges, strict=True):
        factors = _bounded(found, _factors(model, found, largest), reaches)
        for node in found.producers:
            for parameter in weights_of(node):
                values = tensor_at(model, parameter)
                shape = (-1,) + (1,) * (values.dim() - 1)
                replace_parameter(model, parameter, values / factors.reshape(shape))
        for node, place in found.consumers:
            _scale_inputs(model, node, place, factors)
    model.recompile()
    return len(sets)


def _ranges(
    model: GraphModule, sets: Sequence[ChannelSet], samples: Sequence[Sample]
) -> list[torch.Tensor]:
    """The largest magnitude of each channel of each set, over all its tensors."""
    names = {node.name for found in sets for node in found.features}
    ranges = [torch.zeros(found.size) for found in sets]
    for sample in samples:
        values = float_values(model, sample, names)
        for index, found in enumerate(sets):
            for node, place in found.features.items():
                seen = by_channel(values[node.name], place, found.size).abs().amax(dim=1)
                ranges[index] = torch.maximum(ranges[index], seen)
    return ranges


def _reaches(
    model: GraphModule, sets: Sequence[ChannelSet], samples: Sequence[Sample]
) -> dict[str, torch.Tensor]:
    """The largest value of each channel behind each clamp, by the clamp's name."""
    clamps = {node: found for found in sets for node in found.bounded}
    reaches = {node.name: torch.zeros(found.size) for node, found in clamps.items()}
    for sample in samples if clamps else ():
        values = float_values(model, sample, reaches)
        for node, found in clamps.items():
            seen = by_channel(values[node.name], found.features[node], found.size).amax(dim=1)
            reaches[node.name] = torch.maximum(reaches[node.name], seen)
    return reaches


def _bounded(
    found: ChannelSet, factors: torch.Tensor, reaches: Mapping[str, torch.Tensor]
) -> torch.Tensor:
    """Factors that keep what was seen within the set's clamps: reach / bound to 1."""
    if not found.bounded:
        return factors
    factors = factors / factors.max()
    for node, bound in found.bounded.items():
        factors = torch.maximum(factors, reaches[node.name] / bound)
    return factors.clamp(max=1.0)


def _factors(model: GraphModule, found: ChannelSet, largest: torch.Tensor) -> torch.Tensor:
    """What each channel is divided by; their geometric mean is 1.

    Weights that read each channel alone have a scale for each: all of the range is evened out.
    Others have one scale for all channels that an output reads, so range and weights meet halfway.
    """
    weights = torch.zeros(found.size)
    for node, place in found.consumers:
        weights = torch.maximum(weights, _relative_weights(model, node, place, found.size))
    ratio = largest / weights.sqrt() if _all_depthwise(found) else (largest / weights).sqrt()
    alive = torch.isfinite(ratio) & (ratio > 0)
    if not alive.any():
        return torch.ones(found.size)
    logs = torch.where(alive, ratio, torch.ones_like(ratio)).log2()
    logs = torch.where(alive, logs - logs[alive].mean(), torch.zeros_like(logs))
    bound = torch.tensor(_LARGEST_FACTOR).log2() / 2
    return torch.exp2(logs.clamp(-bound, bound))


def _all_depthwise(found: ChannelSet) -> bool:
    return all(
        op_name(node) != LINEAR and arguments(node)["groups"] == found.size
        for node, _ in found.consumers
    )


def _grouped(model: GraphModule, node: Node, place: Place) -> tuple[torch.Tensor, torch.Size]:
    """Weights as (groups, outputs, inputs, run and kernel), and their shape as they are kept."""
    values = tensor_at(model, arguments(node)["weight"])
    groups = 1 if op_name(node) == LINEAR else arguments(node)["groups"]
    outputs, inputs = values.shape[:2]
    by_input = (groups, outputs // groups, inputs // place.run, -1)
    return values.reshape(by_input), values.shape


def _relative_weights(model: GraphModule, node: Node, place: Place, size: int) -> torch.Tensor:
    """For each channel its largest weight, relative to the largest of the output it goes into."""
    weights, _ = _grouped(model, node, place)
    magnitudes = weights.abs().amax(dim=3)
    rows = magnitudes.amax(dim=2, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny)
    return (magnitudes / rows).amax(dim=1).reshape(size)


def _scale_inputs(model: GraphModule, node: Node, place: Place, factors: torch.Tensor) -> None:
    weights, shape = _grouped(model, node, place)
    scaled = weights * factors.reshape(weights.shape[0], 1, weights.shape[2], 1)
    replace_parameter(model, arguments(node)["weight"], scaled.reshape(shape))
