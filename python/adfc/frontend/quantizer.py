"""The PT2E quantizer: which tensors become int8, and which of them share a scale.

Activations int8 per tensor, weights int8 per output channel, all symmetric. Biases stay float in
the graph and become int32 where TOSA is emitted. Roles come from the operator families.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.fx import GraphModule, Node

from adfc.frontend.emit.operators import family_of
from adfc.frontend.emit.registry import Role
from adfc.frontend.nodes import is_feature
from adfc.frontend.observers import LARGEST_LEVEL, PerChannelWeightObserver, activation_observer
from adfc.frontend.torchao_import import (
    QuantizationAnnotation,
    QuantizationSpec,
    Quantizer,
    SharedQuantizationSpec,
)
from adfc.model_io import INT8_MAX, INT8_MIN
from adfc.quantization import DEFAULT, QuantizationOptions


class Int8Quantizer(Quantizer):
    """Annotates a graph for symmetric int8."""

    def __init__(self, options: QuantizationOptions = DEFAULT) -> None:
        super().__init__()
        power_of_two = options.scales == "pow2"
        self._activation = QuantizationSpec(
            torch.int8,
            activation_observer(options),
            INT8_MIN,
            INT8_MAX,
            torch.per_tensor_symmetric,
        )
        self._weights = [
            QuantizationSpec(
                torch.int8,
                PerChannelWeightObserver.with_args(power_of_two=power_of_two),
                -LARGEST_LEVEL,
                LARGEST_LEVEL,
                torch.per_channel_symmetric,
                ch_axis=axis,
            )
            for axis in (0, 1)
        ]

    def annotate(self, model: GraphModule) -> GraphModule:
        """Writes an annotation on every operator call."""
        for node in model.graph.nodes:
            if node.op == "call_function":
                inputs, output = self._specs(node)
                node.meta["quantization_annotation"] = QuantizationAnnotation(
                    inputs, output, _annotated=True
                )
        return model

    def validate(self, model: GraphModule) -> None:
        """Nothing to do: unsupported operators are refused before quantization."""

    def _specs(self, node: Node) -> tuple[dict[Node, Any], Any]:
        """(specs of the inputs, spec of the output or None) of one operator call."""
        role = _role(node)
        inputs: dict[Node, Any] = {
            source: self._activation for source in node.all_input_nodes if is_feature(source)
        }
        if role is Role.WEIGHTED:
            weights = node.args[1]
            assert isinstance(weights, Node)
            family = family_of(node)
            assert family is not None
            inputs[weights] = self._weights[family.weights_axis]
        if role in (Role.WEIGHTED, Role.ELEMENTWISE):
            return inputs, None if _only_feeds_activation(node) else self._activation
        if role is Role.RESCALING:
            return inputs, self._activation
        source, *others = inputs
        if role is Role.ACTIVATION and _is_fused_into(source):
            return {}, self._activation
        shared = SharedQuantizationSpec((source, node))
        return inputs | dict.fromkeys(others, shared), shared


def _role(node: Node) -> Role | None:
    family = family_of(node)
    return None if family is None else family.role


def _only_feeds_activation(node: Node) -> bool:
    users = list(node.users)
    return len(users) == 1 and _role(users[0]) is Role.ACTIVATION


def _is_fused_into(source: Node) -> bool:
    """Whether an activation that reads `source` is the tail of its producer."""
    return _role(source) in (Role.WEIGHTED, Role.ELEMENTWISE) and _only_feeds_activation(source)
