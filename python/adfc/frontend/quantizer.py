"""The PT2E quantizer: which tensors become int8, and which of them share a scale.

Activations int8 per tensor (int16 in layers chosen for it), weights int8 per output channel, all
symmetric. Biases stay float in the graph and become integers where TOSA is emitted. Roles come from
the operator families.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.fx import GraphModule, Node

from adfc.frontend.emit.operators import family_of
from adfc.frontend.emit.registry import Role
from adfc.frontend.mixed import INT16_LEVELS, WideTensors, choose_wide
from adfc.frontend.nodes import is_feature, is_parameter, op_name
from adfc.frontend.observers import (
    ActivationObserver,
    GivenPerChannelObserver,
    PerChannelWeightObserver,
    activation_observer,
)
from adfc.frontend.prequantized import given_scales, given_weights
from adfc.frontend.torchao_import import (
    FixedQParamsQuantizationSpec,
    QuantizationAnnotation,
    QuantizationSpec,
    Quantizer,
    SharedQuantizationSpec,
)
from adfc.model_io import INT8_MAX, INT8_MIN, INT16_MAX, INT16_MIN
from adfc.quantization import DEFAULT, QuantizationOptions


class Int8Quantizer(Quantizer):
    """Annotates a graph for symmetric int8.

    For prepare_pt2e and prepare_qat_pt2e: with the latter, a batch normalisation behind a
    convolution is not quantized by itself, since convert_pt2e folds it.
    """

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
        # 16 bits have levels enough that nothing need be clipped.
        self._wide_activation = QuantizationSpec(
            torch.int16,
            ActivationObserver.with_args(power_of_two=power_of_two, largest_level=INT16_LEVELS),
            INT16_MIN,
            INT16_MAX,
            torch.per_tensor_symmetric,
        )
        self._mixed = options.mixed_layers
        self._wide = WideTensors()
        self.notes: list[str] = []
        self._given: Mapping[Node, float] = {}
        self._weights = [
            QuantizationSpec(
                torch.int8,
                PerChannelWeightObserver.with_args(
                    power_of_two=power_of_two, largest_level=options.largest_weight
                ),
                -options.largest_weight,
                options.largest_weight,
                torch.per_channel_symmetric,
                ch_axis=axis,
            )
            for axis in (0, 1)
        ]

    def annotate(self, model: GraphModule) -> GraphModule:
        """Writes an annotation on every operator call. Raises as `choose_wide`."""
        self._given = given_scales(model)
        if self._mixed:
            self._wide, note = choose_wide(model, self._mixed)
            self.notes.append(note)
        for node in model.graph.nodes:
            if node.op == "call_function":
                inputs, output = self._specs(node)
                node.meta["quantization_annotation"] = QuantizationAnnotation(
                    inputs, output, _annotated=True
                )
        return model

    def validate(self, model: GraphModule) -> None:
        """Nothing to do: unsupported operators are refused before quantization."""

    def _fixed(self, scale: float | None) -> Any:
        """The spec of activations of one known scale; None where there is none."""
        if scale is None:
            return None
        return FixedQParamsQuantizationSpec(
            torch.int8, scale, 0, INT8_MIN, INT8_MAX, torch.per_tensor_symmetric
        )

    def _specs(self, node: Node) -> tuple[dict[Node, Any], Any]:
        """(specs of the inputs, spec of the output or None) of one operator call."""
        role = _role(node)
        if _is_folded_later(node):
            return {}, None if _only_feeds_activation(node) else self._output_spec(node)
        family = family_of(node)
        given = self._fixed(None if family is None else family.fixed_input)
        inputs: dict[Node, Any] = {
            source: given or self._input_spec(source, node)
            for source in node.all_input_nodes
            if is_feature(source)
        }
        if role is Role.WEIGHTED:
            weights = node.args[1]
            assert isinstance(weights, Node)
            assert family is not None
            inputs[weights] = self._weights_spec(weights, family.weights_axis)
        if role in (Role.WEIGHTED, Role.ELEMENTWISE):
            tail = _only_feeds_activation(node) or _only_feeds_norm(node)
            return inputs, None if tail else self._output_spec(node)
        if role is Role.INDICES:
            return inputs, None
        if role is Role.RESCALING:
            return inputs, self._fixed(
                None if family is None else family.fixed_output
            ) or self._output_spec(node)
        source, *others = inputs
        if role is Role.ACTIVATION and _is_fused_into(source):
            return {}, self._output_spec(node)
        shared = SharedQuantizationSpec((source, node))
        # A constant beside features, as concatenation takes it.
        others += [each for each in node.all_input_nodes if is_parameter(each)]
        return inputs | dict.fromkeys(others, shared), shared

    def _input_spec(self, source: Node, reader: Node) -> Any:
        """The spec of a tensor as `reader` takes it."""
        return self._wide_activation if (source, reader) in self._wide.edges else self._spec(source)

    def _output_spec(self, node: Node) -> Any:
        """The spec of a tensor as `node` makes it."""
        return self._wide_activation if node in self._wide.outputs else self._spec(node)

    def _spec(self, node: Node) -> Any:
        """The spec of an activation: with the model's own scale, or with an observer."""
        scale = self._given.get(node)
        if scale is None:
            return self._activation
        return FixedQParamsQuantizationSpec(
            torch.int8, scale, 0, INT8_MIN, INT8_MAX, torch.per_tensor_symmetric
        )

    def _weights_spec(self, weights: Node, axis: int) -> QuantizationSpec:
        given = given_weights(weights)
        if given is None or (given.axis != axis and len(given.scales) > 1):
            return self._weights[axis]
        return QuantizationSpec(
            torch.int8,
            GivenPerChannelObserver.with_args(scales=given.scales),
            INT8_MIN,
            INT8_MAX,
            torch.per_channel_symmetric,
            ch_axis=axis,
        )


def _role(node: Node) -> Role | None:
    family = family_of(node)
    return None if family is None else family.role


def _only_feeds_activation(node: Node) -> bool:
    users = list(node.users)
    return len(users) == 1 and _role(users[0]) is Role.ACTIVATION


def _only_feeds_norm(node: Node) -> bool:
    users = list(node.users)
    return len(users) == 1 and _is_folded_later(users[0])


def _is_folded_later(node: Node) -> bool:
    """Whether it is a batch normalisation that convert_pt2e folds into the convolution before it.

    Such are left in quantization-aware training alone; prepare_pt2e has folded them by now.
    """
    if node.op != "call_function" or not op_name(node).startswith("aten.batch_norm"):
        return False
    source = node.args[0]
    return (
        isinstance(source, Node)
        and op_name(source).startswith(("aten.conv1d", "aten.conv2d"))
        and len(source.users) == 1
    )


def _is_fused_into(source: Node) -> bool:
    """Whether an activation that reads `source` is the tail of its producer."""
    fusible = _role(source) in (Role.WEIGHTED, Role.ELEMENTWISE) or _is_folded_later(source)
    return fusible and _only_feeds_activation(source)
